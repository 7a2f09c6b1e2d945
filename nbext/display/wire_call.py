"""A call as `WireCall` of `renderers/src/wire/call.ts`. A key that has nothing to say is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..model.call import AttemptFacts, Call, Cost, GatewayFacts, Message, Part, Usage, Verdict

Wire = dict[str, Any]

_MAX_CHUNKS = 500
# From here on a message gets a fold line, which says its size.
_LONG_TEXT = 400
_PRICED = ("listed", "custom", "allocated")


def call_wire(call: Call) -> Wire:
    """Give the `WireCall` of a call, texts whole."""
    usage = call.usage
    last = call.attempts[-1] if call.attempts else None
    return {
        **drop_empty(
            api=call.api,
            url=call.url,
            code=call.status_code,
            endpoint=call.endpoint,
            model=call.model,
            served=call.served_model if call.served_model != call.model else None,
            stream=call.stream or None,
            first=ms_between(call.start_ns, call.first_token_ns),
            chunks=_chunks(call),
            finish=list(call.finish_reasons),
            tokens=tokens_wire(usage),
            cost=_cost(call.cost),
            params=call.params,
        ),
        "messages": [message_wire(message) for message in call.messages],
        "answers": [message_wire(message) for message in call.answers],
        **drop_empty(tools=call.tools),
        "attempts": [_attempt(attempt, call.start_ns) for attempt in call.attempts],
        **drop_empty(
            facts=_facts(call.facts),
            verdict=_verdict(call.verdict),
            request=call.request,
            response=call.response,
            bytes=drop_empty(request=last.request_bytes, response=last.response_bytes) if last else None,
            notes=list(call.notes),
            prompts=list(call.prompts),
        ),
        **({} if call.response_text is None else {"body": call.response_text}),
    }


def drop_empty(**fields: Any) -> Wire:
    """Leave out what is None or empty; numbers and False stay."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {})}


def message_wire(message: Message) -> Wire:
    """Give the `WireMessage`; one text part has the short form."""
    wire: Wire = {"role": message.role}
    parts = message.parts
    if len(parts) == 1 and parts[0].kind == "text":
        wire["text"] = parts[0].text
    elif parts:
        wire["parts"] = [_part(part) for part in parts]
    if message.name:
        wire["name"] = message.name
    characters = sum(len(part.text) for part in parts)
    if characters > _LONG_TEXT:
        wire["tokens"] = characters // 4
    return wire


def _part(part: Part) -> Wire:
    kind = part.kind
    if kind in ("text", "reasoning", "refusal"):
        return {"k": kind, "text": part.text}
    if kind == "tool_call":
        return {"k": kind, **drop_empty(id=part.id), "name": part.name or "", "args": part.text}
    if kind == "tool_result":
        return {
            "k": kind,
            **drop_empty(id=part.id),
            "text": part.text,
            **drop_empty(error=part.is_error or None),
        }
    if kind in ("image", "audio", "file"):
        return {"k": kind, **drop_empty(mime=part.mime_type, bytes=part.size, url=part.url, name=part.name)}
    if kind == "vectors" and isinstance(part.value, dict):
        value = part.value
        return {
            "k": kind,
            "count": value.get("count", 0),
            **drop_empty(dim=value.get("dim"), norm=value.get("norm")),
        }
    return {"k": "json", "value": part.text if part.value is None and part.text else part.value}


def ms_between(start_ns: int, ns: int | None) -> float | None:
    """Milliseconds from one moment to another, both ns; None where the second is not known."""
    return None if ns is None else round((ns - start_ns) / 1e6, 2)


def _chunks(call: Call) -> list[float] | None:
    if not call.stream:
        return None
    times = call.chunk_ns
    if len(times) > _MAX_CHUNKS:
        step = (len(times) - 1) / (_MAX_CHUNKS - 1)
        times = [times[round(i * step)] for i in range(_MAX_CHUNKS)]
    return [round((ns - call.start_ns) / 1e6, 1) for ns in times]


def tokens_wire(usage: Usage) -> Wire:
    """Give the `WireTokens` of what is known."""
    tokens: Wire = {}
    for key, value in (
        ("in", usage.input_tokens),
        ("out", usage.output_tokens),
        ("total", usage.total_tokens),
        ("cached", usage.cached_tokens),
        ("cache_write", usage.cache_write_tokens),
        ("reasoning", usage.reasoning_tokens),
    ):
        if value is not None:
            tokens[key] = value
    if tokens and usage.estimated:
        tokens["est"] = True
    return tokens


def _cost(cost: Cost) -> Wire | None:
    if cost.usd is None or cost.basis not in _PRICED:
        return None
    return {
        "usd": cost.usd,
        "basis": cost.basis,
        **drop_empty(source=cost.source, partial=cost.partial or None),
    }


def _attempt(attempt: AttemptFacts, start_ns: int) -> Wire:
    error = attempt.error_message or attempt.error_type
    if attempt.error_message and attempt.error_type:
        error = f"{attempt.error_type}: {attempt.error_message}"
    return {
        "at": ms_between(start_ns, attempt.start_ns),
        **drop_empty(
            ms=ms_between(attempt.start_ns, attempt.end_ns),
            head=ms_between(attempt.start_ns, attempt.headers_ns),
            code=attempt.status_code,
            error=error,
            retry_after=attempt.retry_after,
            request_id=attempt.request_id,
            headers=dict(attempt.response_headers),
        ),
    }


def _facts(facts: GatewayFacts) -> Wire:
    return drop_empty(
        route=facts.route,
        request_id=facts.request_id,
        client_request_id=facts.client_request_id,
        gateway_trace_id=facts.gateway_trace_id,
        served_model=facts.served_model,
        fallback=facts.fallback or None,
        workspace_id=facts.workspace_id,
        provider=facts.provider,
        server_ms=facts.server_ms,
        tags=dict(facts.tags),
        limits=dict(facts.limits),
        entity=facts.entity,
        requester=facts.requester,
        sampling=facts.sampling,
        truncated=list(facts.truncated),
    )


def _verdict(verdict: Verdict | None) -> Wire | None:
    if verdict is None:
        return None
    return {
        "kind": verdict.kind,
        "title": verdict.title,
        **drop_empty(
            text=list(verdict.text),
            next=verdict.next,
            masked=verdict.masked,
            reason=verdict.reason,
            hide=verdict.hide_input or None,
        ),
    }

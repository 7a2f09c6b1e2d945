"""From what was recorded, or stored, to a `Call`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import redact
from .attempts import attempts_of
from .bodies import Answer, answer_of, request_json, stored_answer, stored_json
from .call import Call, Usage
from .dialects import EMBEDDINGS, UNKNOWN, dialect_of, dialect_of_response, dialect_of_url, has_the_form
from .dialects.base import Answered, Sent, as_dict, as_name
from .dialects.embeddings import with_short_vectors
from .errors import failure_of
from .facts import endpoint_of, facts_of, named_in
from .pricing import cost_of
from .reading import Reading
from .usage import count, estimate, made_by, usage_of
from .verdicts import Evidence, outcome_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .attempt import Attempt
    from .dialects.base import Dialect
    from .redact import Redactor

Json = Any
# APIs whose answers may well be no JSON: a spoken text, an image, what a custom model returns.
_ANY_ANSWER = frozenset({"audio", "images", "unknown"})
# Where requests of the known shapes have what is said to the model.
_CONVERSATIONS = ("messages", "contents", "input", "prompt")


def call_of_attempts(
    attempts: Sequence[Attempt],
    *,
    prices: Mapping[str, Any] | None = None,
    redactor: Redactor | None = None,
    reading: Reading | None = None,
) -> Call:
    """Build a call of its attempts, oldest first; a running one shows what has arrived.

    Secrets are taken out of everything the call holds; the attempts keep their bytes.

    Parameters
    ----------
    attempts : sequence of Attempt
        At least one.
    prices : mapping, optional
        The user's price table, see `nbext.model.pricing.cost_of`.
    redactor : Redactor, optional
        Default: the known shapes of keys.
    reading : Reading, optional
        Of the last attempt, kept between looks at a running stream.

    Raises
    ------
    ValueError
        No attempts were given.
    """
    if not attempts:
        raise ValueError("a call has at least one attempt, got none")
    redactor = redactor or redact.DEFAULT
    first, last = attempts[0], attempts[-1]
    request, note = request_json(last, redactor)
    asked = dialect_of(last.url, None, request)
    if reading is None or reading.attempt is not last:
        reading = Reading(last, asked)
    call = Call(
        call_id=first.call_id,
        trace_id=first.trace_id,
        start_ns=first.start_ns,
        end_ns=last.end_ns,
        parent_span_id=first.parent_span_id,
        capture_id=last.capture_id or None,
        status_code=last.status_code,
        url=redactor.url(last.url),
    )
    answer = answer_of(reading.body(), redactor, ended=call.end_ns is not None)
    if note:
        call.notes.append(note)
    if answer.streamed:
        call.chunk_ns = list(last.piece_ns)
        call.first_token_ns = answer.first_ns
    call.attempts = attempts_of(attempts, answer, redactor)
    raised = None if last.error is None else (last.error[0], redactor.text(last.error[1]))
    _fill(
        call,
        asked,
        request=request,
        answer=answer,
        evidence=Evidence(outcome=last.outcome, raised=raised),
        request_headers=call.attempts[-1].request_headers,
        response_headers=call.attempts[-1].response_headers,
        prices=prices,
    )
    if _served_otherwise(call):
        call.facts.fallback = True
    if any(attempt.inner_retries for attempt in attempts):
        call.notes.append("Some retries were made inside the HTTP library; their times are not known.")
    return call


def call_of_bodies(
    *,
    call_id: str,
    trace_id: str,
    start_ns: int,
    end_ns: int | None,
    request: bytes | str | Json,
    response: bytes | str | Json,
    status_code: int | None = None,
    url: str = "",
    api: str | None = None,
    stream: bool | None = None,
    route: str | None = None,
    response_headers: Mapping[str, str] | None = None,
    prices: Mapping[str, Any] | None = None,
    redactor: Redactor | None = None,
) -> Call:
    """Build a call of stored bodies: an inference-table row, an MLflow span.

    Parameters
    ----------
    request, response : bytes, str, parsed JSON or None
        A response may be one JSON answer, a list of chunks, the text of server-sent events, the
        events of the Responses API, or None when it was not stored.
    status_code : int, optional
        HTTP status, when known.
    url, api : str, optional
        Either tells the dialect; without both the bodies' own shape does. `api` may be ours
        (``chat.completions``), a path (``mlflow/v1/chat/completions``) or a task (``llm/v1/chat``).
    stream : bool, optional
        True when the answer is known to have been streamed.
    route : str, optional
        The gateway, where the store tells it and the URL does not.
    """
    redactor = redactor or redact.DEFAULT
    sent = stored_json(request, redactor)[0]
    asked = dialect_of(url, api, sent)
    call = Call(
        call_id=call_id,
        trace_id=trace_id,
        start_ns=start_ns,
        end_ns=end_ns,
        status_code=status_code,
        url=redactor.url(url),
        stream=bool(stream),
    )
    _fill(
        call,
        asked,
        request=sent,
        answer=stored_answer(response, asked, redactor),
        evidence=Evidence(),
        request_headers={},
        response_headers=redactor.headers({k.lower(): v for k, v in (response_headers or {}).items()}),
        prices=prices,
        guessed=dialect_of_url(url, api) is None,
        route=route,
    )
    return call


def _fill(
    call: Call,
    asked: Dialect,
    *,
    request: Json,
    answer: Answer,
    evidence: Evidence,
    request_headers: Mapping[str, str],
    response_headers: Mapping[str, str],
    prices: Mapping[str, Any] | None,
    guessed: bool | None = None,
    route: str | None = None,
) -> None:
    """Fill a call from its parsed and redacted bodies."""
    if guessed is None:
        guessed = dialect_of_url(call.url) is None
    dialect = answer.dialect or dialect_of_response(answer.value) or asked
    response = with_short_vectors(answer.value) if dialect is EMBEDDINGS else answer.value
    call.api = dialect.api
    call.request, call.response, call.response_text = request, response, answer.text
    call.model = as_name(as_dict(request).get("model")) or named_in(call.url)
    call.endpoint = endpoint_of(call.url, call.model, route)
    call.stream = call.stream or answer.streamed or as_dict(request).get("stream") is True
    call.notes += answer.notes
    sent = _sent(dialect if guessed else asked, asked, request, call)
    call.messages, call.tools, call.params = sent.messages, sent.tools, sent.params
    answered = _answered(dialect, response, call)
    call.answers, call.finish_reasons = answered.answers, answered.finish_reasons
    if answer.media is not None:
        call.answers = [answer.media]
    call.facts = facts_of(
        call.url,
        request=request,
        response=response,
        request_headers=request_headers,
        response_headers=response_headers,
        model=call.model,
        route=route,
    )
    call.served_model = call.facts.served_model
    call.usage = _usage(call, answered.usage, answer, response_headers)
    if call.end_ns is not None or not call.attempts:
        _judge(call, answer, response, evidence)
    call.cost = cost_of(
        call.usage,
        model=call.model,
        endpoint=call.endpoint,
        provider=call.facts.provider,
        at_ns=call.start_ns,
        prices=prices,
        databricks=call.facts.route in ("serving", "unity"),
        served=(call.served_model, as_name(as_dict(response).get("model"))),
    )
    if call.cost.usd is not None and call.status == "interrupted":
        call.cost.partial = True


def _judge(call: Call, answer: Answer, response: Json, evidence: Evidence) -> None:
    """Tell how the call ended."""
    evidence.response, evidence.text = response, answer.text
    evidence.streamed, evidence.whole, evidence.done = answer.streamed, answer.whole, answer.done
    evidence.arrived, evidence.damaged = answer.arrived, answer.damaged
    evidence.undecodable = answer.undecodable
    evidence.json_expected = call.api not in _ANY_ANSWER and answer.media is None and not answer.cut
    outcome = outcome_of(call, evidence)
    call.status, call.verdict = outcome.status, outcome.verdict
    call.error_type, call.error_message = outcome.error_type, outcome.error_message
    call.notes += outcome.notes
    if call.status == "ok" and not (call.answers or answer.streamed):
        _show_as_it_came(call, response)


def _show_as_it_came(call: Call, response: Json) -> None:
    """Show JSON that is not what the API answers, since nothing else is there to be seen."""
    if response is None or has_the_form(call.api, response):
        return
    call.answers = UNKNOWN.answered(response).answers
    call.notes.append(f"The answer is JSON, but not what {call.api} answers; it is shown as it came.")


def _sent(dialect: Dialect, asked: Dialect, request: Json, call: Call) -> Sent:
    """Read the request as the API that answered, else as the one asked for, else as it is."""
    sent = Sent()
    for reader in dict.fromkeys((dialect, asked, UNKNOWN)):
        try:
            sent = reader.sent(request)
        except Exception as error:
            # A shape nobody thought of must not take the call out of the view.
            call.notes.append(f"The request could not be read as {reader.api}: {type(error).__name__}.")
        if sent.messages or request is None or _says_nothing(request):
            break
    return sent


def _says_nothing(request: Json) -> bool:
    """Tell a request of a known shape with an empty conversation from one of another shape."""
    return type(request) is dict and any(request.get(name) in ([], "") for name in _CONVERSATIONS)


def _answered(dialect: Dialect, response: Json, call: Call) -> Answered:
    """Read an answer; of an error only the usage, which a guardrail puts inside the message."""
    if call.status_code is not None and call.status_code >= 400:
        failure = failure_of(response)
        inside = None if failure is None else failure.guardrail
        return Answered(usage=as_dict(inside or response).get("usage"))
    try:
        return dialect.answered(response)
    except Exception as error:
        call.notes.append(f"The answer could not be read as {dialect.api}: {type(error).__name__}.")
        return UNKNOWN.answered(response)


def _usage(call: Call, raw: Json, answer: Answer, headers: Mapping[str, str]) -> Usage:
    """Tokens as told; estimated for a stream that told none, or was stopped before it did."""
    usage = usage_of(raw)
    if usage.input_tokens is None and usage.output_tokens is None:
        usage.input_tokens = count(headers.get("x-amzn-bedrock-input-token-count"))
        usage.output_tokens = count(headers.get("x-amzn-bedrock-output-token-count"))
        if usage.input_tokens is not None:
            usage.total_tokens = usage.input_tokens + (usage.output_tokens or 0)
    if answer.streamed and usage.output_tokens is None and call.api not in ("embeddings", "unknown"):
        usage.output_tokens = made_by(call.answers)
        usage.estimated = True
        if usage.input_tokens is None:
            usage.input_tokens = estimate(call.messages, call.tools)
        usage.total_tokens = usage.input_tokens + usage.output_tokens
    return usage


def _served_otherwise(call: Call) -> bool:
    """Tell whether a later attempt was served by another model than an earlier one."""
    served = {
        a.response_headers["served-model-name"]
        for a in call.attempts
        if "served-model-name" in a.response_headers
    }
    return len(served) > 1

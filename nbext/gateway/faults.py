"""Faults on demand, by endpoint name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import denial, privacy
from .exchange import Answer, Piece, Routing
from .wire import sse
from .wire.errors import error, nested

if TYPE_CHECKING:
    from collections.abc import Callable

    from .answering import Answering, Task

Json = dict[str, Any]


def _refused(task: Task, status: int, body: Json, wait_s: float = 0.004) -> Answer:
    answer = Answer(status, [Piece(sse.compact(body).encode(), wait_s)], whole=body)
    answer.routing = [Routing(task.entity, status)]
    return answer


def too_many_requests(task: Task, _answering: Answering) -> Answer:
    """Refuse always with 429, in the words of a foundation model's limit."""
    message = (
        f"REQUEST_LIMIT_EXCEEDED: Exceeded workspace QPS rate limit for {task.endpoint.name}. "
        "Please use a provisioned throughput Foundation Model APIs endpoint for a higher rate limit."
    )
    return _refused(task, 429, error("REQUEST_LIMIT_EXCEEDED", message))


def too_many_at_first(task: Task, answering: Answering) -> Answer:
    """Refuse a few times with 429, then answer."""
    if answering.refusals.refuses(task.exchange):
        return too_many_requests(task, answering)
    return task.answer()


def guardrail(task: Task, answering: Answering) -> Answer:
    """Hold back before the model sees it: HTTP 400 on route A, a service policy's denial on route B."""
    if task.exchange.surface.route == "B":
        return policy(task, answering)
    inner = {
        "usage": {"prompt_tokens": 0, "total_tokens": 0},
        "input_guardrail": [privacy.verdict(task.prompt)],
        "finishReason": "input_guardrail_triggered",
    }
    return _refused(task, 400, nested("BAD_REQUEST", inner), 0.06)


def guardrail_output(task: Task, answering: Answering) -> Answer:
    """Hold back what the model answered. The body follows the input form; its exact shape is unverified."""
    if task.exchange.surface.route == "B":
        return policy_output(task, answering)
    tokens = task.reply().tokens
    verdict = {
        "flagged": True,
        "categories": {"privacy": True},
        "category_scores": None,
        "pii_detection": True,
    }
    inner = {
        "usage": {"prompt_tokens": tokens.input, "total_tokens": tokens.total},
        "output_guardrail": [verdict],
        "finishReason": "output_guardrail_triggered",
    }
    return _refused(task, 400, nested("BAD_REQUEST", inner), 0.3)


def mask(task: Task, _answering: Answering) -> Answer:
    """Answer with status 200 and personal data masked."""
    reply = task.reply()
    for choice in reply.choices:
        choice.text = f"You wrote: {privacy.mask(task.prompt.question)}\n\n{privacy.mask(choice.text)}"
    return task.answer(reply=reply)


def policy(task: Task, answering: Answering) -> Answer:
    """Deny by a service policy before the call: HTTP 200 with the gateway's own text and no tokens."""
    if task.exchange.surface.route == "A":
        return guardrail(task, answering)
    return denial.answer(task, "pre_call", privacy.reason(task.prompt))


def policy_output(task: Task, answering: Answering) -> Answer:
    """Deny by a service policy after the call: HTTP 200, with the tokens that were used."""
    if task.exchange.surface.route == "A":
        return guardrail_output(task, answering)
    return denial.answer(task, "post_call", privacy.reason(task.prompt), tokens=task.reply().tokens)


def budget(task: Task, _answering: Answering) -> Answer:
    """Refuse with 403: the budget is used up."""
    message = (
        f'Budget "team-nlp" ({_BUDGET_ID}) has reached its limit of $0.05. '
        "To continue, contact an admin to raise the limit."
    )
    answer = _refused(task, 403, error("PERMISSION_DENIED", message))
    answer.routing = []
    return answer


def fallback(task: Task, _answering: Answering) -> Answer:
    """Let the second model answer, for the first is over its limit."""
    first, second = task.endpoint.entities[:2]
    answer = task.answer(second)
    lost = 0.03
    answer.pieces[0].wait_s += lost
    answer.routing = [Routing(first, 429, lost), *answer.routing]
    return answer


def bad_request(task: Task, _answering: Answering) -> Answer:
    """Refuse with 400 as the provider does: its error is JSON inside the message."""
    inner = {
        "external_model_provider": "openai",
        "external_model_error": {
            "error": {
                "message": "Invalid value for 'temperature': must be between 0 and 2.",
                "type": "invalid_request_error",
                "param": "temperature",
                "code": None,
            }
        },
    }
    return _refused(task, 400, nested("BAD_REQUEST", inner), 0.08)


def internal_error(task: Task, _answering: Answering) -> Answer:
    """Fail with 500, which clients repeat."""
    return _refused(
        task, 500, error("INTERNAL_ERROR", "The server received an internal error. Please try again.")
    )


def disconnect(task: Task, _answering: Answering) -> Answer:
    """Drop the connection half-way through the answer."""
    answer = task.answer()
    answer.broken = True
    if answer.stream:
        half = max(1, len(answer.pieces) // 2)
        answer.pieces, answer.events = answer.pieces[:half], answer.events[:half]
    else:
        body = answer.body
        answer.announced_length = len(body)
        answer.pieces = [Piece(body[: len(body) // 2], answer.pieces[0].wait_s)]
    answer.whole = None
    return answer


def no_done(task: Task, _answering: Answering) -> Answer:
    """End a stream with no finish reason and no end mark."""
    answer = task.answer()
    if answer.stream:
        keep = max(1, len(answer.events) - 1)
        answer.pieces, answer.events = answer.pieces[:keep], answer.events[:keep]
    return answer


def malformed(task: Task, _answering: Answering) -> Answer:
    """Send JSON that stops in the middle; in a stream after a few good events."""
    answer = task.answer()
    keep = min(6, len(answer.pieces)) if answer.stream else 1
    answer.pieces, answer.events, answer.whole = answer.pieces[:keep], answer.events[: keep - 1], None
    last = answer.pieces[-1]
    cut = last.data[: len(last.data) * 2 // 3]
    answer.pieces[-1] = Piece(cut + b"\n\n" if answer.stream else cut, last.wait_s)
    return answer


def malformed_utf8(task: Task, _answering: Answering) -> Answer:
    """Send text with bytes that are not UTF-8."""
    reply = task.reply()
    for choice in reply.choices:
        choice.text = f"\u00a7 {choice.text}"
    answer = task.answer(reply=reply)
    answer.pieces = [
        Piece(piece.data.replace("§".encode(), b"\xff\xfe"), piece.wait_s) for piece in answer.pieces
    ]
    return answer


def html_page(task: Task, _answering: Answering) -> Answer:
    """Answer with a web page, as a proxy in between may."""
    page = b"<!doctype html><title>Sign in</title><body><h1>Sign in to continue</h1></body>"
    answer = _refused(task, 200, {})
    answer.pieces, answer.content_type, answer.whole = [Piece(page, 0.01)], "text/html; charset=utf-8", None
    return answer


def empty(task: Task, _answering: Answering) -> Answer:
    """Send status 200 and nothing else."""
    answer = _refused(task, 200, {})
    answer.pieces, answer.whole = [Piece(b"", 0.01)], None
    return answer


def stream_error(task: Task, answering: Answering) -> Answer:
    """End a stream that began with 200 in an error event; answer 500 when it is not a stream."""
    if not task.exchange.stream:
        return internal_error(task, answering)
    answer = task.answer()
    half = max(1, len(answer.events) // 2)
    answer.events = [
        *answer.events[:half],
        {"error": error("INTERNAL_ERROR", "The model stopped answering.")},
    ]
    last = Piece(sse.data(answer.events[-1]))
    answer.pieces, answer.whole = [*answer.pieces[:half], last], None
    return answer


def error_200(task: Task, _answering: Answering) -> Answer:
    """Send status 200 with an error as the whole body."""
    body = {
        "error": {"message": "The upstream model is not available.", "type": "server_error", "code": None}
    }
    return _refused(task, 200, body)


def huge(task: Task, _answering: Answering) -> Answer:
    """Answer with more than inference tables keep."""
    reply = task.reply()
    text = reply.choices[0].text or "All right."
    times = task.options.huge_bytes // (len(text.encode()) + 2) + 1
    reply.choices[0].text = "\n\n".join([text] * times)
    reply.tokens.output *= times
    return task.answer(reply=reply, at_once=True)


_BUDGET_ID = "6c1d5a52-8f0e-4c4b-9b7e-1f0f7a2f6f11"

FAULTS: dict[str, Callable[[Task, Answering], Answer]] = {
    "demo-429": too_many_requests,
    "demo-429-then-ok": too_many_at_first,
    "demo-guardrail": guardrail,
    "demo-guardrail-output": guardrail_output,
    "demo-mask": mask,
    "demo-policy": policy,
    "demo-policy-output": policy_output,
    "demo-budget": budget,
    "demo-fallback": fallback,
    "demo-400": bad_request,
    "demo-500": internal_error,
    "demo-disconnect": disconnect,
    "demo-no-done": no_done,
    "demo-malformed": malformed,
    "demo-malformed-utf8": malformed_utf8,
    "demo-html": html_page,
    "demo-empty": empty,
    "demo-stream-error": stream_error,
    "demo-200-error": error_200,
    "demo-huge": huge,
}

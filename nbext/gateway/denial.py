"""A service policy's denial on route B: it looks like an answer, with status 200."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .answers.reply import Choice, Reply, Tokens
from .exchange import Answer, Piece, Routing
from .wire import sse
from .wire.dialects import DIALECTS, ENCODERS, WITH_DONE, Dialect

if TYPE_CHECKING:
    from .answering import Task
    from .endpoints import Family

_POLICY = "PII"


def answer(task: Task, phase: str, reason: str, *, tokens: Tokens | None = None) -> Answer:
    """Write a denial. No backend is called before it (``pre_call``), so it has no routing then."""
    what = "request" if phase == "pre_call" else "response"
    text = f"This {what} was blocked by the '{_POLICY}' service policy."
    verdict = {"name": _POLICY, "action": "deny", "phase": phase, "reason": reason}
    choice = Choice(text, finish="content_filter")
    reply = Reply("databricks-guardrail-block", "", 0, [choice], tokens or Tokens())
    dialect: Dialect = DIALECTS[task.api]
    family: Family = "llama"
    denied = Answer(
        tokens=tokens or Tokens(), denied=True, whole=_with(dialect.answer(reply, family), verdict)
    )
    denied.routing = [Routing(task.entity, 200)] if tokens else []
    if not task.exchange.stream:
        denied.pieces = [Piece(sse.compact(denied.whole).encode(), 0.05)]
        return denied
    denied.stream, denied.content_type = True, "text/event-stream; charset=utf-8"
    denied.events = dialect.events(reply, family)
    denied.events[-1] = _with(denied.events[-1], verdict)
    denied.pieces = [Piece(ENCODERS[task.api](event)) for event in denied.events]
    denied.pieces[0].wait_s = 0.05
    if task.api in WITH_DONE:
        denied.pieces.append(Piece(sse.DONE))
    return denied


def _with(body: dict[str, Any], verdict: dict[str, str]) -> dict[str, Any]:
    # A denial has no "model" key.
    kept = {key: value for key, value in body.items() if key != "model"}
    return {**kept, "databricks_service_policy": verdict}

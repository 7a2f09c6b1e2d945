"""How the client saw a call end, put into the call that stored bodies give."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ...model.verdicts import Evidence
from ...model.verdicts.connection import connection_verdict, interrupted_verdict

if TYPE_CHECKING:
    from ...model.call import Call, Status
    from ...model.redact import Redactor

_STATUSES = ("ok", "error", "blocked", "rate_limited", "interrupted")


def as_seen(
    call: Call, status: str | None, error_type: str | None, message: str | None, *, redactor: Redactor
) -> None:
    """Let a call have ended as the client saw it, where its bodies say something else or nothing.

    Parameters
    ----------
    call : Call
        Of stored bodies.
    status, error_type, message : str, optional
        As the columns of the calls frame; a status that is none changes nothing.
    redactor : Redactor
    """
    if status not in _STATUSES or (status, error_type) == (call.status, call.error_type):
        return
    message = None if message is None else redactor.text(message)
    call.status, call.error_type, call.error_message = cast("Status", status), error_type, message
    arrived = call.response is not None or bool(call.response_text)
    if status == "interrupted":
        call.verdict = interrupted_verdict(call, Evidence(outcome="cancelled", arrived=arrived))
        call.cost.partial = call.cost.usd is not None
    elif status == "error":
        call.verdict = connection_verdict(call, error_type or "error", message or "", arrived=arrived)
    elif status == "ok":
        call.verdict = None

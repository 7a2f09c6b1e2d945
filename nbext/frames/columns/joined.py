"""Columns of the frame of a join: a row is a call and a row of the gateway's table, or a call without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..column import Column

if TYPE_CHECKING:
    from ...model.call import AttemptFacts, Call
    from ...model.server import ServerHalf


@dataclass(slots=True)
class JoinedRow:
    """A client call beside what the gateway logged of it.

    `half` is of this row; `whole` is of the call: how it was found. `attempt` is the client's.
    """

    call: Call
    whole: ServerHalf
    half: ServerHalf
    attempt: AttemptFacts | None
    note: str | None

    @property
    def client_ms(self) -> float | None:
        """What the client waited for this row's request: its attempt, else the whole call."""
        start, end = (
            (self.attempt.start_ns, self.attempt.end_ns)
            if self.attempt is not None
            else (self.call.start_ns, self.call.end_ns)
        )
        return None if end is None else (end - start) / 1e6


def _network(row: JoinedRow) -> float | None:
    """Client minus server; nothing can be said where several attempts are in the client's time.

    Nor where the client did not wait for the end: the gateway may have gone on without it.
    """
    if row.attempt is None and len(row.call.attempts) > 1:
        return None
    if row.call.status == "interrupted" or (row.attempt is not None and row.attempt.status_code is None):
        return None
    client, server = row.client_ms, row.half.duration_ms
    return None if client is None or server is None else client - server


def _fallback(row: JoinedRow) -> bool | None:
    """Tell of a fallback; without the gateway's attempts, that there was none is not known."""
    return True if row.half.fallback else (False if row.half.attempts else None)


JOINED: list[Column] = [
    Column("capture_id", "call.capture_id", "string", doc="the execution of a cell, or the `with` block"),
    Column("trace_id", "call.trace_id", "string", doc="W3C trace id"),
    Column("call_id", "call.call_id", "string", doc="the client call"),
    Column("attempt", "attempt.number", "Int64", doc="attempt of the call this row logs, 0 for the first"),
    Column(
        "state",
        "half.state",
        "category",
        doc="pending: the row is not here yet",
        categories=("matched", "pending"),
    ),
    Column("note", "note", "string", doc="of a pending call: what is known of why"),
    Column("key", "whole.key", "category", doc="what both ends have in common, as the client calls it"),
    Column("key_column", "whole.key_column", "category", doc="the same as the table calls it"),
    Column("request_id", "half.request_id", "string", doc="the gateway's id of the request"),
    Column("start_time", "call.start_ns", "datetime", doc="of the call, by the kernel's clock"),
    Column("received_time", "half.start_ns", "datetime", doc="by the gateway's clock; the two may differ"),
    Column("status", "call.status", "category", doc="of the call, as the client saw it"),
    Column("server_status_code", "half.status_code", "Int64", doc="HTTP status the gateway logged"),
    Column("client_ms", "client_ms", "Float64", "ms", "what the client waited for this request"),
    Column("server_ms", "half.duration_ms", "Float64", "ms", "duration the gateway logged"),
    Column("network_ms", _network, "Float64", "ms", "client minus server: network and queue, both ways"),
    Column("ttfb_ms", "half.ttfb_ms", "Float64", "ms", "to the first byte, as the gateway measured it"),
    Column("ttft_ms", "call.ttft_ms", "Float64", "ms", "to the first token, as the client saw it"),
    Column("endpoint", lambda r: r.half.endpoint or r.call.endpoint, "string", doc="serving endpoint"),
    Column("entity", "half.entity", "string", doc="served entity or destination that answered"),
    Column("server_model", "half.model", "string", doc="the model behind it"),
    Column(
        "fallback",
        _fallback,
        "boolean",
        doc="another destination than the first answered; NA where the gateway's attempts are not known",
    ),
    Column(
        "server_attempts",
        lambda r: len(r.half.attempts) or None,
        "Int64",
        doc="destinations the gateway tried; NA without access to its usage table",
    ),
    Column("requester", "half.requester", "string", doc="user or service principal"),
    Column("server_input_tokens", "half.usage.input_tokens", "Int64", "tokens", "as the gateway counted"),
    Column("server_output_tokens", "half.usage.output_tokens", "Int64", "tokens", "as the gateway counted"),
    Column("sampling", "half.sampling", "Float64", doc="share of the requests that are logged"),
    Column(
        "truncated",
        lambda r: ", ".join(r.half.truncated) or None,
        "string",
        doc="logging_error_codes: bodies that were not kept",
    ),
    Column("lag_ms", "whole.lag_ms", "Float64", "ms", "from the end of the call to the row being readable"),
]

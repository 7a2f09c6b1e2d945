"""The gateway's half of a call: what its tables say of the same request, once they have been joined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .call import Usage

# Of a row that is looked for: never "missing", for the tables lag.
NOT_YET = "not here yet (normal lag up to 1 h)"


@dataclass(slots=True)
class ServerAttempt:
    """One attempt the gateway made at a destination: ``routing_information.attempts[]`` of its usage table.

    ``ms`` is milliseconds, ``start_ns`` ns since the epoch.
    """

    priority: str | None = None
    action: str | None = None
    destination: str | None = None
    destination_id: str | None = None
    status_code: int | None = None
    error_code: str | None = None
    ms: float | None = None
    start_ns: int | None = None


@dataclass(slots=True)
class ServerHalf:
    """What the gateway logged of a call.

    Parameters
    ----------
    state : {"matched", "pending"}
        ``pending``: looked for and not here yet; the tables lag.
    table : str, optional
        Where the row was looked for.
    looked_ns : int, optional
        When it was last looked for, ns since the epoch.
    note : str, optional
        Of a pending one: what more than the lag is known.
    key, key_column, key_table : str, optional
        What the two halves have in common: ``x-request-id`` here is ``request_id`` of a table there.
    rows : int
        Rows that belong to the call; retries have one each.
    lag_ms : float, optional
        From the end of the call to the row being readable, when two looks enclosed that moment.
    start_ns : int, optional
        The gateway's clock at the request's arrival, ns since the epoch.
    duration_ms, ttfb_ms : float, optional
    entity, entity_id, model : str, optional
        Served entity or destination by name and id; the model behind it.
    shares : list of dict
        ``{"name", "percent", "type", "fallback"}`` of the configured destinations.
    sampling : float, optional
        Share of the rows that are kept.
    truncated : list of str
        ``logging_error_codes``.
    earlier : list of ServerHalf
        The rows of the earlier attempts of a retried call, in their order.
    missing : list of str
        What could not be read, and how it could: which grant is missing.
    """

    state: Literal["matched", "pending"] = "pending"
    table: str | None = None
    looked_ns: int | None = None
    note: str | None = None
    key: str | None = None
    key_column: str | None = None
    key_table: str | None = None
    rows: int = 0
    lag_ms: float | None = None
    request_id: str | None = None
    status_code: int | None = None
    start_ns: int | None = None
    duration_ms: float | None = None
    ttfb_ms: float | None = None
    entity: str | None = None
    entity_id: str | None = None
    model: str | None = None
    endpoint: str | None = None
    fallback: bool = False
    attempts: list[ServerAttempt] = field(default_factory=list)
    shares: list[dict[str, Any]] = field(default_factory=list)
    requester: str | None = None
    requester_type: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    usage: Usage | None = None
    sampling: float | None = None
    truncated: list[str] = field(default_factory=list)
    earlier: list[ServerHalf] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(slots=True)
class JoinFound:
    """What a join of a capture with a table found as a whole.

    Parameters
    ----------
    table : str
    matched, pending : int
        Calls with and without a row.
    unmatched_rows : int, optional
        Rows of the table in the time of the capture that belong to no call of it.
    looked_ns : int, optional
    keys : dict of str to int
        How many calls each key matched.
    """

    table: str
    matched: int = 0
    pending: int = 0
    unmatched_rows: int | None = None
    looked_ns: int | None = None
    keys: dict[str, int] = field(default_factory=dict)

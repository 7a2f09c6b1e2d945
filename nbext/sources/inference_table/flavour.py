"""Which inference table it is, told by its columns.

Source of the columns: Databricks documentation of AI Gateway inference tables. The types of the
Unity AI Gateway's table and the legacy table's ``date`` are known from third parties only, so a
column may be missing, be one more, or come in another type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class TableError(ValueError):
    """The table, or what was asked of it, is not usable; the message is one line with the way out."""


@dataclass(frozen=True)
class Flavour:
    """A kind of inference table.

    Parameters
    ----------
    name : {"serving", "legacy", "unity"}
    title : str
        As a reader knows it.
    kinds : dict of str to str
        Its columns, in its order, and what they hold: ``string``, ``date``, ``timestamp``, ``int``,
        ``double``, ``list`` of strings, ``map`` of strings.
    id, time, duration : str
        The columns of the request's id, the time of receipt and the server's duration in ms.
    date : str, optional
        The column a time window is pruned on, beside the time itself.
    """

    name: str
    title: str
    kinds: Mapping[str, str]
    id: str
    time: str
    duration: str
    date: str | None = None


SERVING = Flavour(
    "serving",
    "route A: AI Gateway for serving endpoints",
    {
        "databricks_request_id": "string",
        "request_date": "date",
        "client_request_id": "string",
        "request_time": "timestamp",
        "status_code": "int",
        "sampling_fraction": "double",
        "execution_duration_ms": "int",
        "request": "string",
        "response": "string",
        "logging_error_codes": "list",
        "served_entity_id": "string",
        "requester": "string",
    },
    id="databricks_request_id",
    time="request_time",
    duration="execution_duration_ms",
    date="request_date",
)
LEGACY = Flavour(
    "legacy",
    "legacy inference table",
    {
        "databricks_request_id": "string",
        "client_request_id": "string",
        "date": "date",
        "timestamp_ms": "int",
        "status_code": "int",
        "sampling_fraction": "double",
        "execution_time_ms": "int",
        "request": "string",
        "response": "string",
        "request_metadata": "map",
    },
    id="databricks_request_id",
    time="timestamp_ms",
    duration="execution_time_ms",
    date="date",
)
UNITY = Flavour(
    "unity",
    "route B: Unity AI Gateway",
    {
        "event_time": "timestamp",
        "request_id": "string",
        "invocation_id": "string",
        "request_tags": "map",
        "status_code": "int",
        "sampling_fraction": "double",
        "latency_ms": "int",
        "time_to_first_byte_ms": "int",
        "request": "string",
        "response": "string",
        "destination_type": "string",
        "destination_name": "string",
        "destination_id": "string",
        "destination_model": "string",
        "logging_error_codes": "list",
        "requester": "string",
        "schema_version": "string",
        "url": "string",
        "api_type": "string",
    },
    id="request_id",
    time="event_time",
    duration="latency_ms",
)
# In the order they are told apart: the column that only this flavour has, then what may stand for it.
_SIGNS: tuple[tuple[Flavour, tuple[frozenset[str], ...]], ...] = (
    (SERVING, (frozenset({"execution_duration_ms"}),)),
    (LEGACY, (frozenset({"timestamp_ms"}), frozenset({"execution_time_ms"}))),
    (UNITY, (frozenset({"event_time", "request_id"}), frozenset({"event_time", "latency_ms"}))),
    (SERVING, (frozenset({"databricks_request_id", "request_time"}), frozenset({"request_date"}))),
)
_SHOWN = 12


def flavour_of(columns: Mapping[str, str], name: str) -> Flavour:
    """Tell the flavour of a table.

    Parameters
    ----------
    columns : mapping of str to str
        Names and types.
    name : str
        Of the table, for the error.

    Raises
    ------
    TableError
        The columns are those of no inference table.
    """
    here = {column.lower() for column in columns}
    if here & {"request", "response"}:
        for flavour, signs in _SIGNS:
            if any(sign <= here for sign in signs):
                return flavour
    shown = ", ".join(list(columns)[:_SHOWN]) + (", …" if len(columns) > _SHOWN else "")
    raise TableError(
        f"{name} is no inference table: expected request, response and request_time (route A), timestamp_ms "
        f"(legacy) or event_time (Unity AI Gateway); it has {shown or 'no columns'}"
    )

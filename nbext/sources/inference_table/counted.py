"""Requests that only a usage table has: an inference table leaves out some answers, and may lag behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .filters import any_in
from .flavour import UNITY
from .rows import Row, row_of
from .usage import ADDED, IDS, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .query import Window
    from .table import InferenceTable

# What a row of the usage tables has in common with one of an inference table.
_ROW_COLUMNS = (
    *("client_request_id", "requester", "status_code", "request_time", "served_entity_id"),
    *("event_time", "latency_ms", "time_to_first_byte_ms", "url", "api_type", "request_tags"),
    *("destination_type", "destination_name", "destination_id", "destination_model"),
    *("databricks_request_id", "request_id"),
)


def rows_only_counted(
    table: InferenceTable, ids: Sequence[str], clients: Sequence[str], window: Window
) -> Iterator[tuple[Row, str, str]]:
    """Read requests from the usage table alone, by their ids or the caller's.

    Yields
    ------
    tuple of Row, str, str
        The row, the name of the table, and what it calls the request's id.
    """
    from sqlglot import exp

    name = "gateway_usage" if table.flavour is UNITY else "endpoint_usage"
    usage = table.usage
    relation = usage.relations.get(name) if usage is not None else None
    if usage is None or relation is None or not (ids or clients):
        return
    _, identity, time = IDS[name]
    column, here = relation.column, relation.spelt
    conditions = [any_in(column(identity), ids)] if ids else []
    if clients and "client_request_id" in here:
        conditions.append(any_in(column("client_request_id"), clients))
    if not conditions:
        return
    wanted = [own for own in _ROW_COLUMNS if own in here]
    items = [exp.alias_(column(own), own, quoted=True) for own in wanted]
    items += [exp.alias_(column(theirs), ours) for ours, theirs in ADDED[name].items() if theirs in here]
    statement = exp.select(*items).from_(relation.table.copy()).where(exp.paren(exp.or_(*conditions)))
    if time in here:
        statement = statement.where(*within(relation, time, window))
    for batch in table.engine.query(statement):
        for values in batch.to_pylist():
            row = row_of(
                {**values, table.flavour.time: values.get(time), table.flavour.id: values.get(identity)},
                table.flavour,
                added=list(ADDED[name]),
            )
            yield row, relation.name, identity

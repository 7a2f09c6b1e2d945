"""A table as it is now: a local one is read at a version, which has to be looked up again."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..sources.inference_table.usage import Usage, beside

if TYPE_CHECKING:
    from ..engines import Engine, Relation
    from ..sources.inference_table.query import Query
    from ..sources.inference_table.table import InferenceTable

    T = TypeVar("T", bound=InferenceTable)


def refreshed(table: T) -> T:
    """Give the same question about the newest version of the table and of its usage tables."""
    relation = _again(table.engine, table.relation)
    usage = table.usage
    made = copy.copy(table)
    made._copies = made._count = made._bounded = None
    if relation is not table.relation:
        made.relation = relation
        made.query = _over(made.query, relation)
    if usage is None or not usage.relations:
        return made
    relations = {name: _again(table.engine, one) for name, one in usage.relations.items()}
    return beside(made, Usage(relations, usage.missing))


def _again(engine: Engine, relation: Relation) -> Relation:
    # A name is looked up by the engine each time; a frame is what it is.
    if engine.name != "DuckDB" or not Path(relation.name).exists():
        return relation
    return engine.relation(relation.name)


def _over(query: Query, relation: Relation) -> Query:
    inner = None if query.inner is None else _over(query.inner, relation)
    return replace(query, table=relation.table, inner=inner)

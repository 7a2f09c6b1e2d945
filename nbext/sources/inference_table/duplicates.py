"""Requests that were delivered more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp

    from .query import Query


def delivered_twice(query: Query) -> exp.Select:
    """Give the statement for ids that come more than once, and how often each does."""
    from sqlglot import exp

    identity = query.columns.named("id")
    copies = exp.Count(this=exp.Star())
    return (
        query.select(exp.alias_(identity, "id"), exp.alias_(copies, "copies"))
        .where(exp.Not(this=exp.Is(this=identity.copy(), expression=exp.Null())))
        .group_by(identity.copy())
        .having(exp.GT(this=copies.copy(), expression=exp.Literal.number(1)))
    )


# What engines call a hash that is good and fast.
_HASHES = {"duckdb": "hash", "spark": "xxhash64"}


def any_twice(query: Query, dialect: str) -> exp.Select | None:
    """Give the statement that has a row if an id may come more than once; None where there is no good hash.

    Numbers are grouped in a fraction of the time that texts take, and hardly a table has duplicates.
    """
    from sqlglot import exp

    if dialect not in _HASHES:
        return None
    identity = query.columns.named("id")
    key = exp.Anonymous(this=_HASHES[dialect], expressions=[identity])
    return (
        query.select(exp.alias_(key, "k"))
        .where(exp.Not(this=exp.Is(this=identity.copy(), expression=exp.Null())))
        .group_by(key.copy())
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
        .limit(1)
    )


def each_once(batch: pa.RecordBatch, column: str, twice: frozenset[Any], seen: set[Any]) -> pa.RecordBatch:
    """Drop rows of requests that came before.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
    column : str
        Holds the ids.
    twice : frozenset
        Ids that are delivered more than once.
    seen : set
        Those of them that came; filled in.
    """
    import pyarrow as pa

    keep = []
    for value in batch.column(column).to_pylist():
        again = value in twice and value in seen
        if value in twice:
            seen.add(value)
        keep.append(not again)
    return batch if all(keep) else batch.filter(pa.array(keep))

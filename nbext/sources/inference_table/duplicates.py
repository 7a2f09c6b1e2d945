"""Requests that were delivered more than once."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pyarrow as pa
    from sqlglot import exp

    from ...engines import Engine
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
HASHES = {"duckdb": "hash", "spark": "xxhash64"}
# Hashes that are sorted here, of 8 bytes each; an engine may count more of them on disk.
_MOST_SORTED = 20_000_000


def may_come_twice(query: Query, engine: Engine) -> bool:
    """Tell whether an id may come more than once; with hashes, in a fraction of the time that texts take.

    Raises
    ------
    EngineError
        The engine could not read the ids.
    """
    from sqlglot import exp

    identity = query.columns.named("id")
    name = HASHES.get(engine.dialect)
    key = identity.copy() if name is None else exp.Anonymous(this=name, expressions=[identity.copy()])
    hashes = query.select(exp.alias_(key, "k")).where(
        exp.Not(this=exp.Is(this=identity.copy(), expression=exp.Null()))
    )
    if engine.dialect == "duckdb":
        # An engine that is near hands them over as they lie in memory.
        found = _sorted(engine.query(hashes))
        if found is not None:
            return bool((found[1:] == found[:-1]).any())
    twice = (
        hashes.group_by(key.copy())
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
        .limit(1)
    )
    return any(batch.num_rows for batch in engine.query(twice))


def _sorted(batches: Iterator[pa.RecordBatch]) -> np.ndarray[Any, Any] | None:
    """Sort the numbers of a column; None if they are too many."""
    import numpy as np

    found, count = [np.empty(0, np.uint64)], 0
    with contextlib.closing(batches):  # type: ignore[type-var]
        for batch in batches:
            found.append(batch.column(0).to_numpy())
            count += batch.num_rows
            if count > _MOST_SORTED:
                return None
    return np.sort(np.concatenate(found))


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

"""Reading a table as columns of the calls frame: batches of plain rows, and calls for the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ...engines import EngineError
from ...engines.duckdb import through_duckdb
from ...model import redact
from ...model.facts import endpoint_of
from ...model.names import same_model
from .duplicates import each_once
from .flavour import UNITY
from .priced import add_costs
from .rows import row_of
from .shred import ENDPOINT, ODD, ROW, shred_sql
from .suspects import suspects
from .trace_ids import ids_of
from .typing import pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from ...model.call import Call
    from ...model.redact import Redactor
    from .table import InferenceTable

T = TypeVar("T")
# From this length on `Redactor.hint` promises nothing.
_ALWAYS_LOOKED_AT = 8000
_TEXTS = ("prompt", "completion", "error_message")


@dataclass(frozen=True)
class Part:
    """A batch of the calls frame.

    Parameters
    ----------
    columns : dict of str to pyarrow.Array
        By the frame's names, moments as ns since the epoch. A column that is left out is missing
        in every plain row.
    rows : int
    others : dict of int to Call
        Calls of the rows that are not plain, by their place.
    """

    columns: Mapping[str, pa.Array]
    rows: int
    others: Mapping[int, Call]


def parts_of(table: InferenceTable, *, trusting: bool = False) -> Iterator[Part]:
    """Read what a table was asked for, each request once, a batch at a time.

    Parameters
    ----------
    table : InferenceTable
    trusting : bool
        Take every body that begins as a JSON object for one.

    Raises
    ------
    EngineError
        The engine could not read on; when `trusting`, perhaps at a broken body.
    """
    redactor = table.redactor or redact.DEFAULT
    names = list(table.columns.stored)
    twice = table.delivered_twice()
    statement = table.statement()
    engine = table.engine
    if engine.dialect == "duckdb":
        rows = statement.sql("duckdb")
        sql = shred_sql(rows, table.flavour, names, whole=redactor.hint is None, trusting=trusting)
        # DuckDB's own takes text too.
        batches = engine.query(sql, of=statement)  # type: ignore[arg-type, call-arg]
    else:
        sql = shred_sql("SELECT * FROM nbext_given", table.flavour, names, whole=redactor.hint is None)
        batches = through_duckdb(engine.query(statement), "nbext_given", sql)
    seen: set[Any] = set()
    for batch in table.watched(batches):
        # A row that is not plain tells its id inside.
        once = each_once(batch, "request_id", twice, seen) if twice else batch
        yield from _part(table, once, redactor)


def of_all_parts(table: InferenceTable, make: Callable[[Iterator[Part]], T]) -> T:
    """Make something of all parts: trusting first, and anew where a body turns out to be broken.

    Parameters
    ----------
    table : InferenceTable
    make : callable
        Reads parts to their end.
    """
    # Other engines, far away perhaps, are asked once.
    if table.engine.dialect == "duckdb":
        try:
            return make(parts_of(table, trusting=True))
        except EngineError:
            # If it was not for a body, it comes again.
            pass
    return make(parts_of(table))


def _part(table: InferenceTable, batch: pa.RecordBatch, redactor: Redactor) -> Iterator[Part]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not batch.num_rows:
        return
    columns = {name: batch.column(name) for name in batch.schema.names}
    places = pc.indices_nonzero(columns.pop(ODD))
    rows = {name[len(ROW) :]: columns.pop(name) for name in batch.schema.names if name.startswith(ROW)}
    whole = pa.RecordBatch.from_pydict({name: column.take(places) for name, column in rows.items()})
    others: dict[int, Call] = {}
    for at, values in zip(places.to_pylist(), whole.to_pylist(), strict=True):
        others[at] = table.call_of(row_of(values, table.flavour, endpoint=table.endpoint_name))
    columns["completion"] = _empty_where(columns["completion"], pc.less(columns["status_code"], 400))
    for name in _TEXTS:
        columns[name] = _redacted(columns[name], redactor)
    columns["trace_id"], columns["call_id"] = ids_of(columns["request_id"])
    columns["url"] = _mapped(columns["url"], redactor.url)
    _add_endpoints(table, columns)
    add_costs(columns, prices=table.prices)
    columns["fallback"] = _fallbacks(columns["model"], columns["endpoint"], columns["served_model"])
    count = batch.num_rows
    columns["api"] = pa.DictionaryArray.from_arrays(np.zeros(count, np.int8), ["chat.completions"])
    columns["attempts"] = pa.repeat(pa.scalar(1, pa.int64()), count)
    columns["tokens_estimated"] = pa.repeat(pa.scalar(False), count)
    yield Part(columns, count, others)


def _empty_where(texts: pa.Array, answered: pa.Array) -> pa.Array:
    """Make missing texts empty ones where there was an answer; no text is copied for it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    there = pc.or_(texts.is_valid(), answered.fill_null(False))
    if texts.offset:
        return pc.if_else(there, texts.fill_null(""), None)
    _, bounds, letters = texts.buffers()
    return pa.Array.from_buffers(texts.type, len(texts), [there.buffers()[1], bounds, letters])


def _redacted(texts: pa.Array, redactor: Redactor) -> pa.Array:
    """Redact the texts that two looks find suspicious, the second closer and slower than the first."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not redactor.hint or texts.null_count == len(texts):
        return texts
    long = pc.indices_nonzero(pc.greater(pc.binary_length(texts), _ALWAYS_LOOKED_AT).fill_null(False))
    places = np.union1d(suspects(texts), np.asarray(long).astype(np.int64))
    seen = texts.take(pa.array(places))
    found = pc.or_(
        pc.match_substring_regex(seen, redactor.hint), pc.greater(pc.binary_length(seen), _ALWAYS_LOOKED_AT)
    )
    pieces = []
    done = 0
    for at in places[np.asarray(found.fill_null(False))].tolist():
        given = texts[at].as_py()
        kept = None if given is None else redactor.text(given)
        if kept != given:
            pieces += [texts.slice(done, at - done), pa.array([kept], texts.type)]
            done = at + 1
    return pa.concat_arrays([*pieces, texts.slice(done)]) if pieces else texts


def _mapped(texts: pa.Array, function: Any) -> pa.Array:
    """Apply a function to each different text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = pc.dictionary_encode(texts)
    new = pa.array([function(text.as_py()) for text in coded.dictionary], pa.string())
    return new.take(coded.indices)


def _add_endpoints(table: InferenceTable, columns: dict[str, Any]) -> None:
    """Add the endpoint by the table's own word, the URL, the model asked for, or who answered."""
    import pyarrow as pa
    import pyarrow.compute as pc

    stored = columns.pop(ENDPOINT)
    named = _mapped(columns["url"], lambda url: endpoint_of(url, None)) if table.flavour is UNITY else None
    found = columns["model"] if named is None else pc.coalesce(named, columns["model"], stored)
    if table.endpoint_name is not None:
        found = pa.repeat(pa.scalar(table.endpoint_name), len(found))
    if named is None and stored.null_count < len(stored):
        names = pa.array([pairs(value).get("endpoint_name") for value in stored.to_pylist()], pa.string())
        found = pc.coalesce(names, found)
    columns["endpoint"] = found


def _fallbacks(model: pa.Array, endpoint: pa.Array, served: pa.Array) -> pa.Array:
    """Tell for each pair of names whether another model than the one asked for answered."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    asked = pc.dictionary_encode(pc.coalesce(model, endpoint), null_encoding="encode")
    answered = pc.dictionary_encode(served, null_encoding="encode")
    width = len(answered.dictionary)
    codes = np.asarray(asked.indices) * width + np.asarray(answered.indices)
    unique, places = np.unique(codes, return_inverse=True)
    verdicts = np.empty(len(unique), object)
    for at, code in enumerate(unique.tolist()):
        one, other = asked.dictionary[code // width].as_py(), answered.dictionary[code % width].as_py()
        same = same_model(one, other, strict=True) if one and other else None
        verdicts[at] = None if same is None else not same
    return pa.array(verdicts, pa.bool_()).take(pa.array(places))

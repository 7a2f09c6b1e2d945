"""An inference table and what is asked of it: lazy, until a result is asked for."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar

from ...engines import sql_of
from . import duplicates, verbs
from .agent import trace_of_row
from .asked import Asked
from .columns import Columns
from .flavour import flavour_of
from .query import Query
from .rows import Row, call_of_row, row_of
from .said import call_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa
    from sqlglot import exp
    from typing_extensions import Self

    from ...engines import Engine, Progress, Relation
    from ...model.call import Call
    from ...model.redact import Redactor
    from ...model.span import Trace
    from .usage import Usage

T = TypeVar("T", bound="InferenceTable")
STATUSES = ("ok", "error", "blocked", "rate_limited")


class InferenceTable(Asked):
    """What a gateway logged, asked where it lies.

    Every verb gives a new table; nothing is read before a result is asked for.

    Parameters
    ----------
    engine : Engine
        Who runs the SQL.
    relation : Relation
        What the engine knows of the source.
    endpoint : str, optional
        The one endpoint the table is of, when that is known.
    prices : mapping, optional
        The user's price table, see `nbext.model.pricing`.
    redactor : Redactor, optional
        Takes secrets out of every call. Default: the known shapes of keys.
    progress : callable, optional
        Makes a `Progress` of a title, for reads that take long.

    Raises
    ------
    TableError
        The columns are those of no inference table.
    """

    def __init__(
        self,
        engine: Engine,
        relation: Relation,
        *,
        endpoint: str | None = None,
        prices: Mapping[str, Any] | None = None,
        redactor: Redactor | None = None,
        progress: Callable[[str], Progress | None] | None = None,
    ) -> None:
        self.engine = engine
        self.relation = relation
        self.flavour = flavour_of(relation.columns, relation.name)
        self.columns = Columns(self.flavour, relation.columns, endpoint=endpoint)
        self.query = Query(self.columns, relation.table)
        self.endpoint_name = endpoint
        self.code = f"nbext.{call_code('inference_table', relation.name, endpoint=endpoint)}"
        self.prices = prices
        self.redactor = redactor
        self.progress = progress
        self.usage: Usage | None = None
        self._copies: tuple[list[Any], int] | None = None
        self._bounded: Query | None = None
        self._count: int | None = None

    def _asked(self, query: Query) -> Self:
        made = copy.copy(self)
        made.query = query
        made._copies = made._count = made._bounded = None
        return made

    # ── what it is ────────────────────────────────────────────────────────

    @property
    def sql(self) -> str:
        """The statement that reads the calls, as the engine gets it."""
        return sql_of(self.statement(looked_up=False), self.engine.dialect, pretty=True)

    def count(self) -> int:
        """Count the rows, each request once."""
        if self._count is None:
            rows = list(self.aggregate("SELECT count(*) AS n FROM calls").column("n").to_pylist())
            self._count = int(rows[0])
        return self._count

    @property
    def cheap_count(self) -> int | None:
        """The count where it is known without reading: of a table nothing was asked of yet."""
        if self._count is not None:
            return self._count
        whole = self.query == Query(self.columns, self.relation.table)
        return self.relation.rows if whole else None

    def __repr__(self) -> str:
        count = self.cheap_count
        known = "" if count is None else f", {count:,} rows"
        head = f"<InferenceTable {self.relation.name}: {self.flavour.title}, {self.engine.name}{known}>"
        return f"{head}\n{self.sql}"

    # ── reading ───────────────────────────────────────────────────────────

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read the rows as they are stored, in batches, each request once."""
        twice = self.delivered_twice()
        seen: set[Any] = set()
        for batch in self.watched(self.engine.query(self.statement())):
            yield duplicates.each_once(batch, self.flavour.id, twice, seen) if twice else batch

    def rows(self) -> Iterator[Row]:
        """Read the rows, whatever their typing."""
        for batch in self.batches():
            names = batch.schema.names
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield row_of(
                    dict(zip(names, values, strict=True)),
                    self.flavour,
                    endpoint=self.endpoint_name,
                    added=self._added,
                )

    def iter_calls(self) -> Iterator[Call]:
        """Read the calls one by one, so that memory holds one batch at a time."""
        for row in self.rows():
            yield self.call_of(row)

    def call_of(self, row: Row) -> Call:
        """Build the call of a row."""
        return call_of_row(row, self.flavour, prices=self.prices, redactor=self.redactor)

    def calls(self) -> list[Call]:
        """Read the calls, by start."""
        return sorted(self.iter_calls(), key=lambda call: (call.start_ns, call.call_id))

    def iter_traces(self) -> Iterator[Trace]:
        """Read a trace per row: the call, and the spans of the agent that answered it if they were logged."""
        for row in self.rows():
            yield trace_of_row(row, self.call_of(row), redactor=self.redactor, prices=self.prices)

    def traces(self) -> list[Trace]:
        """Read the traces, by start."""
        return sorted(self.iter_traces(), key=lambda trace: (trace.spans[0].start_ns, trace.trace_id))

    # ── aggregates ────────────────────────────────────────────────────────

    def aggregate(self, statement: str | exp.Select) -> pa.Table:
        """Run a statement over the relation ``calls`` in the engine.

        Parameters
        ----------
        statement : str or sqlglot.exp.Select
            Ours, not the user's: a SELECT in DuckDB's dialect whose ``FROM calls`` means the rows
            asked for, each request once, with the columns of `Columns.names` it uses.

        Returns
        -------
        pyarrow.Table
        """
        import pyarrow as pa
        import sqlglot

        parsed = (
            sqlglot.parse_one(statement, read="duckdb") if isinstance(statement, str) else statement.copy()
        )
        made = verbs.over_calls(parsed, self._narrowed(), self.most_copies())
        batches = list(self.engine.query(made))
        return _plain_numbers(pa.Table.from_batches(batches))

    def statement(self, *, looked_up: bool = True) -> exp.Select:
        """Give the statement that reads the flavour's columns of the rows asked for.

        Parameters
        ----------
        looked_up : bool
            Ask the engine first what makes the reading of a cut narrow: duplicates, and bounds.
        """
        from sqlglot import exp

        asked, copies = (self._narrowed(), self.most_copies()) if looked_up else (self.query, 1)
        names = [_named(stored, name) for name, stored in self.columns.stored.items()]
        names += [_named(name, name) for name in self._added]
        if asked.limit is None:
            return asked.select(*names, copies=copies)
        return exp.select(*names).from_(asked.rows(copies).subquery("rows"))

    @property
    def _added(self) -> list[str]:
        """Columns that usage tables put beside the table's own."""
        return [] if self.usage is None else list(self.usage.added)

    def _narrowed(self) -> Query:
        """Give the query with the bounds of its cuts, looked up once."""
        if self._bounded is None:
            self._bounded = self.query.bounded(self._values, self.most_copies() if self.query.is_cut else 1)
        return self._bounded

    def _values(self, statement: exp.Select) -> tuple[Any, ...]:
        """Give the one row of a statement."""
        for batch in self.engine.query(statement):
            if batch.num_rows:
                return tuple(column[0].as_py() for column in batch.columns)
        return (None,) * len(statement.selects)

    def delivered_twice(self) -> frozenset[Any]:
        """Ids of requests that were delivered more than once; none for a cut, which minds them itself."""
        return frozenset() if self.query.is_cut else frozenset(self._delivered()[0])

    def most_copies(self) -> int:
        """How often a request was delivered at most."""
        return self._delivered()[1]

    def _delivered(self) -> tuple[list[Any], int]:
        """Ids that come more than once, and how often at most; looked for once, in the id column only."""
        if self._copies is None:
            innermost = self.query.innermost
            reading = Query(
                self.columns, innermost.table, innermost.window, innermost.conditions, usage=innermost.usage
            )
            ids: list[Any] = []
            most = 1
            quick = self.engine.dialect in duplicates.HASHES
            if self.flavour.id in self.columns.present and (
                not quick or duplicates.may_come_twice(reading, self.engine)
            ):
                for batch in self.engine.query(duplicates.delivered_twice(reading)):
                    ids += batch.column(0).to_pylist()
                    most = max([most, *batch.column(1).to_pylist()])
            self._copies = ids, most
        return self._copies

    def watched(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Pass batches on, telling the progress."""
        progress = self.progress(self.relation.name) if self.progress is not None else None
        read = 0
        expected = self.cheap_count
        for batch in batches:
            read += batch.num_rows
            if progress is not None:
                progress(read, expected)
            yield batch
        if progress is not None:
            progress(read, read)


def _plain_numbers(table: pa.Table) -> pa.Table:
    """Whole numbers as int64: DuckDB sums them to 128 bits, Spark does not."""
    import pyarrow as pa

    fields = [
        pa.field(f.name, pa.int64()) if pa.types.is_decimal(f.type) and f.type.scale == 0 else f
        for f in table.schema
    ]
    return table.cast(pa.schema(fields))


def _named(stored: str, name: str) -> exp.Expr:
    from sqlglot import exp

    column = exp.column(exp.to_identifier(stored, quoted=True))
    return column if stored == name else exp.alias_(column, name, quoted=True)

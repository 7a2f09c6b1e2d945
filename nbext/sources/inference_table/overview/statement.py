"""The statements behind an overview: one pass over the table, with every grouping in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..columns import tags_column
from ..derived import ANSWERED, apart_sql, beside_sql, sent_sql
from ..duplicates import delivered_twice
from ..flavour import UNITY
from ..inline import inlined
from ..query import Window
from .bins import bin_sql, coarse_sql
from .durations import LISTS
from .layers import BELOW, Layered
from .priced import counted, fixed_by, served
from .tokens import (
    END,
    PATHS,
    closer_sql,
    ends_sql,
    first_sql,
    numbers_sql,
    odd_sql,
    read_sql,
    tail_sql,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlglot import exp

    from ..columns import Columns
    from ..table import InferenceTable

KEYS = ("bucket", "endpoint", "entity", "model", "requester", "status", "bin", "first_bin", "coarse")
# What decides a price.
PRICED = ("endpoint", "entity", "model")
_TOKENS = ("sent", "made", "cached", "written")
VALUES = ("rows", "requests", "counted", *_TOKENS)
_SUMS = (
    "count(*) AS rows, sum(weight) AS requests, "
    "sum(CASE WHEN sent IS NULL AND made IS NULL THEN 0.0 ELSE weight END) AS counted, "
    "sum(weight * sent) AS sent, sum(weight * made) AS made, sum(weight * cached) AS cached, "
    "sum(weight * written) AS written"
)
# One grouping that the coarser ones are added up from, where callers are few.
FINE = frozenset(("bucket", *PRICED, "requester", "status"))
# Of the newest calls, enough to meet every entity that matters.
_SAMPLE = 4000
# So many times as many rows, above which to look for the newest costs.
_MANY = 10


def statement(
    table: InferenceTable,
    step_s: int,
    tags: Sequence[str],
    *,
    endpoint: str,
    model: str | None = None,
    doubled: bool,
    few_callers: bool = False,
    courses: bool = False,
    listed: bool = False,
) -> Layered:
    """Give the statement that counts.

    Parameters
    ----------
    table : InferenceTable
        Windowed and filtered.
    step_s : int
        Width of a bucket in seconds.
    tags : sequence of str
        Keys of caller tags to group by.
    endpoint : str
        SQL of the endpoint's name; NULL where the entity tells it.
    model : str, optional
        SQL of the model that answered, see `Names.model_sql`. Left out: nothing is told by model.
    doubled : bool
        Some requests were delivered more than once; each copy then counts for its share.
    few_callers : bool
        So few that grouping by all keys at once gives few groups.
    courses : bool
        So few endpoints and entities that the durations of each are told over time.
    listed : bool
        Give the durations of each group as a list, not counted: for few callers and no tags.

    Returns
    -------
    Layered
        Columns `KEYS`, ``tag0`` …, ``rows``, and weighted sums: ``requests``, ``sent``, ``made``,
        ``cached`` and ``written`` tokens, and ``counted`` requests whose tokens are known. A key that
        is NULL is not what the row is grouped by. If `listed`, the keys are `FINE` and ``weight``, and
        `LISTS` hold the bin of each request.
    """
    named = [f"tag{number}" for number in range(len(tags))]
    cut = table.query.is_cut
    shared = doubled and not cut
    # Only DuckDB tells a text that goes on after its JSON, as a tail does that is none.
    short = table.engine.dialect == "duckdb"
    items = _items(table, tags, endpoint, model, shared=shared, short=short)
    seen = Layered(table.query.select(*items, copies=table.most_copies() if cut else 1))
    if short:
        seen = seen.under(tail_sql(), "each").under(ends_sql(), "cut")
    told = (
        seen.under(read_sql(short=short), "seen")
        .under(numbers_sql(short=short), "read")
        .under(first_sql(), "numbers")
        .under(closer_sql(), "first")
        .under(_told(step_s, named, shared=shared), "closer")
    )
    if shared:
        told = told.under(_shared(table, named), "each")
    first_byte = table.flavour is UNITY
    if listed:
        return told.under(_listed(first_byte=first_byte), "told")
    if courses:
        told = told.under(f"SELECT *, {coarse_sql('bin')} AS coarse FROM {BELOW}", "binned")
    sets = _sets(named, first_byte=first_byte, fine=few_callers)
    sets += [("bucket", "endpoint", "entity", "coarse")] if courses else []
    grouped = ", ".join(f"({', '.join(one)})" for one in sets)
    used = {name for one in sets for name in one}
    keys = [name if name in used else f"CAST(NULL AS BIGINT) AS {name}" for name in (*KEYS, *named)]
    return told.under(
        f"SELECT {', '.join(keys)}, {_SUMS} FROM {BELOW} GROUP BY GROUPING SETS ({grouped})", "told"
    )


def _listed(*, first_byte: bool) -> str:
    """List the durations of each group of one weight: grouping by them too costs more than the rest."""
    keys = ", ".join((*sorted(FINE), "weight"))
    counted = "count(CASE WHEN sent IS NOT NULL OR made IS NOT NULL THEN 1 END)"
    sums = {"requests": "count(*)", "counted": counted, **{name: f"sum({name})" for name in _TOKENS}}
    weighted = ", ".join(f"weight * {total} AS {name}" for name, total in sums.items())
    lists = ", ".join(
        f"list(CAST({item} AS SMALLINT)) AS {name}"
        for item, name in LISTS.items()
        if first_byte or item == "bin"
    )
    return f"SELECT {keys}, count(*) AS rows, {weighted}, {lists} FROM {BELOW} GROUP BY {keys}"


def sample(table: InferenceTable) -> exp.Select:
    """Give the statement for what the newest calls say: names of endpoint, entity and model, and tags."""
    from sqlglot import exp

    # Bounded by time first, so that no text is read of rows that are not among them.
    newest = table.limit(_SAMPLE).query.bounded(table._values, 1)
    return exp.select(*_said(table.columns)).from_(newest.rows().subquery("rows"))


def recent(table: InferenceTable, newest: datetime, oldest: datetime, rows: int) -> exp.Select | None:
    """Give one that takes half the time: of a stretch that holds as many calls, if these come evenly.

    Parameters
    ----------
    table : InferenceTable
    newest, oldest : datetime
        Times of its rows.
    rows : int
        How many there are.

    Returns
    -------
    sqlglot.exp.Select or None
        None where it would spare nothing.
    """
    if table.query.is_cut or rows < _MANY * _SAMPLE:
        return None
    start = newest - (newest - oldest) * (_SAMPLE / rows)
    return table.query.during(Window(start)).select(*_said(table.columns)).limit(_SAMPLE)


def _said(columns: Columns) -> list[exp.Expr]:
    from sqlglot import exp

    items = {
        "time": "time",
        "endpoint": "endpoint",
        "entity": "entity",
        "model": _model(columns),
        "served": served(columns),
        "fixed": fixed_by(columns),
        "requester": "requester",
        "tags": tags_column(columns) or "CAST(NULL AS TEXT)",
    }
    return [exp.alias_(inlined(sql, columns), name) for name, sql in items.items()]


def _model(columns: Columns) -> str:
    here = {name.lower() for name in columns.types}
    found = next((name for name in ("nbext_model", "destination_model") if name in here), None)
    return f"coalesce({found}, served_model)" if found else "served_model"


def _sets(tags: list[str], *, first_byte: bool, fine: bool) -> list[tuple[str, ...]]:
    """Say what is grouped by what: few groups each, for a grouping costs what it holds."""
    who = ("endpoint", "entity")
    bins = ("bin", "first_bin") if first_byte else ("bin",)
    found: list[tuple[str, ...]] = [tuple(sorted(FINE))] if fine else [("bucket", *PRICED, "status")]
    found += [(*group, one) for group in (("bucket",), who) for one in bins]
    for name in ("requester", *tags):
        if not fine or name != "requester":
            found += [(name, *PRICED, "status"), ("bucket", name, "status")]
        found += [(name, one) for one in bins]
    return found


def _items(
    table: InferenceTable, tags: Sequence[str], endpoint: str, model: str | None, *, shared: bool, short: bool
) -> list[exp.Expr]:
    """Say what is read of a row: its text only as far as nothing shorter tells."""
    from sqlglot import exp

    columns = table.columns
    usage = counted(columns)
    begun = f"{ANSWERED} AND starts_with(response, '{{')"
    # Tokens that a usage table counted need no text, unless only the text tells what a cache held.
    readable = f"({usage['counted_in']} IS NULL) AND {begun}" if columns.beside else begun
    items = {
        "time": "time",
        "endpoint": endpoint,
        "entity": "entity",
        "model": model or "CAST(NULL AS TEXT)",
        "requester": "requester",
        # As a table of your own calls says.
        "ended": "status" if columns.ended else "CAST(NULL AS TEXT)",
        "ms": "CAST(duration_ms AS DOUBLE)",
        "first_ms": "CAST(ttfb_ms AS DOUBLE)",
        "weight": "weight",
        # Only looked at where copies share a weight: ids are most of what a narrow read costs.
        **({"id": "id"} if shared else {}),
        "readable": readable,
        **({"ending": f"CASE WHEN {begun} THEN {END} END"} if short else {}),
        **usage,
        "status_code": "status_code",
        "response": "response",
    }
    found = [exp.alias_(inlined(sql, columns), name) for name, sql in items.items()]
    source = tags_column(columns) or ""
    return found + [exp.alias_(columns.entry(source, key), f"tag{number}") for number, key in enumerate(tags)]


def _told(step_s: int, tags: list[str], *, shared: bool) -> str:
    """Keys and values of a row; a key that is not known is empty, for NULL means another grouping."""
    total, cached, read, written, taken, given_out, held_in = (f"more[{n}]" for n in range(1, len(PATHS) - 1))
    sent, made = f"coalesce(n1, {taken})", f"coalesce(n2, {given_out})"
    # Databricks counts what a cache held in or beside the prompt, Anthropic beside it.
    beside = beside_sql(read, written)
    apart = f"({apart_sql(sent, made, total, beside)} OR ({total} IS NULL AND {taken} IS NOT NULL))"
    given = f"CASE WHEN {beside} > 0 AND {apart} THEN {sent} + {beside} ELSE {sent} END"
    in_cache = f"coalesce({cached}, {held_in}, {read})"
    odd = sent_sql(odd_sql, "odd", "first IS NOT NULL")
    tagged = "".join(f", coalesce({tag}, '') AS {tag}" for tag in tags)

    def found(sql: str, where: str = "more", otherwise: str = "NULL") -> str:
        # Without the CASE, DuckDB takes an empty list apart for every row.
        return f"CASE WHEN {where} IS NOT NULL THEN {sql} ELSE {otherwise} END"

    def held(kind: str) -> str:
        return found(odd_sql(kind), "odd")

    def binned(ms: str) -> str:
        # A refusal is quick: among the others it would make a slow endpoint look fast.
        return f"CASE WHEN status = 'ok' THEN coalesce({bin_sql(ms)}, -1) ELSE -1 END"

    return f"""
        SELECT CAST(floor(epoch(time) / {step_s}) AS BIGINT) AS bucket,
          coalesce(endpoint, '') AS endpoint, coalesce(entity, '') AS entity,
          coalesce(model, '') AS model, coalesce(requester, '') AS requester, status,
          {binned("ms")} AS bin, {binned("first_ms")} AS first_bin, weight, {"id," if shared else ""}
          coalesce(usage_in, {found(given, otherwise="n1")}, {found(odd, "odd")}) AS sent,
          coalesce(usage_out, n2, {found(given_out)}, {held("made")}) AS made,
          coalesce(usage_cached, {found(in_cache)}, {held("cached")}) AS cached,
          coalesce(usage_written, {found(written)}, {held("written")}) AS written{tagged}
        FROM {BELOW}
    """


def _shared(table: InferenceTable, tags: Sequence[str]) -> str:
    """Let the copies of a request share its weight."""
    names = ("bucket", *PRICED, "requester", "status", "bin", "first_bin", *_TOKENS, *tags)
    kept = ", ".join(f"each.{name}" for name in names)
    twice = delivered_twice(table.query).sql("duckdb")
    return (
        f"SELECT {kept}, each.weight / coalesce(twice.copies, 1) AS weight "
        f"FROM {BELOW} LEFT JOIN ({twice}) AS twice ON each.id = twice.id"
    )

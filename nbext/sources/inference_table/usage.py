"""The usage tables beside an inference table: tokens, caller tags, entity names, the gateway's own attempts.

Route A: ``system.serving.endpoint_usage`` and ``system.serving.served_entities``; route B:
``system.ai_gateway.usage``. Source of the columns: DESCRIBE of these tables in a public repository.
Few users may read them, so each is taken if it can be read, and what is missing is said once.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ...engines import EngineError
from .columns import Columns
from .flavour import UNITY, Flavour, TableError

if TYPE_CHECKING:
    from collections.abc import Container

    from sqlglot import exp

    from ...engines import Engine, Relation
    from .query import Query, Window
    from .table import InferenceTable

    T = TypeVar("T", bound=InferenceTable)

SYSTEM_TABLES = {
    "endpoint_usage": "system.serving.endpoint_usage",
    "served_entities": "system.serving.served_entities",
    "gateway_usage": "system.ai_gateway.usage",
}
_OF_ROUTE = {"serving": ("endpoint_usage", "served_entities"), "unity": ("gateway_usage",)}
# What a row of a usage table adds, under names no inference table has.
ADDED = {
    "endpoint_usage": {
        "nbext_in": "input_token_count",
        "nbext_out": "output_token_count",
        "nbext_tags": "usage_context",
        "nbext_client_id": "client_request_id",
    },
    "served_entities": {
        "nbext_endpoint": "endpoint_name",
        "nbext_entity": "served_entity_name",
        "nbext_model": "entity_name",
        "nbext_entity_type": "entity_type",
    },
    "gateway_usage": {
        "nbext_in": "input_tokens",
        "nbext_out": "output_tokens",
        "nbext_total": "total_tokens",
        "nbext_details": "token_details",
        "nbext_tags": "request_tags",
        "nbext_endpoint": "endpoint_name",
        "nbext_routing": "routing_information",
        "nbext_metadata": "endpoint_metadata",
        "nbext_requester_type": "requester_type",
        "nbext_ttfb": "time_to_first_byte_ms",
    },
}
IDS = {
    "endpoint_usage": ("databricks_request_id", "databricks_request_id", "request_time"),
    "served_entities": ("served_entity_id", "served_entity_id", "change_time"),
    "gateway_usage": ("request_id", "request_id", "event_time"),
}


def beside_name(name: str, known: Container[str]) -> str | None:
    """Give our name of a usage table's column, if it stands beside the inference table; else None."""
    names = ((ours, theirs) for added in ADDED.values() for ours, theirs in added.items())
    return next((ours for ours, theirs in names if theirs == name.lower() and ours in known), None)


# A count of 0 on a failed call says that nothing was counted, not that nothing was used.
_COUNTED = "CASE WHEN status_code >= 400 AND {0} = 0 THEN NULL ELSE TRY_CAST({0} AS BIGINT) END"
# Usage rows and payload rows carry the same receipt time, but for the route whose seconds are whole.
SLACK = timedelta(minutes=10)


@dataclass(frozen=True)
class Usage:
    """The usage tables that could be read.

    Parameters
    ----------
    relations : mapping of str to Relation
        By the names of `SYSTEM_TABLES`.
    missing : tuple of str
        A sentence for each that could not be read: which grant it takes.
    """

    relations: Mapping[str, Relation]
    missing: tuple[str, ...] = ()

    @property
    def added(self) -> dict[str, str]:
        """Columns that come beside the inference table's own, with their types."""
        found = {}
        for name, relation in self.relations.items():
            types = {column.lower(): kind for column, kind in relation.columns.items()}
            for ours, theirs in ADDED[name].items():
                if theirs in types:
                    found[ours] = types[theirs]
        return found

    @property
    def derived(self) -> dict[str, str]:
        """What derived columns become, in SQL over both; `{own}` stands for what they were."""
        added = self.added
        made = {}
        for name, ours in (("input_tokens", "nbext_in"), ("output_tokens", "nbext_out")):
            if ours in added:
                made[name] = f"coalesce({_COUNTED.format(ours)}, {{own}})"
        for name in ("endpoint", "entity"):
            if f"nbext_{name}" in added:
                made[name] = f"coalesce(nbext_{name}, {{own}})"
        return made

    def around(self, table: exp.Expr, stored: Mapping[str, str], window: Window) -> exp.Expr:
        """Give the relation of the inference table with the usage columns beside its own.

        Parameters
        ----------
        table : sqlglot.exp.Expr
        stored : mapping
            How the inference table writes its columns.
        window : Window
            What is asked for: usage rows outside it are not read.
        """
        from sqlglot import exp

        columns = [exp.Column(this=exp.Star(), table=exp.to_identifier("nbext_p"))]
        statement = exp.select().from_(exp.alias_(table.copy(), "nbext_p", table=True))
        for number, (name, relation) in enumerate(self.relations.items()):
            alias, (ours, _, _) = f"nbext_u{number}", IDS[name]
            if ours not in stored:
                continue
            columns += [exp.column(added, alias) for added in self._of(name)]
            same = exp.column(exp.to_identifier(stored[ours], quoted=True), "nbext_p").eq(
                exp.column("nbext_key", alias)
            )
            statement = statement.join(
                self._latest(name, relation, window).subquery(alias), on=same, join_type="left"
            )
        return statement.select(*columns).subquery("nbext_joined")

    def _of(self, name: str) -> list[str]:
        here = self.relations[name].spelt
        return [ours for ours, theirs in ADDED[name].items() if theirs in here]

    def _latest(self, name: str, relation: Relation, window: Window) -> exp.Select:
        """One row for each id, the newest: retries inside the gateway and changed entities have several."""
        from sqlglot import exp

        _, theirs, time = IDS[name]
        column = relation.column
        items = [exp.alias_(column(theirs), "nbext_key")]
        items += [exp.alias_(column(ADDED[name][ours]), ours) for ours in self._of(name)]
        order = (
            [exp.Ordered(this=column(time), desc=True)]
            if time in relation.spelt
            else [exp.Ordered(this=column(theirs))]
        )
        number = exp.Window(
            this=exp.RowNumber(), partition_by=[column(theirs)], order=exp.Order(expressions=order)
        )
        inner = exp.select(*items, exp.alias_(number, "nbext_number")).from_(relation.table.copy())
        if name != "served_entities" and time in relation.spelt:
            inner = inner.where(*within(relation, time, window))
        return exp.select(exp.Star()).from_(inner.subquery("each")).where(exp.column("nbext_number").eq(1))


def within(relation: Relation, name: str, window: Window, slack: timedelta = SLACK) -> list[exp.Expr]:
    """Give the conditions that a relation's time is in a window, with some slack on either side."""
    from sqlglot import exp

    time, kind = relation.column(name), relation.kind(name)
    if kind.partition("(")[0] not in ("timestamp with time zone", "timestamp"):
        time = exp.TryCast(this=time, to=exp.DataType.build("TIMESTAMPTZ"))
    zoned = kind != "timestamp"
    found: list[exp.Expr] = []
    for moment, build, sign in ((window.start, exp.GTE, -1), (window.end, exp.LT, 1)):
        if moment is not None:
            edge = moment + sign * slack
            text = (edge if zoned else edge.replace(tzinfo=None)).isoformat(" ")
            literal = exp.cast(exp.Literal.string(text), "TIMESTAMPTZ" if zoned else "TIMESTAMP")
            found.append(build(this=time.copy(), expression=literal))
    return found


def usage_of(engine: Engine, flavour: Flavour, tables: Any = None) -> Usage:
    """Find the usage tables of a route, as far as they can be read.

    Parameters
    ----------
    engine : Engine
    flavour : Flavour
    tables : mapping, str or Path, optional
        By name (``endpoint_usage``, ``served_entities``, ``gateway_usage``) what to read, as
        `nbext.inference_table` takes it; or a folder that holds Delta tables of these names. Left
        out: the system tables of Unity Catalog.

    Raises
    ------
    TableError
        `tables` is neither a mapping nor a folder, or names none of these tables.
    """
    wanted = _OF_ROUTE["unity" if flavour is UNITY else "serving"]
    sources = _sources(tables, wanted)
    found = {name: _relation(engine, name, source) for name, source in sources.items()}
    relations = {name: one for name, one in found.items() if not isinstance(one, str)}
    return Usage(relations, tuple(one for one in found.values() if isinstance(one, str)))


def _relation(engine: Engine, name: str, source: Any) -> Relation | str:
    """Look at a usage table, or say what is missing."""
    try:
        relation = engine.relation(source)
    except EngineError as error:
        return _missing(name, str(source), str(error))
    here = {column.lower() for column in relation.columns}
    if IDS[name][1] not in here:
        raise TableError(
            f"{relation.name} is no {name}: it has no column {IDS[name][1]}; "
            f"it has {', '.join(list(relation.columns)[:8])}"
        )
    return relation


def _sources(tables: Any, wanted: tuple[str, ...]) -> dict[str, Any]:
    if tables is None:
        return {name: SYSTEM_TABLES[name] for name in wanted}
    if isinstance(tables, (str, Path)):
        folder = Path(tables)
        if not folder.is_dir():
            raise TableError(f"usage tables: {str(tables)!r} is no folder; give one, or a dict by name")
        tables = {name: str(folder / name) for name in wanted if (folder / name).is_dir()}
        where = f"the folder {folder}"
    elif isinstance(tables, Mapping):
        where = "what was given"
    else:
        raise TableError(f"usage tables: expected a dict by name or a folder, got {type(tables).__name__}")
    # Other names are let be: a dict may hold all tables of a gateway.
    for name in wanted:
        if name not in tables and (near := difflib.get_close_matches(name, map(str, tables), 1, 0.8)):
            raise TableError(f"usage tables: no table is called {near[0]!r}; did you mean {name!r}?")
    found = {name: tables[name] for name in wanted if name in tables}
    if not found:
        raise TableError(f"usage tables: expected {' and '.join(wanted)} in {where}")
    return {name: str(source) if isinstance(source, Path) else source for name, source in found.items()}


def _missing(name: str, source: str, error: str) -> str:
    """Say in one line what is missing and who can give it."""
    what = {
        "endpoint_usage": "Tokens come from the logged bodies, caller tags are not known.",
        "served_entities": "Served entities keep their ids for names.",
        "gateway_usage": "The gateway's attempts are not known.",
    }[name]
    if source != SYSTEM_TABLES[name]:
        return f"{error}. {what}"
    schema = source.rpartition(".")[0]
    grant = f"GRANT USE SCHEMA, SELECT ON SCHEMA {schema} TO your user"
    # What may not be seen is often said not to exist.
    way = (
        f"ask an admin for {grant}"
        if "SELECT on" in error
        else f"an admin may have to enable it, and {grant}"
    )
    return f"{source} could not be read: {way}. {what}"


def beside(table: T, usage: Usage) -> T:
    """Give the inference table with usage beside it: its verbs and results know tokens, tags and names."""
    # Not a plain copy: what was looked up before belongs to the statement without usage.
    made = table._asked(table.query)
    made.usage = usage
    if usage.relations:
        made.columns = Columns(
            table.flavour,
            {**table.relation.columns, **usage.added},
            endpoint=table.endpoint_name,
            beside=usage.derived,
        )
        made.query = _rebased(table.query, made.columns, usage)
    return made


def _rebased(query: Query, columns: Columns, usage: Usage) -> Query:
    inner = None if query.inner is None else _rebased(query.inner, columns, usage)
    return replace(query, columns=columns, inner=inner, usage=usage)

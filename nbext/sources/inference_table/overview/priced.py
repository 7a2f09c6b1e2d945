"""What a cost depends on beside the tokens of the answers: who answered, and what was counted elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..derived import ANSWERED, SERVED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..columns import Columns


def served(columns: Columns) -> str:
    """Name the model that answered as the calls frame does: the answer's word first."""
    return f"coalesce({SERVED}, nbext_model)" if "nbext_model" in columns.types else SERVED


def fixed_by(columns: Columns) -> str:
    """Name the shortest column that may tell which model answered."""
    return "destination_model" if "destination_model" in columns.present else "entity"


def model_sql(columns: Columns, known: Sequence[str]) -> str:
    """Give the SQL of the model that answered; empty where the entity tells it.

    Parameters
    ----------
    columns : Columns
    known : sequence of str
        Values of `fixed_by` that stand for one model each: their answers are not read for it.
    """
    from sqlglot import exp

    fixed = fixed_by(columns)
    told, answered = "''", served(columns)
    if fixed != "entity":
        told, answered = fixed, f"coalesce({answered}, {fixed})"
    listed = ", ".join(exp.Literal.string(value).sql("duckdb") for value in known)
    first = f"WHEN {fixed} IN ({listed}) THEN {told} " if listed else ""
    return f"CASE {first}WHEN {ANSWERED} THEN {answered} END"


def counted(columns: Columns) -> dict[str, str]:
    """Say what usage tables counted, as the calls are told it; NULL where there are none.

    ``counted_in`` is what was counted of a row that needs no look into its answer.
    """

    def of(name: str) -> str:
        return f"CAST({columns.beside.get(name, 'NULL').replace('{own}', 'NULL')} AS BIGINT)"

    def detail(key: str) -> str:
        return f"TRY_CAST(nbext_details['{key}'] AS BIGINT)"

    read, written = detail("cache_read_input_tokens"), detail("cache_creation_input_tokens")
    silent = f"coalesce({read}, {written}) IS NULL AND contains(response, 'cache')"
    sent = of("input_tokens")
    return {
        "counted_in": f"CASE WHEN {silent} THEN NULL ELSE {sent} END" if columns.beside else sent,
        "usage_in": sent,
        "usage_out": of("output_tokens"),
        "usage_cached": read,
        "usage_written": written,
    }

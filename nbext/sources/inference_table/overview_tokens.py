"""The layers of an overview's statement that count tokens: each reads the rows of the one below, ``a``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .derived import USAGE, tokens_sql
from .status import STATUS

if TYPE_CHECKING:
    from collections.abc import Sequence

ANSWERED = "coalesce(status_code, 200) < 400"
# Counts of an answer, read once for all of them; numbered from 1.
PATHS = (
    "$.usage.prompt_tokens",
    "$.usage.completion_tokens",
    "$.usage.total_tokens",
    "$.usage.prompt_tokens_details.cached_tokens",
    "$.usage.cache_read_input_tokens",
    "$.usage.cache_creation_input_tokens",
)
# The others, and the total, matter only where a cache is spoken of.
_SPENT = 2
# Counts of odd answers, those that are about caches apart.
_USED = ("sent", "made", "total")
_HELD = ("cached", "read", "written")
# What follows the last list of objects, which nearly always is the choices. A curly bracket is rare in a
# text, where the quotation mark in front of a key is not: looking for this takes a quarter of the time.
END = "string_split(response, '}],')[-1]"
# The usage object and what follows it: JSON, if the object was the answer's own and not one inside it.
TAIL = f"""
CASE WHEN starts_with(ending, ' "usage"') OR starts_with(ending, '"usage"') THEN '{{' || ending
  WHEN readable THEN '{{"usage"' || {USAGE} END
"""


_WORDS = ('"error', '_service_policy"', '-guardrail-block"')
# What nearly every row is, told with one look through its text: choices, followed by a usage that is whole.
# An error or a policy in front of choices that are there all the same is not seen; no gateway writes one.
PLAINLY_OK = f"""
fits AND (starts_with(ending, ' "usage"') OR starts_with(ending, '"usage"'))
AND starts_with(response, '{{"') AND ends_with(response, '}}') AND NOT starts_with(response, '{{"error')
AND NOT starts_with(response, '{{"id": "databricks-') AND NOT starts_with(response, '{{"id":"databricks-')
AND {" AND ".join(f"NOT contains(ending, '{word}')" for word in _WORDS)}
AND NOT contains(response, '_filter"')
"""


def read_sql(*, short: bool) -> str:
    """Read the counts of the answers and how each ended, off their ends where these tell."""

    def said(text: str, paths: Sequence[str] = PATHS) -> str:
        return f"json_extract_string({text}, [{', '.join(map(repr, paths))}])"

    whole = f"CASE WHEN readable THEN TRY({said('response')}) END"
    if not short:
        return f"SELECT *, {whole} AS said, coalesce(ended, {STATUS}) AS status FROM a"
    status = f"CASE WHEN ended IS NOT NULL THEN ended WHEN {PLAINLY_OK} THEN 'ok' ELSE {STATUS} END"
    cached = f"CASE WHEN contains(tail, 'cache') THEN {said('tail')} ELSE {said('tail', PATHS[:_SPENT])} END"
    said_of = f"CASE WHEN fits AND readable THEN {cached} ELSE {whole} END"
    return f"SELECT *, {said_of} AS said, {status} AS status FROM a"


def numbers_sql() -> str:
    """Make numbers of the counts. One past all reason, or what is none, would spoil every sum it is in."""
    number = "TRY_CAST(said[{0}] AS DOUBLE)".format
    found = (
        f"CASE WHEN {number(n)} BETWEEN 0 AND 1e15 THEN {number(n)} END AS n{n}"
        for n in range(1, len(PATHS) + 1)
    )
    # Streams as they were sent, and other APIs, have not the usual keys at the usual place.
    odd = f"CASE WHEN said[1] IS NULL AND counted_in IS NULL AND {ANSWERED} THEN {USAGE} END"
    return f"SELECT *, {', '.join(found)}, {odd} AS odd FROM a"


def closer_sql() -> str:
    """Read the counts of odd answers as `Columns` does, each once."""

    def listed(kinds: Sequence[str]) -> str:
        return f"[{', '.join(tokens_sql(kind, 'odd') for kind in kinds)}]"

    # One CASE inside another: in one condition, DuckDB would look for a cache in every answer.
    held = f"CASE WHEN contains(response, 'cache') THEN {listed(_HELD)} END"
    return (
        f"SELECT *, CASE WHEN odd IS NOT NULL THEN {listed(_USED)} END AS used, "
        f"CASE WHEN odd IS NOT NULL THEN {held} END AS held FROM a"
    )


def odd_sql(kind: str) -> str:
    """Name a count of an odd answer."""
    return f"used[{_USED.index(kind) + 1}]" if kind in _USED else f"held[{_HELD.index(kind) + 1}]"

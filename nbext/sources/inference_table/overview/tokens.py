"""The layers of an overview's statement that read the answers: each reads the rows of the one below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..derived import ANSWERED, USAGE, tokens_sql
from ..status import STATUS
from .layers import BELOW
from .status import CHOICES, clearly_ok, plainly_ok

if TYPE_CHECKING:
    from collections.abc import Sequence

# Counts of an answer, read once for all of them; numbered from 1.
PATHS = (
    "$.usage.prompt_tokens",
    "$.usage.completion_tokens",
    "$.usage.total_tokens",
    "$.usage.prompt_tokens_details.cached_tokens",
    "$.usage.cache_read_input_tokens",
    "$.usage.cache_creation_input_tokens",
    "$.usage.input_tokens",
    "$.usage.output_tokens",
    "$.usage.input_tokens_details.cached_tokens",
)
# The total matters only where a cache is spoken of, and the names that follow only to other APIs.
_SPENT, _CHAT = 2, 6
# Counts of odd answers, those that are about caches apart.
_USED = ("sent", "made", "total")
_HELD = ("cached", "read", "written")
# What follows the last list of objects, which nearly always is the choices. A curly bracket is rare in a
# text, where the quotation mark in front of a key is not: looking for this takes a quarter of the time.
END = "string_split(response, '}],')[-1]"
# The same in a list of chunks, and in the text of events. So many keys begin there that the look for a
# quotation mark takes twice as long.
_LAST = "split_part(response, 'usage\"', -1)"


def tail_sql() -> str:
    """Cut out the last usage object and what follows it: JSON, if the object was the answer's own."""
    return f"""
        SELECT *, CASE
          WHEN {CHOICES} THEN '{{' || ending
          WHEN NOT {ANSWERED} THEN NULL
          WHEN starts_with(response, '{{') THEN '{{"usage"' || {USAGE}
          WHEN starts_with(response, '[{{') AND ends_with(response, ']')
            THEN '{{"usage"' || left({_LAST}, -1)
          WHEN starts_with(response, 'data:') OR starts_with(response, 'event:')
            THEN '{{"usage"' || split_part({_LAST}, chr(10), 1)
        END AS tail FROM {BELOW}
    """


def ends_sql() -> str:
    """Read the counts off that; NULL of what is no JSON, and then the whole answer is to be read."""
    few = "contains(tail, 'prompt_tokens') AND NOT contains(tail, 'cache')"
    # A stream of other APIs may tell at its beginning what its end does not.
    read = f"""
        CASE WHEN {few} THEN {_said("tail", PATHS[:_SPENT])}
          WHEN starts_with(response, '{{') THEN {_said("tail", PATHS)} ELSE {_said("tail", PATHS[:_CHAT])} END
    """
    # Where reading fails, DuckDB reads the rows around one by one: that must be rare.
    return f"""
        SELECT *, CASE
          WHEN {CHOICES} AND ends_with(ending, '}}') THEN TRY({read})
          WHEN json_valid(tail) THEN {read}
        END AS short FROM {BELOW}
    """


def _said(text: str, paths: Sequence[str]) -> str:
    return f"json_extract_string({text}, [{', '.join(map(repr, paths))}])"


def read_sql(*, short: bool) -> str:
    """Read the counts of the answers and how each ended, off their ends where these tell."""
    if not short:
        whole = f"CASE WHEN readable THEN TRY({_said('response', PATHS[:_CHAT])}) END"
        return f"SELECT *, {whole} AS said, coalesce(ended, {STATUS}) AS status FROM {BELOW}"
    whole = f"CASE WHEN readable THEN TRY({_said('response', PATHS)}) END"
    status = f"""
        CASE WHEN ended IS NOT NULL THEN ended
          WHEN {plainly_ok()} THEN 'ok' WHEN {clearly_ok()} THEN 'ok' ELSE {STATUS} END
    """
    said = f"CASE WHEN short IS NOT NULL THEN short ELSE {whole} END"
    return f"SELECT *, {said} AS said, {status} AS status FROM {BELOW}"


def numbers_sql(*, short: bool) -> str:
    """Make numbers of the counts: ``n1``, ``n2``, and ``more`` where more were looked for.

    One past all reason, or what is none, would spoil every sum it is in.
    """

    def number(n: int) -> str:
        counted = f"TRY_CAST(said[{n}] AS DOUBLE)"
        return f"CASE WHEN {counted} BETWEEN 0 AND 1e15 THEN {counted} END"

    told = len(PATHS) if short else _CHAT
    rest = [number(n) for n in range(_SPENT + 1, told + 1)] + ["CAST(NULL AS DOUBLE)"] * (len(PATHS) - told)
    more = f"CASE WHEN array_length(said) > {_SPENT} THEN [{', '.join(rest)}] END"
    # Streams may tell the input at their beginning, and other APIs have other keys.
    silent = "said[1] IS NULL"
    if short:
        silent += (
            " AND said[7] IS NULL OR (NOT starts_with(response, '{') AND said[2] IS NULL AND said[8] IS NULL)"
        )
    # Where nothing is counted, there is nothing to look for; one CASE inside another, for the other rows.
    counts = "contains(response, '_tokens\"') OR contains(response, 'TokenCount\"')"
    odd = f"""
        CASE WHEN ({silent}) AND counted_in IS NULL AND {ANSWERED}
          THEN CASE WHEN {counts} THEN {USAGE} END END
    """
    return f"SELECT *, {number(1)} AS n1, {number(2)} AS n2, {more} AS more, {odd} AS odd FROM {BELOW}"


def first_sql() -> str:
    """Cut out the first usage object where it counts the input: in Anthropic's stream, and there alone."""
    begins = "contains(response, '_start\"') AND contains(response, '\"message_start\"')"
    first = "split_part(split_part(response, 'usage\"', 2), chr(10), 1)"
    cut = f"CASE WHEN {begins} THEN {first} END"
    return f"SELECT *, CASE WHEN odd IS NOT NULL THEN {cut} END AS first FROM {BELOW}"


def closer_sql() -> str:
    """Read the counts of odd answers as `Columns` does, each once."""

    def listed(kinds: Sequence[str], *more: str) -> str:
        return f"[{', '.join(tokens_sql(kind, 'odd', *more) for kind in kinds)}]"

    def read(kinds: Sequence[str]) -> str:
        return f"CASE WHEN first IS NOT NULL THEN {listed(kinds, 'first')} ELSE {listed(kinds)} END"

    # One CASE inside another: in one condition, DuckDB would look for a cache in every answer.
    held = f"CASE WHEN contains(response, 'cache') THEN {read(_HELD)} END"
    return (
        f"SELECT *, CASE WHEN odd IS NOT NULL THEN {read(_USED)} END AS used, "
        f"CASE WHEN odd IS NOT NULL THEN {held} END AS held FROM {BELOW}"
    )


def odd_sql(kind: str) -> str:
    """Name a count of an odd answer."""
    return f"used[{_USED.index(kind) + 1}]" if kind in _USED else f"held[{_HELD.index(kind) + 1}]"

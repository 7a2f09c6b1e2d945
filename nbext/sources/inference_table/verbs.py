"""Conditions and statements the verbs are made of."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from .flavour import TableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot import exp

    from .columns import Columns
    from .query import Query

# What JSON has only one way to write, and any engine lowers alike.
_PLAIN = re.compile(r"[A-Za-z0-9 _.,:;!?@#$%*()\[\]{}|~^`+-]+")
_WORDS = re.compile(r'"([^"]+)"|(\S+)')


def any_of(column: exp.Expr, values: Sequence[str], verb: str) -> exp.Expr:
    """Give the condition that a column is one of the values.

    Raises
    ------
    TableError
        No value, or one that is no text.
    """
    from sqlglot import exp

    if not values or not all(isinstance(value, str) and value for value in values):
        raise TableError(
            f"{verb}(…): expected one name or more, got {', '.join(map(repr, values)) or 'none'}"
        )
    if len(values) == 1:
        return column.eq(exp.Literal.string(values[0]))
    return exp.In(this=column, expressions=[exp.Literal.string(value) for value in values])


def search(words: str, columns: Columns) -> list[exp.Expr]:
    """Give a condition per word: it stands in the request or in the answer.

    Raises
    ------
    TableError
        There is no word.
    """
    from sqlglot import exp

    found = [a or b for a, b in _WORDS.findall(words)] if isinstance(words, str) else []
    if not found:
        raise TableError(f"search({words!r}): expected one word or more")
    conditions: list[exp.Expr] = []
    for word in found:
        tries = [_holds(columns.column(body), word) for body in ("request", "response")]
        conditions.append(exp.paren(exp.or_(*tries)))
    return conditions


def _holds(body: exp.Expr, word: str) -> exp.Expr:
    """Tell whether a body holds a word, in any case, as it is or escaped in any way that JSON allows."""
    from sqlglot import exp

    text = exp.Lower(this=body)
    if _PLAIN.fullmatch(word):
        return exp.Contains(this=text, expression=exp.Literal.string(word.lower()))
    pattern = "".join(map(_letter, word))
    return exp.RegexpLike(this=text, expression=exp.Literal.string(pattern))


def _letter(letter: str) -> str:
    """Give the pattern of one letter of a word, for a text in small letters.

    Engines differ in what they make of letters outside of ASCII, and none lowers an escaped one.
    """
    if _PLAIN.fullmatch(letter):
        return re.escape(letter.lower())
    small, large = letter.lower(), letter.upper()
    cases = {letter, small, large, letter.casefold(), large.lower()}
    # What is large as two letters, as ß is, is found as it is.
    cases = {case for case in cases if len(case) == 1 or case == small}
    # Σ is small in two ways, at the end of a word in the other.
    cases |= {"ς"} if "σ" in cases else set()
    forms = {form.lower() for case in cases for form in (json.dumps(case)[1:-1], *_escaped(case))}
    # İ is two letters in small, and one where an engine does not know that.
    forms |= {case for case in (*cases, small[0]) if not "\ud800" <= case <= "\udfff"}
    return f"(?:{'|'.join(map(_exactly, sorted(forms)))})"


def _exactly(text: str) -> str:
    """Give the pattern of a text; control characters by number, for not every parser of SQL takes them."""
    return "".join(f"\\x{ord(letter):02x}" if letter < " " else re.escape(letter) for letter in text)


def _escaped(letter: str) -> list[str]:
    """Write a letter as some do that need not: ``<`` for pages, ``/`` for scripts."""
    if not letter.isascii():
        return []
    return [f"\\u{ord(letter):04x}", *([f"\\{letter}"] if letter == "/" else [])]


def lot(columns: Columns, seed: int) -> exp.Expr:
    """Give a number drawn for each row, the same on every engine."""
    from sqlglot import exp

    name = exp.Coalesce(this=columns.named("id"), expressions=[columns.column("request")])
    return exp.MD5(this=exp.Concat(expressions=[name, exp.Literal.string(f"/{seed}")], coalesce=True))


def over_calls(statement: exp.Expr, query: Query, copies: int) -> exp.Select:
    """Put the rows asked for behind ``FROM calls``, with the columns the statement uses.

    Raises
    ------
    TableError
        The statement is no SELECT, or uses a column that there is not.
    """
    from sqlglot import exp

    if not isinstance(statement, exp.Select):
        raise TableError(f"expected a SELECT over calls, got {statement.sql('duckdb')[:80]}")
    columns = query.columns
    aliases = {alias.alias for alias in statement.find_all(exp.Alias)}
    used = dict.fromkeys(
        c.name for c in statement.find_all(exp.Column) if c.name not in aliases or c.name in columns.names
    )
    unknown = [name for name in used if name not in columns.names]
    if unknown:
        raise TableError(f"no column {unknown[0]!r} in calls; known: {', '.join(columns.names)}")
    wanted = {name: columns.column(name) if name in columns.types else columns.named(name) for name in used}
    if copies > 1:
        wanted.setdefault("id", columns.named("id"))
    items = [exp.alias_(value, name, quoted=True) for name, value in wanted.items()]
    inner = _calls(query, items or [exp.alias_(exp.Literal.number(1), "one")], copies)
    for table in list(statement.find_all(exp.Table)):
        if table.name == "calls":
            table.replace(inner.copy().subquery(table.alias or "calls"))
    return statement


def _calls(query: Query, items: list[exp.Expr], copies: int) -> exp.Select:
    from sqlglot import exp

    if query.limit is not None:
        return exp.select(*items).from_(query.rows(copies).subquery("rows"))
    inner = query.select(*items, copies=copies)
    if copies == 1:
        return inner
    identity = exp.column("id")
    number = exp.Window(
        this=exp.RowNumber(), partition_by=[identity], order=exp.Order(expressions=[identity.copy()])
    )
    numbered = exp.select(exp.Star(), exp.alias_(number, "nbext_copy")).from_(inner.subquery("each"))
    first = exp.or_(exp.Is(this=exp.column("id"), expression=exp.Null()), exp.column("nbext_copy").eq(1))
    return exp.select(exp.Star()).from_(numbered.subquery("numbered")).where(first)

"""Lists and key-value pairs that are stored as JSON text, or as lists of lists, in SQL over one column."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from .inline import parsed

if TYPE_CHECKING:
    from sqlglot import exp

# As the Statement Execution API answers a list of texts; or one text that is no JSON.
_LIST = """
CASE WHEN starts_with(ltrim(given), '[') THEN regexp_extract_all(given, '"([^"]*)"', 1)
  WHEN given IS NOT NULL THEN list_filter([trim(given)], x -> x <> '') END
"""
# Keys that every engine takes in the path to a value.
_IN_A_PATH = re.compile(r"[\w .:@/-]+")
_VALUE = r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false'


def list_of_text(column: exp.Expr) -> exp.Expr:
    """Give the list of texts that a text holds."""
    return _over(_LIST, column)


def entry_of_text(column: exp.Expr, key: str) -> exp.Expr:
    """Give the value of a key in JSON text.

    That is an object, or a list of ``["key", "value"]`` or of ``{"key": …, "value": …}``.
    """
    from sqlglot import exp

    if _IN_A_PATH.fullmatch(key):
        path = exp.Literal.string(f'$."{key}"')
        own: exp.Expr = exp.Try(this=exp.func("json_extract_string", column, path, dialect="duckdb"))
    else:
        own = _over(_read_sql(r"[{,]\s*", key, r":\s*"), column)
    pair = _read_sql(r'(?:[\[,]\s*\[\s*|"key"\s*:\s*)', key, r',\s*(?:"value"\s*:\s*)?')
    return exp.Coalesce(
        this=own, expressions=[_over(f"CASE WHEN starts_with(ltrim(given), '[') THEN {pair} END", column)]
    )


def _read_sql(before: str, key: str, after: str) -> str:
    """Read the value that stands behind a key.

    Text inside a JSON string has no plain quotation marks, and cannot be taken for a key.
    """
    forms = dict.fromkeys(json.dumps(key, ensure_ascii=ascii_only) for ascii_only in (False, True))
    wanted = "|".join(map(re.escape, forms))
    pattern = rf"{before}(?:{wanted})\s*{after}({_VALUE})"
    found = f"regexp_extract(given, {_quoted(pattern)}, 1)"
    # In an object of its own it is read, escapes and all; where nothing was found that is no JSON.
    return "TRY(json_extract_string('{\"v\":' || " + found + " || '}', '$.v'))"


def entry_of_pairs(column: exp.Expr, key: str, *, named: bool) -> exp.Expr:
    """Give the value of a key in a list of pairs: of two texts, or of ``key`` and ``value``."""
    wanted = _quoted(key)
    where, value = (f"x.key = {wanted}", "x.value") if named else (f"x[1] = {wanted}", "x[2]")
    if not named:
        # Spark fails at a place that a list does not have.
        where = f"CASE WHEN array_length(x) = 2 THEN {where} ELSE FALSE END"
    # Joined and not taken by its place, for the same reason.
    kept = f"list_transform(list_filter(given, x -> {where}), x -> {value})"
    return _over(f"nullif(array_to_string({kept}, ''), '')", column)


def _over(sql: str, column: exp.Expr) -> exp.Expr:
    """Give an expression over ``given``, which stands for a column."""
    from sqlglot import exp

    def replaced(node: exp.Expr) -> exp.Expr:
        return column.copy() if isinstance(node, exp.Column) and node.name == "given" else node

    return parsed(sql).copy().transform(replaced)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

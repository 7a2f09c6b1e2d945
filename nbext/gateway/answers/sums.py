"""Arithmetic in a question, worked out without evaluating code."""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_EXPRESSION = re.compile(r"(?<![\w.])\(*\d[\d.,]*\)*(?:\s*[-+*/×÷x]\s*\(*\d[\d.,]*\)*)+(?![\w])")
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def expression_in(text: str) -> str | None:
    """Return the first arithmetic expression of ``text``, as Python would write it."""
    found = _EXPRESSION.search(text)
    if not found or re.fullmatch(r"\d{4}-\d\d(-\d\d)?", found.group()):
        return None
    return found.group().replace("×", "*").replace("÷", "/").replace("x", "*").replace(",", "")


def solve(text: str) -> str | None:
    """Return a sentence with the result of the expression in ``text``, or None if there is none."""
    expression = expression_in(text)
    if expression is None:
        return None
    try:
        value = _value(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return f"{expression} = {value:g}" if abs(value) < 1e6 else f"{expression} = {value:,.0f}"


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError("not an arithmetic expression")

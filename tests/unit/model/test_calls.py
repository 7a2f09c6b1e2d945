"""Calls of every wire shape: what is read of them."""

from __future__ import annotations

from typing import Any

import pytest

from .building import cases, found, matches

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_call_reads_as_expected(case: dict[str, Any]) -> None:
    wrong = {}
    for path, expected in case["expect"].items():
        value = found(case, path)
        if not matches(value, expected):
            wrong[path] = f"{value!r}, expected {expected!r}"
    assert not wrong, "\n".join(f"{path}: {words}" for path, words in wrong.items())

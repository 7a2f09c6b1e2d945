"""The page and Python align two runs alike: `compare.test.ts` in `renderers/` reads the same cases."""

from __future__ import annotations

import json

import pytest

from .compare_cases import FILE, aligned

CASES = json.loads(FILE.read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_runs_align_as_in_the_page(case: dict) -> None:
    assert aligned(case) == case["expect"]

"""Bodies that are broken JSON: they change nothing but their own row."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import nbext

from . import samples

BROKEN = [
    '{"id": "c", "choices": [{"mess',
    '{"a": 1} {"b": 2}',
    "{" * 5000,
    '{"a": "\\ud800"}',
    '{"a": \x00}',
]
USAGES: dict[str, Any] = {
    "a text": '{"prompt_tokens": 1}',
    "broken text": '{"prompt',
    "a list": [{"prompt_tokens": 1}],
    "nothing in it": {},
    "no prompt": {"completion_tokens": 4},
    "a nested prompt": {"prompt_tokens": {"a": 1}, "completion_tokens": 4},
    "truth": {"prompt_tokens": True, "completion_tokens": 4},
    "other names": {"input_tokens": 5, "output_tokens": 6},
    "both names": {"prompt_tokens": 1, "completion_tokens": 2, "input_tokens": 5, "output_tokens": 6},
    "a number": 12,
}


def plain() -> list[dict[str, Any]]:
    return [row for row in samples.serving_rows()[:6] if row["status_code"] == 200]


@pytest.mark.parametrize("column", ["request", "response"])
@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("status", [200, 400])
def test_only_its_own_row(column: str, broken: str, status: int) -> None:
    rows = plain()
    rows[1] |= {column: broken, "status_code": status}
    table = nbext.inference_table(pd.DataFrame(rows))
    frame = table.calls_df()
    pd.testing.assert_frame_equal(frame, nbext.calls_df(table.calls()))
    assert len(frame) == len(rows)


@pytest.mark.parametrize("usage", USAGES)
def test_usage_of_any_kind(usage: str) -> None:
    rows = plain()
    rows[0]["response"] = json.dumps(json.loads(rows[0]["response"]) | {"usage": USAGES[usage]})
    table = nbext.inference_table(pd.DataFrame(rows))
    pd.testing.assert_frame_equal(table.calls_df(), nbext.calls_df(table.calls()))

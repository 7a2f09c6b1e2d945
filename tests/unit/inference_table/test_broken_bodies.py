"""Bodies that are broken JSON: they change nothing but their own row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import nbext
from nbext.engines import EngineError
from nbext.sources.inference_table import parts

from . import samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


@pytest.mark.parametrize("broken", [False, True])
def test_bodies_are_trusted_until_one_is_broken(broken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What guards against a broken body costs every row, so it is only there when one was met."""
    rows = plain()
    if broken:
        rows[2]["response"] = BROKEN[0]
    trusted: list[bool] = []

    def noted(table: Any, *, trusting: bool = False) -> Iterator[parts.Part]:
        trusted.append(trusting)
        return parts_of(table, trusting=trusting)

    parts_of = parts.parts_of
    monkeypatch.setattr(parts, "parts_of", noted)
    frame = nbext.inference_table(pd.DataFrame(rows)).calls_df()
    assert trusted == ([True, False] if broken else [True])
    assert len(frame) == len(rows)


def test_another_failure_is_told_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pd.DataFrame(plain()).to_parquet(path)
    table = nbext.inference_table(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(EngineError):
        table.calls_df()

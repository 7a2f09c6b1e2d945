"""Token counts of every API's own form."""

from __future__ import annotations

from typing import Any

import pytest

from nbext.model.call import Message, Part, Usage
from nbext.model.usage import count, estimate, made_by, merge_usage, tokens_in, usage_of


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"prompt_tokens": 22, "completion_tokens": 3, "total_tokens": 25}, Usage(22, 3, 25)),
        ({"prompt_tokens": 4, "total_tokens": 4}, Usage(4, None, 4)),
        ({"prompt_tokens": 4, "completion_tokens": None, "total_tokens": None}, Usage(4, None, 4)),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_tokens": 15,
                "prompt_tokens_details": {"cached_tokens": 8},
            },
            Usage(10, 5, 15, cached_tokens=8),
        ),
        # Anthropic counts the cache apart.
        (
            {
                "input_tokens": 9,
                "output_tokens": 12,
                "cache_creation_input_tokens": 1642,
                "cache_read_input_tokens": 0,
            },
            Usage(1651, 12, 1663, cached_tokens=0, cache_write_tokens=1642),
        ),
        # Databricks' Claude: included, unless the numbers cannot mean that.
        (
            {
                "prompt_tokens": 2000,
                "completion_tokens": 10,
                "total_tokens": 2010,
                "cache_read_input_tokens": 1500,
            },
            Usage(2000, 10, 2010, cached_tokens=1500),
        ),
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 10,
                "total_tokens": 19,
                "cache_read_input_tokens": 1500,
            },
            Usage(1509, 10, 1519, cached_tokens=1500),
        ),
        (
            {
                "prompt_tokens": 2000,
                "completion_tokens": 10,
                "total_tokens": 3510,
                "cache_read_input_tokens": 1500,
            },
            Usage(3500, 10, 3510, cached_tokens=1500),
        ),
        # The Responses API has the same words as Anthropic, and a total.
        (
            {
                "input_tokens": 100,
                "input_tokens_details": {"cached_tokens": 64},
                "output_tokens": 40,
                "output_tokens_details": {"reasoning_tokens": 24},
                "total_tokens": 140,
            },
            Usage(100, 40, 140, cached_tokens=64, reasoning_tokens=24),
        ),
        (
            {
                "promptTokenCount": 10,
                "candidatesTokenCount": 2,
                "thoughtsTokenCount": 5,
                "totalTokenCount": 17,
            },
            Usage(10, 7, 17, reasoning_tokens=5),
        ),
        ({"promptTokenCount": 10}, Usage(10, None, 10)),
        # Numbers as the Statement Execution API gives them.
        ({"input_tokens": "11", "output_tokens": "4", "total_tokens": "15"}, Usage(11, 4, 15)),
        (None, Usage()),
        ([], Usage()),
        ({"prompt_tokens": "many", "completion_tokens": -1, "total_tokens": 2**70}, Usage()),
        ({"prompt_tokens_details": 5, "prompt_tokens": 1.0}, Usage(1, None, 1)),
    ],
)
def test_usage_of(raw: Any, expected: Usage) -> None:
    assert usage_of(raw) == expected


def test_last_usage_of_a_stream_wins_and_null_never_does() -> None:
    known = merge_usage(None, {"prompt_tokens": 14, "completion_tokens": 3})
    known = merge_usage(known, {"completion_tokens": 25, "total_tokens": 39})
    known = merge_usage(known, {"completion_tokens": None})
    assert merge_usage(known, None) == {"prompt_tokens": 14, "completion_tokens": 25, "total_tokens": 39}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        (5.0, 5),
        ("5", 5),
        (5.5, None),
        ("5.5", None),
        (True, None),
        (-1, None),
        (None, None),
        ([], None),
    ],
)
def test_count(value: Any, expected: int | None) -> None:
    assert count(value) == expected


def test_estimates() -> None:
    assert tokens_in("") == 0
    assert tokens_in("abcd") == 1
    assert tokens_in("abcde") == 2
    assert tokens_in("湖仓一体") == 3
    assert made_by([Message("assistant", [Part("text", "abcd"), Part("tool_call", "{}", name="f")])]) == 3
    assert estimate([Message("user", [Part("text", "abcd")])]) == 7
    assert estimate([], [{"name": "f"}]) == 3 + 4

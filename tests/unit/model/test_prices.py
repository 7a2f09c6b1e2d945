"""What a call costs, and when that is not known."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from nbext.model.assemble import call_of_bodies
from nbext.model.call import Usage
from nbext.model.names import base_name, family, same_model
from nbext.model.pricing import cost_of

IN_1M = Usage(input_tokens=1_000_000, output_tokens=0, total_tokens=1_000_000)
JULY_2026 = 1_783_194_026 * 10**9


@pytest.mark.parametrize(
    ("model", "databricks", "seller"),
    [
        ("databricks-claude-haiku-4-5", True, "anthropic"),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", True, "anthropic"),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", False, "aws"),
        ("databricks-meta-llama-3-3-70b-instruct", True, "databricks"),
        ("meta-llama-3.3-70b-instruct-121024", True, "databricks"),
        ("system.ai.llama-4-maverick", True, "databricks"),
        ("databricks-gte-large-en", True, "databricks"),
        ("gte-large-en-v1.5", True, "databricks"),
        ("gpt-oss-120b-080525", True, "databricks"),
        ("databricks-qwen35-122b-a10b", True, "databricks"),
        ("databricks-gpt-5-2", True, "openai"),
        ("gpt-4o-2024-08-06", False, "openai"),
        ("text-embedding-3-small", False, "openai"),
        ("gemini-2.5-flash", False, "google"),
        ("claude-sonnet-4-5", False, "anthropic"),
    ],
)
def test_list_price(model: str, databricks: bool, seller: str) -> None:
    cost = cost_of(IN_1M, model=model, databricks=databricks, at_ns=JULY_2026)
    assert cost.basis == "listed"
    assert cost.source is not None
    assert cost.source.startswith(f"genai-prices: {seller} ")
    assert cost.usd is not None
    assert 0.001 < cost.usd < 20


@pytest.mark.parametrize(
    "model", ["support-ft", "demo-chat", "my-gpt", "", None, "x" * 5000, "../..", "claude\x00"]
)
def test_unknown_stays_unknown(model: str | None) -> None:
    cost = cost_of(IN_1M, model=model, databricks=True)
    assert (cost.usd, cost.basis, cost.source) == (None, "unknown", None)


def test_same_price_as_the_package() -> None:
    from genai_prices import Usage as Priced
    from genai_prices import calc_price

    usage = Usage(input_tokens=250_000, output_tokens=1200, cached_tokens=100_000, cache_write_tokens=5000)
    priced = Priced(
        input_tokens=250_000, output_tokens=1200, cache_read_tokens=100_000, cache_write_tokens=5000
    )
    for model, provider in (
        ("claude-sonnet-4-5", "anthropic"),
        ("gpt-5", "openai"),
        ("gemini-2.5-pro", "google"),
        ("claude-haiku-4-5", "anthropic"),
    ):
        expected = calc_price(priced, model_ref=model, provider_id=provider).total_price
        assert cost_of(usage, model=model).usd == pytest.approx(float(expected), rel=1e-9), model


def test_own_table_comes_first() -> None:
    prices = {"support-chat": {"input": 2, "output": 8.0, "cached": 0.5}, "gpt-5": {"input": 1, "output": 1}}
    usage = Usage(input_tokens=1000, output_tokens=100, cached_tokens=400)
    cost = cost_of(usage, model="gpt-5", endpoint="support-chat", prices=prices)
    assert cost.usd == pytest.approx((600 * 2 + 400 * 0.5 + 100 * 8) / 1e6)
    assert (cost.basis, cost.source) == ("custom", "your price table: support-chat")
    assert cost_of(usage, model="databricks-gpt-5", prices=prices).source == "your price table: gpt-5"
    assert cost_of(usage, model="other", served="gpt-5-2025-08-07", prices=prices).basis == "custom"


@pytest.mark.parametrize(
    "row",
    [{}, {"input": "2"}, {"input": -1}, {"input": float("nan")}, {"input": True}, None, 3, {"output": None}],
)
def test_row_without_a_price_is_passed_over(row: Any) -> None:
    assert cost_of(IN_1M, model="m", prices={"m": row}).basis == "unknown"


def test_price_of_one_side_only() -> None:
    prices = {"m": {"input": 2}}
    assert cost_of(IN_1M, model="m", prices=prices).usd == 2.0
    assert cost_of(Usage(input_tokens=1, output_tokens=1), model="m", prices=prices).usd is None


def test_nothing_used_costs_nothing_and_no_word_is_not_nothing() -> None:
    assert cost_of(Usage(0, 0, 0), model="who-knows").usd == 0.0
    assert cost_of(Usage(input_tokens=0, total_tokens=0), model="who-knows").usd == 0.0
    assert cost_of(Usage(), model="gpt-5").usd is None
    assert cost_of(Usage(input_tokens=0), model="gpt-5").usd is None


def test_without_the_package_prices_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    from nbext.model import pricing

    pricing._listed.cache_clear()
    pricing._model_of.cache_clear()
    monkeypatch.setitem(sys.modules, "genai_prices.data_snapshot", None)
    assert cost_of(IN_1M, model="gpt-5").basis == "unknown"
    pricing._listed.cache_clear()
    pricing._model_of.cache_clear()


def test_interrupted_call_is_a_lower_bound() -> None:
    call = call_of_bodies(
        call_id="c",
        trace_id="t",
        start_ns=0,
        end_ns=1,
        request={"model": "gpt-5", "messages": []},
        response=None,
    )
    assert not call.cost.partial


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("databricks-claude-haiku-4-5", "claude-haiku-4-5"),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", "claude-3-7-sonnet"),
        ("meta-llama-3.3-70b-instruct-121024", "meta-llama-3.3-70b-instruct"),
        ("system.ai.llama-4-maverick", "llama-4-maverick"),
        ("openai/gpt-4o-2024-08-06", "gpt-4o"),
        ("gpt-4-0613", "gpt-4"),
        ("models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("claude-3-5-sonnet@20241022", "claude-3-5-sonnet"),
        ("gpt-5", "gpt-5"),
        ("", ""),
    ],
)
def test_base_name(name: str, expected: str) -> None:
    assert base_name(name) == expected


@pytest.mark.parametrize(
    ("asked", "served", "same"),
    [
        ("databricks-claude-haiku-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0", True),
        ("databricks-meta-llama-3-3-70b-instruct", "meta-llama-3.3-70b-instruct-121024", True),
        ("databricks-llama-4-maverick", "meta-llama-4-maverick-040225", True),
        ("databricks-gpt-oss-120b", "gpt-oss-120b-080525", True),
        ("databricks-gte-large-en", "gte-large-en-v1.5", True),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("system.ai.gpt-5", "claude-sonnet-4-5", False),
        ("databricks-claude-sonnet-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0", False),
        ("gpt-4o", "gpt-4o-mini", False),
        ("databricks-gpt-5", "gpt-5-mini-2025-08-07", False),
        ("claude-sonnet-4-5", "claude-sonnet-4", False),
        ("databricks-claude-sonnet-4", "claude-sonnet-4-20250514", True),
        ("databricks-gemini-2-5-flash", "gemini-2.5-flash-lite", False),
        ("databricks-gemini-2-5-flash", "gemini-2.5-flash-preview-05-20", True),
        ("gemini-1.5-flash", "gemini-1.5-flash-002", True),
        ("o3", "o3-mini", False),
        ("mistral-large", "mistral-large-2407", True),
        ("llama-4-maverick", "llama-4-maverick-17b-128e-instruct-fp8", None),
        ("support-chat", "claude-sonnet-4-5", None),
        ("gpt-5", "primary", None),
    ],
)
def test_same_model(asked: str, served: str, same: bool | None) -> None:
    assert same_model(asked, served) is same


def test_aliases_of_an_unknown_gateway_are_no_fallback() -> None:
    assert same_model("gemini-flash", "gemini-2.5-flash", strict=False) is None
    assert same_model("gpt-5", "claude-sonnet-4-5", strict=False) is False
    assert family("my-claude") is None

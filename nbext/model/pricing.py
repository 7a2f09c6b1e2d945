"""What a call cost: by the user's price table, else by public list prices, else unknown."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .call import Cost
from .names import base_name, family

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .call import Usage

# Who lists a price for a family, so that a name which several resellers use is not priced at random.
_MAKERS = {
    "claude": "anthropic",
    "gpt": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "text-embedding": "openai",
    "gemini": "google",
    "grok": "x-ai",
    "command": "cohere",
    "mistral": "mistral",
    "mixtral": "mistral",
    "ministral": "mistral",
    "codestral": "mistral",
    "deepseek": "deepseek",
    "sonar": "perplexity",
}
# Prices change by the date, some by the hour of the day; within half an hour they are taken as one.
_SLOT_S = 1800
SLOT_NS = _SLOT_S * 1_000_000_000


def cost_of(
    usage: Usage,
    *,
    model: str | None,
    endpoint: str | None = None,
    provider: str | None = None,
    at_ns: int | None = None,
    prices: Mapping[str, Any] | None = None,
    databricks: bool = False,
    served: str | tuple[str | None, ...] | None = None,
) -> Cost:
    """Price the tokens of a call.

    The user's table comes first, then the list prices that the package ``genai-prices`` brings
    along (no network). A model without a price stays unknown, never 0; a call that used no token
    costs 0 whatever the model.

    Parameters
    ----------
    usage : Usage
    model, endpoint : str, optional
        The model asked for, and the endpoint.
    served : str or tuple of str, optional
        The model that answered, by all its names, best first.
    provider : str, optional
        Who ran the model, as the gateway said.
    at_ns : int, optional
        When, in ns since the epoch: prices change.
    prices : mapping, optional
        ``{"endpoint or model": {"input": …, "output": …, "cached": …, "cache_write": …}}`` in US
        dollars per million tokens. ``cached`` and ``cache_write`` default to ``input``.
    databricks : bool
        The call went to Databricks, whose own price list is asked first.
    """
    if usage.input_tokens is None and usage.output_tokens is None:
        return Cost()
    if not usage.input_tokens and not usage.output_tokens:
        # Nothing was used: a guardrail or a policy stopped it before the model.
        known = usage.input_tokens is not None and (
            usage.output_tokens is not None or usage.total_tokens == 0
        )
        return Cost(0.0, "listed", "no tokens used") if known else Cost()
    rates = rates_of(
        model=model,
        endpoint=endpoint,
        provider=provider,
        at_ns=at_ns,
        prices=prices,
        databricks=databricks,
        served=served,
    )
    usd = None if rates is None else rates.usd(usage)
    return Cost() if rates is None or usd is None else Cost(usd, rates.basis, rates.source)


def rates_of(
    *,
    model: str | None,
    endpoint: str | None = None,
    provider: str | None = None,
    at_ns: int | None = None,
    prices: Mapping[str, Any] | None = None,
    databricks: bool = False,
    served: str | tuple[str | None, ...] | None = None,
) -> Rates | None:
    """Find the prices `cost_of` applies, to price many calls of the same model at once; None if unknown."""
    answered = served if isinstance(served, tuple) else (served,)
    if prices:
        found = _custom(prices, (endpoint, model, *answered))
        if found is not None:
            return found
    slot = None if at_ns is None else slot_of(at_ns)
    for name in dict.fromkeys(filter(None, (*answered, model, endpoint))):
        rates = _listed(name, databricks, provider, slot)
        if rates is not None:
            return rates
    return None


def slot_of(at_ns: int) -> int:
    """Give the half hour since the epoch; within one, prices are taken as the same."""
    return at_ns // SLOT_NS


def _custom(prices: Mapping[str, Any], names: tuple[str | None, ...]) -> Rates | None:
    """Price by the user's table: the endpoint's line before the model's, a whole name before its base."""
    for name in filter(None, names):
        for key in (name, base_name(name)):
            row = prices.get(key)
            if row is None or not hasattr(row, "get"):
                continue
            sent, made = _rate(row.get("input")), _rate(row.get("output"))
            if sent is None and made is None:
                continue
            cached, written = _rate(row.get("cached")), _rate(row.get("cache_write"))
            return Rates(f"your price table: {key}", sent, made, cached, written, basis="custom")
    return None


def _rate(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars per million tokens.

    `exact` prices what flat rates cannot tell: tiers, which begin above `flat_to` input tokens.
    """

    source: str
    sent: float | None = None
    made: float | None = None
    cached: float | None = None
    written: float | None = None
    exact: Callable[[Usage], Any] | None = None
    basis: str = "listed"
    flat_to: int | None = None

    def usd(self, usage: Usage) -> float | None:
        """Price the tokens; None when a price that is needed is not known."""
        if self.exact is not None and (self.flat_to is None or (usage.input_tokens or 0) > self.flat_to):
            priced = self.exact(usage)
            return None if priced is None else float(priced)
        sent, made = usage.input_tokens or 0, usage.output_tokens or 0
        cached = min(usage.cached_tokens or 0, sent)
        written = min(usage.cache_write_tokens or 0, sent - cached)
        total = 0.0
        for tokens, rate in (
            (sent - cached - written, self.sent),
            (cached, self.sent if self.cached is None else self.cached),
            (written, self.sent if self.written is None else self.written),
            (made, self.made),
        ):
            if tokens:
                if rate is None:
                    return None
                total += tokens * rate
        return total / 1e6


@lru_cache(maxsize=2048)
def _listed(name: str, databricks: bool, provider: str | None, slot: int | None) -> Rates | None:
    """Find the list price of a model at a time."""
    found = _model_of(name, databricks, provider)
    if found is None:
        return None
    when = (
        datetime.now(timezone.utc) if slot is None else datetime.fromtimestamp(slot * _SLOT_S, timezone.utc)
    )
    return _rates_of(*found, when)


@lru_cache(maxsize=1024)
def _model_of(name: str, databricks: bool, provider: str | None) -> tuple[Any, Any] | None:
    """Find the provider and model that list a price; remembered, for a search goes through all of them."""
    try:
        from genai_prices.data_snapshot import get_snapshot
    except ImportError:
        return None
    snapshot = get_snapshot()
    for seller, reference in _references(name, databricks, provider):
        try:
            found, model = snapshot.find_provider_model(reference, None, seller, None)
        except LookupError:
            continue
        return found, model
    return None


def _references(name: str, databricks: bool, provider: str | None) -> list[tuple[str | None, str]]:
    """Who may list the model under which name, best first."""
    base = base_name(name)
    maker = _MAKERS.get(family(name) or "")
    tries: list[tuple[str | None, str]] = []
    if databricks or name.startswith(("databricks-", "system.ai.")):
        dashed = base.replace(".", "-")
        forms = dict.fromkeys((dashed, re.sub(r"-v\d+(?:-\d+)?$", "", dashed), base))
        tries += [("databricks", f"databricks-{form}") for form in forms]
    elif provider and provider != "amazon-bedrock":
        tries.append((provider, name))
    elif provider == "amazon-bedrock" or ".anthropic." in name:
        tries.append(("aws", name))
    if maker:
        tries += [(maker, name), (maker, base), (maker, _dotted(base))]
    if family(name) is None:
        return [t for t in tries if t[0] == "databricks" or t[0] == provider]
    return [*tries, (None, base)] if not databricks else tries


def _dotted(base: str) -> str:
    """Databricks writes ``gpt-5-2`` where the maker's list says ``gpt-5.2``."""
    return re.sub(r"(?<=[a-z]-)(\d+)-(\d+)(?=$|-)", r"\1.\2", base)


def _rates_of(provider: Any, model: Any, when: datetime) -> Rates | None:
    source = f"genai-prices: {provider.id} {model.id}"
    price = model.get_prices(when)
    flat = [
        getattr(price, key, None)
        for key in ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")
    ]
    tiers = [tier.start for rate in flat for tier in getattr(rate, "tiers", None) or ()]
    bases = [rate if hasattr(rate, "as_tuple") else getattr(rate, "base", None) for rate in flat]
    if any(rate is not None and base is None for rate, base in zip(flat, bases, strict=True)):
        # A form of price this does not know: never flat.
        return Rates(source, exact=lambda usage: _exact(usage, model, provider, when))
    sent, made, cached, written = (None if base is None else float(base) for base in bases)
    if not tiers:
        return Rates(source, sent, made, cached, written)
    return Rates(
        source,
        sent,
        made,
        cached,
        written,
        exact=lambda usage: _exact(usage, model, provider, when),
        flat_to=min(tiers),
    )


def _exact(usage: Usage, model: Any, provider: Any, when: datetime) -> Any:
    from genai_prices import Usage as Priced

    priced = Priced(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )
    try:
        return model.calc_price(
            priced, provider, genai_request_timestamp=when, auto_update_timestamp=None
        ).total_price
    except (ValueError, LookupError, ArithmeticError):
        return None

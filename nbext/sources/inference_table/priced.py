"""Costs of many calls at once: prices are looked up once per model and half hour, and multiplied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model.call import Usage
from ...model.pricing import SLOT_NS, Rates, rates_of, slot_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pyarrow as pa


def add_costs(columns: dict[str, Any], *, prices: Mapping[str, Any] | None) -> None:
    """Add ``cost_usd`` and ``cost_basis`` to columns of the calls frame; see `pricing.cost_of`."""
    import numpy as np
    import pyarrow as pa

    count = len(columns["model"])
    sent, has_sent = _numbers(columns["input_tokens"])
    made, has_made = _numbers(columns["output_tokens"])
    total, has_total = _numbers(columns["total_tokens"])
    cached = np.minimum(_numbers(columns["cached_tokens"])[0], sent)
    written = np.minimum(_numbers(columns["cache_write_tokens"])[0], sent - cached)
    usd = np.full(count, np.nan)
    names = ["unknown", "listed"]
    basis = np.zeros(count, np.int8)
    used = (has_sent | has_made) & ((sent > 0) | (made > 0))
    # A call that used no token costs nothing, whatever the model.
    free = (has_sent & ~used) & (has_made | (has_total & (total == 0)))
    usd[free], basis[free] = 0.0, 1
    for rates, where in _groups(columns, used, prices):
        if rates is None:
            continue
        found = _flat(rates, sent[where], made[where], cached[where], written[where])
        if rates.exact is not None:
            tiered = np.flatnonzero(sent[where] > (-1 if rates.flat_to is None else rates.flat_to))
            found[tiered] = _one_by_one(rates, where[tiered], sent, made, cached, written)
        usd[where] = found
        if rates.basis not in names:
            names.append(rates.basis)
        basis[where[~np.isnan(found)]] = names.index(rates.basis)
    columns["cost_usd"] = pa.array(usd, mask=np.isnan(usd))
    columns["cost_basis"] = pa.DictionaryArray.from_arrays(basis, names)


def _groups(
    columns: dict[str, Any], used: np.ndarray[Any, Any], prices: Mapping[str, Any] | None
) -> list[tuple[Rates | None, np.ndarray[Any, Any]]]:
    """Places of the calls that share model, endpoint, provider and half hour, with their prices."""
    import numpy as np
    import pyarrow.compute as pc

    places = np.flatnonzero(used)
    if not len(places):
        return []
    starts = np.asarray(columns["start_time"].fill_null(0))[places]
    keys = [
        pc.dictionary_encode(columns[name], null_encoding="encode")
        for name in ("model", "endpoint", "served_model", "provider")
    ]
    code = starts // SLOT_NS - slot_of(int(starts.min()))
    for key in keys:
        code = code * len(key.dictionary) + np.asarray(key.indices)[places]
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    bounds = np.searchsorted(inverse[order], np.arange(len(first) + 1))
    groups = []
    for at, one in enumerate(first.tolist()):
        model, endpoint, served, provider = (key[int(places[one])].as_py() for key in keys)
        rates = rates_of(
            model=model,
            endpoint=endpoint,
            provider=provider,
            at_ns=int(starts[one]),
            prices=prices,
            databricks=True,
            served=(served, served),
        )
        groups.append((rates, places[order[bounds[at] : bounds[at + 1]]]))
    return groups


def _flat(
    rates: Rates,
    sent: np.ndarray[Any, Any],
    made: np.ndarray[Any, Any],
    cached: np.ndarray[Any, Any],
    written: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:
    import numpy as np

    total = np.zeros(len(sent))
    for tokens, rate in (
        (sent - cached - written, rates.sent),
        (cached, rates.sent if rates.cached is None else rates.cached),
        (written, rates.sent if rates.written is None else rates.written),
        (made, rates.made),
    ):
        # A price that is needed and not known leaves the whole cost unknown.
        total += tokens * rate if rate is not None else np.where(tokens > 0, np.nan, 0.0)
    made_up: np.ndarray[Any, Any] = total / 1e6
    return made_up


def _one_by_one(  # noqa: PLR0917  # one array a kind of token
    rates: Rates,
    where: np.ndarray[Any, Any],
    sent: np.ndarray[Any, Any],
    made: np.ndarray[Any, Any],
    cached: np.ndarray[Any, Any],
    written: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:
    """Price tiers, which no multiplication gives; the same counts are priced once."""
    import numpy as np

    known: dict[tuple[int, int, int, int], float] = {}
    found = np.full(len(where), np.nan)
    for at, place in enumerate(where.tolist()):
        counts = (int(sent[place]), int(made[place]), int(cached[place]), int(written[place]))
        if counts not in known:
            usd = rates.usd(Usage(counts[0], counts[1], counts[0] + counts[1], counts[2], counts[3]))
            known[counts] = np.nan if usd is None else usd
        found[at] = known[counts]
    return found


def _numbers(column: pa.Array) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Numbers with 0 for what is missing, and where there are any."""
    import numpy as np

    return np.asarray(column.fill_null(0)), np.asarray(column.is_valid())

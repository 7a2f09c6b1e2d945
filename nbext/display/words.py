"""Numbers, units and sentences, as the viewer says them too (`renderers/src/model/format.ts`, `words.ts`)."""

from __future__ import annotations

import math
from typing import Any

SPLIT_WORDS = {
    "model": "model",
    "tool": "tools",
    "data": "data",
    "wait": "retry wait",
    "hold": "held back",
    "error": "errors",
    "flow": "own code",
}

_STATUS_WORDS = {
    "error": "error",
    "blocked": "blocked",
    "rate_limited": "rate limited",
    "interrupted": "interrupted",
    "running": "running",
}


def duration(ms: float) -> str:
    """Length in a row: ``6.0 ms`` under 10 ms, then ``0.39 s``, ``12.4 s``, ``252 s``."""
    if ms < 9.95:
        return f"{ms:.1f} ms"
    return f"{_figures(ms / 1000)} s"


def duration_long(ms: float) -> str:
    """Length in a header: from a minute on ``4 min 12 s``, from an hour on ``1 h 4 min``."""
    seconds = _round(ms / 1000)
    if ms < 59_950:
        return duration(ms)
    if seconds < 3600:
        minutes, rest = divmod(seconds, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(_round(seconds / 60), 60)
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


def tokens(count: float) -> str:
    """Count tokens: ``9,999``, ``15.1k``, ``3.12M``."""
    if count < 10_000:
        return f"{_round(count):,}"
    if count < 999_500:
        return f"{count / 1000:.1f}k" if count < 99_950 else f"{_round(count / 1000)}k"
    millions = count / 1e6
    if millions < 9.995:
        return f"{millions:.2f}M"
    return f"{millions:.1f}M" if millions < 99.95 else f"{_round(millions):,}M"


def _figures(number: float) -> str:
    if number < 9.995:
        return f"{number:.2f}"
    return f"{number:.1f}" if number < 59.95 else f"{_round(number):,}"


def _round(number: float) -> int:
    # Halves go up, as everywhere else in the view; Python's own rounding goes to even.
    return int(number + 0.5)


def usd(amount: float) -> str:
    """Money: ``$14.20``, ``$0.044``, under a cent two digits that count."""
    if amount == 0:
        return "$0"
    if amount >= 0.9995:
        return f"${amount:,.2f}"
    if amount >= 0.00995:
        return f"${amount:.3f}"
    if amount < 1e-8:
        return "< $0.00000001"
    text = f"{amount:.{1 - math.floor(math.log10(amount))}f}"
    # 0.0009 has one figure of its own: a zero that says nothing is left out.
    return "$" + text.removesuffix("0")


def size(count: float) -> str:
    """Bytes: ``640 B``, ``1.9 kB``, ``1.2 MB``."""
    if count < 1000:
        return f"{_round(count)} B"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 99.95:
            return f"{count:.1f} {unit}"
        if count < 999.5:
            return f"{_round(count)} {unit}"
    return f"{_round(count):,} GB"


def plural(count: int, word: str) -> str:
    """Give number and word: ``1 call``, ``3,412 spans``."""
    many = "retries" if word == "retry" else f"{word}s"
    return f"{count:,} {word if count == 1 else many}"


def status_word(span: dict[str, Any]) -> str:
    """Say what went wrong with a span in two words; empty for ok."""
    status = span.get("status", "ok")
    call = span.get("call") or {}
    if (call.get("verdict") or {}).get("kind") == "budget":
        return "over budget"
    if status == "error" and call.get("code"):
        return f"error {call['code']}"
    return _STATUS_WORDS.get(status, "" if status == "ok" else str(status))


def short_model(name: str) -> str:
    """Model as it is said: without the prefix that all Databricks endpoints share."""
    return name.removeprefix("system.ai.").removeprefix("databricks-") or name


def token_facts(totals: dict[str, Any], unit: str = "tokens") -> str | None:
    """``15.1k → 1,674 tokens``; one number where only one is known."""
    sent, made = totals.get("in"), totals.get("out")
    mark = "~" if totals.get("est") else ""
    if sent is not None and made:
        return f"{mark}{tokens(sent)} → {tokens(made)} {unit}"
    known = totals.get("tokens")
    return None if known is None else f"{mark}{tokens(known)} {unit}"


def cost_fact(totals: dict[str, Any]) -> str | None:
    """``$0.044``, ``≥ $0.057`` when a part is unknown, ``~$0.044`` of estimated tokens."""
    amount = totals.get("usd")
    if amount is None:
        return None
    if totals.get("partial"):
        return f"≥ {usd(amount)}"
    return f"~{usd(amount)}" if totals.get("est") and amount else usd(amount)


def problems(wire: dict[str, Any], errors: int) -> list[str]:
    """``1 error``, ``2 blocked``, ``1 retry`` of a whole capture."""
    totals = wire["totals"]
    status = totals.get("status", {})
    budget = totals.get("budget", 0)
    counts = [
        (errors, "error" if errors == 1 else "errors"),
        (status.get("blocked", 0) - budget, "blocked"),
        (budget, "over budget"),
        (status.get("rate_limited", 0), "rate limited"),
        (status.get("interrupted", 0), "interrupted"),
        (status.get("running", 0), "running"),
    ]
    words = [f"{count:,} {word}" for count, word in counts if count > 0]
    if totals.get("retries"):
        words.append(plural(totals["retries"], "retry"))
    return words


def split_line(totals: dict[str, Any]) -> str:
    """``model 6.26 s · tools 2.10 s · own code 0.27 s``."""
    split = totals.get("split", {})
    return " · ".join(
        f"{word} {duration(split[kind])}" for kind, word in SPLIT_WORDS.items() if split.get(kind)
    )


def empty_line(other: int) -> str:
    """Say that a cell made no model call."""
    if not other:
        return "No model call in this cell."
    left = "1 other HTTP request was" if other == 1 else f"{other:,} other HTTP requests were"
    return f"No model call in this cell. {left} left alone."


def failed_line(failed: dict[str, Any], calls: int) -> str:
    """Say that we failed, and that the user's calls did not suffer."""
    count = failed["count"]
    of = f"{count:,} of {plural(calls, 'call')}" if count <= calls else plural(count, "event")
    return f"{of} could not be recorded. Your calls were not touched. First: {failed['first']}"


def export_line(export: dict[str, Any]) -> str:
    """Say what became of the export of a capture's traces."""
    done, pending, failed = (export.get(key, 0) for key in ("exported", "pending", "failed"))
    facts = [f"{done:,} exported"] * bool(done or not (pending or failed))
    facts += [f"{pending:,} pending"] * bool(pending) + [f"{failed:,} failed"] * bool(failed)
    line = f"MLflow: {' · '.join(facts)}, {export['to']}"
    return f"{line}: {export['why']}" if export.get("why") else line


def cut_line(shown: int, cut: dict[str, Any]) -> str:
    """Say how much of a capture is saved."""
    of = f", {size(cut['bytes'])}" if cut.get("bytes") else ""
    return f"The first {shown:,} of {cut['spans']:,} spans are saved here{of}. Run the cell to see all."

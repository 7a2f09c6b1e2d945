"""The lines over a trace, shared by text and static HTML."""

from __future__ import annotations

from typing import Any

from ..model.names import same_model
from .escape import one_line
from .rows import error_count, wire_ms
from .words import (
    cost_fact,
    cut_line,
    duration_long,
    empty_line,
    export_line,
    failed_line,
    plural,
    problems,
    short_model,
    token_facts,
)

Wire = dict[str, Any]


def title_of(wire: Wire) -> str | None:
    """Name of a capture: as given, else that of its only top span if the user's code named one."""
    if wire.get("name"):
        return one_line(wire["name"])
    ids = {span["id"] for span in wire["spans"]}
    roots = [span for span in wire["spans"] if span.get("parent") not in ids]
    if len(roots) == 1 and "call" not in roots[0]:
        return one_line(roots[0]["name"])
    return None


def only_call(wire: Wire) -> Wire | None:
    """Give the span of a capture that holds one model call and nothing else."""
    spans = wire["spans"]
    return spans[0] if wire["totals"]["spans"] == 1 and len(spans) == 1 and "call" in spans[0] else None


def header_facts(wire: Wire, unit: str) -> list[str]:
    """``9.62 s``, ``25 spans``, ``7 calls``, tokens and cost."""
    totals = wire["totals"]
    spans, calls = totals["spans"], totals["calls"]
    facts = [plural(calls, "call")] if spans == calls else [plural(spans, "span"), plural(calls, "call")]
    # With a name in front the time comes first, else "50 calls" takes the place of the name.
    facts.insert(0 if title_of(wire) else 1, duration_long(wire_ms(wire)))
    facts += [fact for fact in (token_facts(totals, unit), cost_fact(totals)) if fact]
    return facts


def problem_facts(wire: Wire) -> list[str]:
    """``1 error``, ``1 retry``."""
    return problems(wire, error_count(wire))


def call_facts(wire: Wire, span: Wire, unit: str) -> list[str]:
    """``1 call``, time, tokens, cost, model."""
    call = span["call"]
    attempts = len(call["attempts"])
    length = duration_long(span["ms"]) if "ms" in span else duration_long(wire_ms(wire))
    model = _model_fact(call)
    facts = ["1 call", f"{attempts} attempts" if attempts > 1 else None, length]
    facts += [token_facts(wire["totals"], unit), cost_fact(wire["totals"]), one_line(model) or None]
    return [fact for fact in facts if fact]


def _model_fact(call: Wire) -> str:
    """Name the model asked for, and who answered where that is, or may be, another."""
    model = call.get("model") or call.get("endpoint") or ""
    served = call.get("served") or ""
    if (call.get("facts") or {}).get("fallback"):
        return ", ".join(
            filter(None, [short_model(model), f"answered by fallback {short_model(served)}".rstrip()])
        )
    told = served and same_model(model, served) is None
    return f"{short_model(model)} ({short_model(served)})" if told else short_model(model)


def notes_of(wire: Wire) -> list[str]:
    """Lines under a trace: what is not here, what we failed to record."""
    notes = []
    if "cut" in wire:
        notes.append(cut_line(len(wire["spans"]), wire["cut"]))
    if "failed" in wire:
        notes.append(one_line(failed_line(wire["failed"], wire["totals"]["calls"])))
    if wire.get("export"):
        notes.append(one_line(export_line(wire["export"])))
    if not wire["spans"] and not wire["totals"]["spans"]:
        notes.insert(0, empty_line(wire.get("other", 0)))
    return notes

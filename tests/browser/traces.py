"""Large traces, made as a wire: what a run of agents over many items looks like."""

from __future__ import annotations

from typing import Any

_WORDS = ["refund", "invoice", "timeout", "export", "login", "mobile", "policy", "payment", "region", "churn"]


def agent_runs(count: int) -> dict[str, Any]:
    """A wire of `count` spans: shards of items, each with calls, tools and retrievals under it.

    Parameters
    ----------
    count : int
        Spans, the root among them. One call in a hundred failed.
    """
    spans: list[dict[str, Any]] = [_span(0, None, "eval_batch", "CHAIN", 0, count * 20.0)]
    number, item = 1, 0
    shard = "root"
    while number < count:
        if item % 150 == 0:
            spans.append(_span(number, 0, f"shard {item // 150 + 1}", "CHAIN", number * 20.0, 150 * 120.0))
            shard, number = spans[-1]["id"], number + 1
        at = number * 20.0
        parent = _span(number, None, f"item {item}", "AGENT", at, 118.0)
        parent["parent"] = shard
        parent["inputs"] = f"{_WORDS[item % 10]} after {_WORDS[item % 7]}"
        children = [_child(number + 1 + i, number, at + 2 + i * 28, item, i) for i in range(4)]
        spans += [parent, *children]
        number += 5
        item += 1
    spans = spans[:count]
    calls = [span for span in spans if "call" in span]
    failed = sum(span.get("status") == "error" for span in calls)
    ms = max(span["at"] + span["ms"] for span in spans)
    spans[0]["ms"] = ms
    return {
        "v": 1,
        "uid": f"runs-{count}",
        "name": "eval_batch",
        "state": "done",
        "start": 1_791_979_320_000,
        "ms": ms,
        "saved": "2026-10-14T12:02:00+00:00",
        "spans": sorted(spans, key=lambda span: span["at"]),
        "totals": {
            "spans": len(spans),
            "calls": len(calls),
            "status": {"ok": len(calls) - failed, **({"error": failed} if failed else {})},
            "in": 120 * len(calls),
            "out": 48 * len(calls),
            "usd": 0.0004 * len(calls),
        },
    }


def _id(number: int) -> str:
    return f"{number:016x}"


def _span(number: int, parent: int | None, name: str, kind: str, at: float, ms: float) -> dict[str, Any]:
    above = {} if parent is None else {"parent": _id(parent)}
    return {"id": _id(number), **above, "name": name, "type": kind, "at": at, "ms": ms}


def _child(number: int, parent: int, at: float, item: int, place: int) -> dict[str, Any]:
    word = _WORDS[(item + place) % 10]
    if place % 2 == 0:
        return _call(number, parent, at, item, word)
    kind, name = (("RETRIEVER", "search_docs"), ("TOOL", "run_sql"))[place // 2]
    span = _span(number, parent, name, kind, at, 24.0)
    return {**span, "hint": f"“{word} policy”", "inputs": {"query": word}, "outputs": {"rows": item % 40}}


def _call(number: int, parent: int, at: float, item: int, word: str) -> dict[str, Any]:
    span = _span(number, parent, "chat", "CHAT_MODEL", at, 20.0 + item % 9)
    failed = number % 100 == 3
    question = f"Item {item}: the customer writes about {word}. Which team answers, and how urgent is it?"
    answer = f"Billing. The customer asks about {word}; answer within a day."
    call = {
        "api": "chat.completions",
        "endpoint": "databricks-claude-haiku-4-5",
        "model": "databricks-claude-haiku-4-5",
        "code": 504 if failed else 200,
        "messages": [
            {
                "role": "system",
                "text": "You sort the mail of a support desk. Answer with a team and a reason.",
            },
            {"role": "user", "text": question},
        ],
        "answers": [] if failed else [{"role": "assistant", "text": answer}],
        "attempts": [{"at": 0.1, "ms": 19.0, "head": 12.0, "code": 504 if failed else 200}],
        "tokens": {"in": 120, "out": 48, "total": 168},
    }
    if failed:
        error = {"type": "TIMEOUT", "message": f"upstream request timeout ({word})"}
        return {**span, "hint": error["message"], "status": "error", "error": error, "call": call}
    return {**span, "hint": "claude-haiku-4-5", "call": call}

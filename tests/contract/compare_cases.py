"""The cases of `fixtures/compare/cases.json`: pairs of runs that align in every way there is."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

from nbext.display.compare.diff import DiffNode, diff_wires

FILE = Path(__file__).parent / "fixtures" / "compare" / "cases.json"

Span = dict[str, Any]


def span(id: str, name: str, at: float, ms: float = 10, parent: str | None = None, **more: Any) -> Span:  # noqa: A002
    own = {"id": id, "name": name, "type": more.pop("type", "TOOL"), "at": at, "ms": ms}
    return {**own, **({"parent": parent} if parent else {}), **more}


def call(
    words: str, answer: str, *, model: str = "databricks-gpt-oss-120b", system: str = "", **more: Any
) -> Span:
    messages = [{"role": "system", "text": system}] * bool(system) + [{"role": "user", "text": words}]
    return {
        "api": "chat.completions",
        "model": model,
        "messages": messages,
        "answers": [{"role": "assistant", "text": answer}],
        "attempts": [{"at": 0, "ms": 10, "code": 200}],
        **more,
    }


def chat(id: str, at: float, parent: str | None = None, status: str | None = None, **made: Any) -> Span:  # noqa: A002
    more = {"status": status} if status else {}
    return span(id, "chat", at, parent=parent, type="CHAT_MODEL", call=call(**made), **more)


def cases() -> list[dict[str, Any]]:
    agent_a = [
        span("r", "write", 0, 900, type="AGENT"),
        chat("p", 0, "r", words="Plan", answer="Search, then write"),
        span("s1", "search", 10, parent="r", hint="“lakehouse”", inputs={"q": "lakehouse"}),
        span("s2", "search", 20, parent="r", hint="“delta”", inputs={"q": "delta"}),
        chat("w", 40, "r", words="Write", answer="A text", system="Be brief.", params={"temperature": 0.2}),
    ]
    agent_b = [
        span("R", "write", 0, 700, type="AGENT"),
        chat("P", 0, "R", words="Plan", answer="Search, then write"),
        span("S2", "search", 20, parent="R", hint="“delta”", inputs={"q": "delta"}),
        span("F", "fetch", 30, parent="R", inputs={"url": "https://example.org"}),
        chat(
            "W",
            40,
            "R",
            words="Write",
            answer="Another text",
            system="Be very brief.",
            model="databricks-claude-haiku-4-5",
            params={"temperature": 0.4},
        ),
    ]
    tool = {"k": "tool_call", "id": "1", "name": "add", "args": '{"a": 1}'}
    other_tool = {**tool, "args": '{"a": 2}'}
    rng = random.Random(5)
    near = "".join(rng.choice("abcde") for _ in range(1100))
    nearly = "".join(c for c in near if rng.random() > 0.02).replace("ab", "axb", 30)
    far, farther = ("".join(rng.choice("abcdefghij") for _ in range(1600)) for _ in range(2))
    return [
        {"name": "nothing in either", "a": [], "b": []},
        {"name": "the same", "a": agent_a, "b": agent_a},
        {"name": "an agent, edited", "a": agent_a, "b": agent_b},
        {"name": "all new", "a": [], "b": agent_b},
        {"name": "all gone", "a": agent_a, "b": []},
        {
            "name": "status, held back, over budget",
            "a": [chat("1", 0, words="x", answer="y"), chat("2", 10, words="x", answer="y")],
            "b": [
                span("3", "chat", 0, type="CHAT_MODEL", status="error", call=call("x", "", code=500)),
                span(
                    "4",
                    "chat",
                    10,
                    type="CHAT_MODEL",
                    status="blocked",
                    call=call("x", "", verdict={"kind": "budget", "title": "t"}),
                ),
            ],
        },
        {
            "name": "an error without a status",
            "a": [span("1", "f", 0)],
            "b": [span("2", "f", 0, error={"message": "boom"})],
        },
        {
            "name": "tool calls are words of an answer",
            "a": [
                span(
                    "1",
                    "chat",
                    0,
                    type="LLM",
                    call={**call("x", ""), "answers": [{"role": "assistant", "parts": [tool]}]},
                )
            ],
            "b": [
                span(
                    "2",
                    "chat",
                    0,
                    type="LLM",
                    call={**call("x", ""), "answers": [{"role": "assistant", "parts": [other_tool]}]},
                )
            ],
        },
        {
            "name": "1 is 1.0, and keys have no order",
            "a": [span("1", "f", 0, inputs={"x": 1, "y": [True, None]}, outputs=2)],
            "b": [span("2", "f", 0, inputs={"y": [True, None], "x": 1.0}, outputs=2.0)],
        },
        {
            "name": "true is not 1",
            "a": [span("1", "f", 0, inputs={"x": True})],
            "b": [span("2", "f", 0, inputs={"x": 1})],
        },
        {
            "name": "hints alone tell",
            "a": [span("1", "f", 0, hint="“one”"), span("2", "g", 1)],
            "b": [span("3", "f", 0, hint="“two”"), span("4", "g", 1, hint="“three”")],
        },
        {
            "name": "the same name, another kind",
            "a": [span("1", "f", 0, type="TOOL")],
            "b": [span("2", "f", 0, type="RETRIEVER")],
        },
        {
            "name": "twins by status and hint",
            "a": [span(f"a{i}", "step", i, hint=f"“{i}”") for i in range(6)],
            "b": [span(f"b{i}", "step", i, hint=f"“{i}”") for i in (0, 2, 3, 5, 9)],
        },
        {
            "name": "odd trees: a lost parent, a circle, an id twice",
            "a": [
                span("x", "a", 0, parent="gone"),
                span("y", "b", 1, parent="z"),
                span("z", "c", 2, parent="y"),
            ],
            "b": [
                span("x", "a", 0),
                span("x", "a", 1),
                span("y", "b", 1, parent="z"),
                span("z", "c", 2, parent="y"),
            ],
        },
        {"name": "1,100 siblings, few of them changed", "letters": {"a": near, "b": nearly}},
        {"name": "1,600 siblings that have little in common", "letters": {"a": far, "b": farther}},
    ]


def spans_of(case: dict[str, Any], side: str) -> list[Span]:
    if "letters" not in case:
        return list(case[side])
    return [span(f"{side}{i}", letter, i, 1) for i, letter in enumerate(case["letters"][side])]


def aligned(case: dict[str, Any]) -> Any:
    """What Python makes of a case, in the form of `expect`."""
    order = diff_wires(*({"spans": spans_of(case, side), "ms": 5000} for side in "ab"))
    if "letters" in case:
        runs = [(mark, len(list(run))) for mark, run in itertools.groupby(node.mark for node in order)]
        return ", ".join(f"{mark} {count}" for mark, count in runs)
    return [row(node) for node in order]


def row(node: DiffNode) -> list[Any]:
    a, b = (None if side is None else side.id for side in (node.a, node.b))
    return [node.mark, a, b, node.depth, node.words]


def main() -> None:
    made = [{**case, "expect": aligned(case)} for case in cases()]
    lines = ",\n".join(" " + json.dumps(case, ensure_ascii=False) for case in made)
    FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()

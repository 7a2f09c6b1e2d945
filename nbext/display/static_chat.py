"""The conversations of the static HTML: one table per call, what repeats told once."""

from __future__ import annotations

import json
import re
from typing import Any

from .chat import hidden_line, hides_input, part_text, parts_of, tool_call_text
from .escape import markup, one_line
from .rows import wire_ms
from .server_words import server_facts
from .tree import build_tree, depth_first
from .words import duration, plural, short_model, status_word, token_facts

Wire = dict[str, Any]

# Longer messages are folded behind their beginning.
_FOLDED = 600
_BEGINNING = 120
# The input of an embeddings call is a list of texts.
_FOLDED_PARTS = 8
_LONGEST = 20_000
_RESULT = 200
_CODE = re.compile(r"`([^`\n]{1,200})`")


class Chats:
    """Writes the calls of a wire one after another, within a budget of bytes.

    Parameters
    ----------
    wire : Wire
    budget : int
        Most bytes written; calls past it are counted.
    """

    def __init__(self, wire: Wire, budget: int) -> None:
        self.wire = wire
        self.budget = budget
        self._results = _tool_results(wire)
        self._shown: set[str] = set()

    def all(self) -> str:
        """Give the calls, each folded under its own line."""
        nodes = [
            n for n in depth_first(build_tree(self.wire["spans"], wire_ms(self.wire))) if "call" in n.span
        ]
        if not nodes:
            return ""
        used, written = 0, []
        for node in nodes:
            path = f"{node.parent.span['name']} / " if node.parent else ""
            summary = self._summary(path, node.span)
            text = f"<details><summary>{summary}</summary>{self.table(node.span)}</details>"
            used += len(text.encode())
            if used > self.budget:
                break
            written.append(text)
        left = len(nodes) - len(written)
        more = f"<em>{plural(left, 'more call')}</em>" if left else ""
        return (
            f"<details><summary>{plural(len(nodes), 'call')} with their messages</summary>"
            f"{''.join(written)}{more}</details>"
        )

    def table(self, span: Wire) -> str:
        """Give one call's messages, answers and attempts as a table."""
        call = span["call"]
        rows = self._message_rows(call)
        # What a policy gave in place of an answer may quote the text that is hidden.
        answers = [] if hides_input(call) else call["answers"]
        rows += [("answer", self._parts(message)) for message in answers]
        rows += _outcome_rows(span)
        cells = "".join(
            f'<tr><td align="right"><{tag}>{markup(one_line(role))}</{tag}></td><td>{text}</td></tr>'
            for role, text in rows
            if text
            for tag in ("strong" if role == "answer" else "em",)
        )
        return f"<table><tbody>{cells}</tbody></table>" if cells else ""

    def _summary(self, path: str, span: Wire) -> str:
        call = span["call"]
        attempts = len(call["attempts"])
        facts = [
            one_line(path + span["name"]),
            one_line(short_model(call.get("model") or "")),
            duration(span["ms"]) if "ms" in span else "",
            status_word(span),
            f"{attempts} attempts" if attempts > 1 else "",
            token_facts(_totals(call)) or "",
        ]
        return " · ".join(markup(fact) for fact in facts if fact)

    def _message_rows(self, call: Wire) -> list[tuple[str, str]]:
        if hides_input(call):
            characters = sum(len(part_text(part)) for m in call["messages"] for part in parts_of(m))
            return [("user", markup(hidden_line(call["verdict"], characters)))]
        rows: list[tuple[str, str]] = []
        earlier = 0
        for message in call["messages"]:
            key = json.dumps(message, sort_keys=True)
            if key in self._shown:
                earlier += 1
                continue
            self._shown.add(key)
            parts = parts_of(message)
            # A result stands beside the call that asked for it.
            if parts and all(p["k"] == "tool_result" and p.get("id") in self._results for p in parts):
                continue
            rows.append((message["role"], self._parts(message)))
        self._shown.update(json.dumps(message, sort_keys=True) for message in call["answers"])
        if earlier:
            rows.insert(0, ("", f"<em>{plural(earlier, 'message')} shown before</em>"))
        return rows

    def _parts(self, message: Wire) -> str:
        parts = parts_of(message)
        if len(parts) > _FOLDED_PARTS and all(part["k"] == "text" for part in parts):
            return _folded(f"{len(parts):,} texts", "\n".join(part["text"] for part in parts))
        return "<br>".join(text for text in map(self._part, parts) if text)

    def _part(self, part: Wire) -> str:
        if part["k"] == "tool_call":
            text = f"<code>{markup(tool_call_text(part)[:2000])}</code>"
            result = self._results.get(part.get("id"))
            if result is None:
                return text
            short = one_line(result["text"])
            short = short if len(short) <= _RESULT else short[:_RESULT] + "…"
            return f"{text}<br>× {markup(short)}" if result.get("error") else f"{text} → {markup(short)}"
        if part["k"] == "reasoning":
            return _folded("Reasoning", part["text"])
        return prose(part_text(part))


def prose(text: str) -> str:
    """Give text as it stands, lines kept, code between backticks set as code; long ones folded."""
    if len(text) > _FOLDED:
        start = one_line(text[: _BEGINNING * 2])[:_BEGINNING].rstrip()
        return _folded(f"{start} … ({len(text) // 4:,} tokens)", text)
    return _lines(text)


def _folded(summary: str, text: str) -> str:
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… {len(text) - _LONGEST:,} more characters"
    return f"<details><summary>{markup(summary)}</summary>{_lines(text)}</details>"


def _lines(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", markup(text.strip("\n"))).replace("\n", "<br>")


def _outcome_rows(span: Wire) -> list[tuple[str, str]]:
    call = span["call"]
    rows: list[tuple[str, str]] = []
    verdict = call.get("verdict")
    if verdict:
        sentences = [f"<strong>{markup(verdict['title'])}</strong>", *map(markup, verdict.get("text", ()))]
        rows.append(("gateway", "<br>".join(sentences)))
        rows.append(("next", markup(verdict.get("next", ""))))
    elif span.get("error"):
        error = span["error"]
        rows.append(
            ("error", markup(": ".join(t for t in (error.get("type"), error["message"]) if t)[:2000]))
        )
    if not call["answers"] and call.get("body") and not verdict:
        rows.append(("body", prose(call["body"])))
    rows += [("note", prose(note)) for note in call.get("notes", ())]
    if len(call["attempts"]) > 1:
        rows.append(("attempts", _attempts(call)))
    if logged := server_facts(span):
        rows.append(("gateway log", markup(" · ".join(logged))))
    return rows


def _attempts(call: Wire) -> str:
    told = []
    attempts = call["attempts"]
    for number, (attempt, later) in enumerate(zip(attempts, [*attempts[1:], None], strict=False), 1):
        what = str(attempt.get("code") or attempt.get("error") or "running")
        text = f"{number}: {what}"
        if "ms" in attempt:
            text += f" after {duration(attempt['ms'])}"
        if later is not None and "ms" in attempt:
            text += f", then a wait of {duration(max(0.0, later['at'] - attempt['at'] - attempt['ms']))}"
        elif later is None and "first" in call:
            text += f", first token {duration(max(0.0, call['first'] - attempt['at']))}"
        text = markup(one_line(text)[:300])
        if attempt.get("request_id"):
            text += f", request <code>{markup(one_line(attempt['request_id']))}</code>"
        told.append(text)
    return " · ".join(told)


def _totals(call: Wire) -> Wire:
    usage = call.get("tokens") or {}
    total = usage.get("total", usage.get("in", 0) + usage.get("out", 0)) if usage else None
    return {**usage, **({} if total is None else {"tokens": total})}


def _tool_results(wire: Wire) -> dict[Any, Wire]:
    asked = {
        part["id"]
        for span in wire["spans"]
        if "call" in span
        for message in [*span["call"]["messages"], *span["call"]["answers"]]
        for part in parts_of(message)
        if part["k"] == "tool_call" and part.get("id")
    }
    return {
        part["id"]: part
        for span in wire["spans"]
        if "call" in span
        for message in span["call"]["messages"]
        for part in parts_of(message)
        if part["k"] == "tool_result" and part.get("id") in asked
    }

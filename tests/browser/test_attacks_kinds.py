"""The same attacks in the views that are no trace: comparison, overview, frame, and the replay form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .attacks import alone, joined, strings
from .test_attacks import PAGE_JS, WALK, document, watch

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Presses whatever shows more of the data, and looks for what a text must not have become.
_WALK = """async () => {
  const found = [];
  for (const root of views()) {
    for (let round = 0; round < 2; round++) {
      for (const el of [...root.querySelectorAll('details:not([open])')]) el.open = true;
      for (const el of [...root.querySelectorAll('[role=row], tbody tr, .nb-pill')].slice(0, 4)) {
        el.click();
        await pause();
        for (const tab of [...root.querySelectorAll('[role=tab]')]) {
          tab.click();
          await pause();
          found.push(...bad(root));
        }
        for (const word of ['Side by side', 'Show SQL', 'Edit', 'Compare whole call']) {
          [...root.querySelectorAll('button')].find((b) => b.textContent === word)?.click();
          await pause();
        }
      }
      found.push(...bad(root));
    }
  }
  const whole = '.nb-cmp, .nb-overview, .nb-df, .nb-replay';
  const drawn = views().map((root) => root.querySelector(whole) !== null);
  return { found: [...new Set(found)], drawn: drawn.filter(Boolean).length };
}"""


def compare(text: str, uid: str) -> dict[str, Any]:
    sides = [{"label": text, "wire": alone(each, f"{uid}{i}")} for i, each in enumerate((text, f"{text} b"))]
    return {"v": 1, "kind": "compare", "uid": uid, "state": "done", "a": sides[0], "b": sides[1]}


def overview(text: str, uid: str) -> dict[str, Any]:
    counts = {"requests": 9, "errors": 3, "limited": 3, "blocked": 3, "p50": 1, "p95": 2, "p99": 3, "usd": 1}
    group = {"name": text, "hint": text, **counts}
    return {
        "v": 1,
        "kind": "overview",
        "uid": uid,
        "state": "done",
        "table": text,
        "from": 0,
        "to": 7_200_000,
        "step": 3_600_000,
        "totals": counts,
        "buckets": [{"start": 0, **counts}],
        "groups": {grain: [group] for grain in ("endpoint", "entity", "requester", "tag")},
        "engine": {"name": text, "sql": text},
        "ranges": [{"key": text, "label": text}],
        "code": text,
        "notes": [text],
    }


def frame(text: str, uid: str) -> dict[str, Any]:
    names = ["status", "model", "duration_ms", "prompt", text or "x"]
    dtypes = ["category", "string", "Float64", "string", "string"]
    columns = [{"name": name, "dtype": dtype} for name, dtype in zip(names, dtypes, strict=True)]
    return {
        "v": 1,
        "kind": "frame",
        "uid": uid,
        "state": "done",
        "name": text,
        "grain": "calls",
        "columns": columns,
        "rows": [[text, text, 5, text, text], [text, f"{text} b", 6, text, text]],
        "ids": [f"{uid}-0", None],
        "wire": alone(text, uid),
        "total": 3,
        "filter": [{"column": text, "contains": text}] if text else [],
    }


def replay(text: str, uid: str) -> dict[str, Any]:
    wire = joined([text], uid)
    original = next(span for span in wire["spans"] if "call" in span)
    request = {"model": text, "messages": [{"role": text, "content": text}], "temperature": text}
    original["call"]["request"] = request
    again = {**original, "id": f"{uid}-again", "replay_of": original["id"]}
    return {**wire, "spans": [*wire["spans"], again], "replay": {"call": original["id"], "label": text}}


@pytest.mark.parametrize("make", [compare, overview, frame, replay])
def test_attacks_in_every_field(page: Page, make: Any) -> None:
    texts = [text for text in strings() if len(text) < 5000][::4]
    wires = [make(text, f"k{i}") for i, text in enumerate(texts)]
    watched = watch(page, document(wires), page_js=PAGE_JS)
    page.add_script_tag(content=WALK.read_text())
    walked = page.evaluate(_WALK)
    assert walked == {"found": [], "drawn": len(texts)}
    assert watched.happened() == {}
    assert watched.errors == []

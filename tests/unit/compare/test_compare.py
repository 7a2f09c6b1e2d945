"""`nbext.compare`: which two runs, what is said of them, and that every form holds it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

import nbext
from nbext.display.hosts import HOSTS
from nbext.display.pack import unpack
from nbext.display.payload import pack_payload
from nbext.display.wire import MIME
from nbext.kernel.session import session
from nbext.results.captured import Capture
from nbext.results.comparison import Comparison
from tests.contract import captures
from tests.contract.typescript import Checker, sources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMPARE = Checker(sources("compare.ts"))


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    session.clear()
    yield
    session.clear()


def runs() -> tuple[Capture, Capture]:
    """The agent, and the agent with another prompt, another model and one call less."""
    a, b = (Capture.of(captures.churn_agent()) for _ in range(2))
    b.id = "b" * 16
    calls = b.calls
    calls[0].messages[-1].parts[-1].text += " In two lines."
    calls[0].model = calls[0].served_model = "databricks-claude-haiku-4-5"
    del b._calls[calls[-1].call_id]
    return a, b


def test_added_removed_and_changed_are_rows() -> None:
    a, b = runs()
    table = nbext.compare(a, b).df()
    assert len(table) == len(a.spans)
    assert table["change"].value_counts().to_dict() == {"=": len(a.spans) - 2, "~": 1, "−": 1, "+": 0}
    changed = table[table.change == "~"].iloc[0]
    assert "→ claude-haiku-4-5" in changed.what
    assert "messages changed" in changed.what
    gone = table[table.change == "−"].iloc[0]
    assert gone.span_id_a == a.calls[-1].call_id
    assert table.span_id_b.isna().sum() == 1
    # Nothing took longer or cost more.
    assert (table.duration_ms_delta.dropna() == 0).all()
    assert table.cost_usd_a.sum() == pytest.approx(sum(call.cost.usd or 0 for call in a.calls), abs=1e-4)


def test_deltas_are_b_minus_a() -> None:
    a, b = (Capture.of(captures.one_call()) for _ in range(2))
    b.id, call = "b" * 16, b.calls[0]
    call.end_ns += 250_000_000
    call.usage.output_tokens += 7
    row = nbext.compare(a, b).df().iloc[0]
    assert row.duration_ms_delta == pytest.approx(250)
    assert row.output_tokens_delta == 7
    assert row.duration_ms_b - row.duration_ms_a == pytest.approx(250)
    assert row.change == "="


def test_a_call_a_trace_a_list_and_a_path_are_sides(tmp_path: Path) -> None:
    a, b = runs()
    path = a.export(tmp_path / "a.json")
    table = nbext.compare(a, b).df()
    assert nbext.compare(path, [b]).df()[["change", "what"]].equals(table[["change", "what"]])
    assert nbext.compare(str(path), b.traces[0]).df()[["change", "what"]].equals(table[["change", "what"]])
    one = nbext.compare(a.calls[0], b.calls[0]).df()
    assert len(one) == 1
    assert one.change[0] == "~"
    many = nbext.compare(a.calls[:3], b.calls[:2]).df()
    assert set(many.change) >= {"~", "−"}


@pytest.mark.parametrize("given", [3, [], object()])
def test_what_holds_no_calls_is_said(given: object) -> None:
    with pytest.raises(
        TypeError, match=r"expected a capture, a trace, a call, a list of these or a path, got"
    ):
        nbext.compare(given, captures.one_call())


def test_the_last_run_is_compared_with_the_one_before() -> None:
    with pytest.raises(LookupError, match="nothing was traced yet"):
        nbext.compare()
    with nbext.trace("answer", display=False) as first:
        pass
    with pytest.raises(LookupError, match="'answer' was traced only once: run it again"):
        nbext.compare()
    with nbext.trace("other", display=False):
        pass
    with nbext.trace("answer", display=False) as second:
        pass
    found = nbext.compare()
    assert (found.a, found.b) == (first, second)
    assert found.labels == ("run 1", "run 2")
    with nbext.trace("answer", display=False) as third:
        pass
    assert nbext.compare().a is second
    assert nbext.compare(second).a is first
    assert nbext.compare(first, third).labels == ("run 1", "run 3")


def test_every_form_is_there_and_fits_the_contract() -> None:
    a, b = runs()
    bundle = nbext.compare(a, b)._repr_mimebundle_()
    stored = bundle[MIME]
    assert (stored["kind"], stored["state"]) == ("compare", "done")
    plain = {**stored, **json.loads(_inflated(stored["z"]))} if "z" in stored else stored
    plain.pop("z", None)
    assert COMPARE.problems(plain, "WireCompare") == []
    assert unpack(plain["a"]["wire"])["uid"] == a.id
    assert len(unpack(plain["b"]["wire"])["spans"]) == len(b.spans)
    text = bundle["text/plain"]
    assert "1 changed, 1 removed" in text
    assert re.search(r"^Time +9\.62 s +9\.62 s +0$", text, re.MULTILINE)
    html = bundle["text/html"]
    assert "<strong>In</strong>" in html or "<strong> In two lines.</strong>" in html
    assert "<style" not in html
    assert "<script" not in html


def test_it_stays_small_whatever_is_compared() -> None:
    big = Capture.of(captures.parallel())
    for call in big.calls:
        call.messages[0].parts[0].text = call.call_id * 20_000
    from nbext import settings

    options = settings.current()
    before = options.max_output_bytes
    options.max_output_bytes = 60_000
    try:
        bundle = Comparison(big, Capture.of(captures.parallel()))._repr_mimebundle_()
    finally:
        options.max_output_bytes = before
    assert len(json.dumps(bundle).encode()) <= 62_000


def test_the_page_is_self_contained_and_read_back(tmp_path: Path) -> None:
    a, b = runs()
    path = nbext.compare(a, b).to_html(tmp_path / "compare.html")
    page = path.read_text("utf-8")
    assert '"kind":"compare"' in page
    assert "script-src 'sha256-" in page
    assert [capture.id for capture in nbext.open(path)] == [a.id, b.id]


def test_text_of_a_model_is_text() -> None:
    a, b = runs()
    b.calls[0].messages[-1].parts[-1].text = "<img src=x onerror=alert(1)>\x1b[31m"
    bundle = nbext.compare(a, b)._repr_mimebundle_()
    assert "<img" not in bundle["text/html"]
    assert "\x1b" not in bundle["text/html"] + bundle["text/plain"]


def test_where_a_widget_draws_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBEXT_HOST", "vscode")
    a, b = runs()
    bundle = nbext.compare(a, b)._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == bundle[MIME]["uid"]
    assert HOSTS["vscode"].widget_kept


def test_a_short_payload_is_kept_readable() -> None:
    payload = {"v": 1, "kind": "compare", "uid": "x", "state": "done", "a": {}, "b": {}}
    assert pack_payload(payload) == payload


def _inflated(z: str) -> bytes:
    import base64
    import gzip

    return gzip.decompress(base64.b64decode(z))

"""What the page asks of a join and of an overview: look again, other numbers, the calls behind a mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import nbext
from nbext.display.widget import living_widget

from ..join.conftest import serve, table_of, traced, with_a_row
from ..overview.test_numbers import row, write
from .conftest import Page

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.results.overview import Overview

__all__ = ["serve"]


def of_kind(page: Page, kind: str) -> list[dict[str, Any]]:
    return [message for message in page.received if message["kind"] == kind]


def test_look_again(serve: Any, tmp_path: Path) -> None:
    gw = with_a_row(serve, tmp_path / "shared", delay_s=3600.0)
    capture = traced(gw, "serving", [{"model": "demo-chat"}, {"model": "demo-429-then-ok"}])
    joined = capture.join(gw.tables["payload"])
    joined._repr_mimebundle_()
    widget = living_widget(capture)
    assert widget is not None
    page = Page(widget)
    assert page.ask("snapshot")["wire"]["joined"]["pending"] == 2

    assert page.ask("look")["value"]["pending"] == 2
    gw.deliver()
    page.received.clear()
    answer = page.ask("look")
    assert (answer["kind"], answer["id"]) == ("answer", "q1")
    assert (answer["value"]["matched"], answer["value"]["pending"]) == (2, 0)
    (delta,) = of_kind(page, "delta")
    told = {span["id"]: span["call"]["server"] for span in delta["spans"]}
    assert {server["state"] for server in told.values()} == {"matched"}
    assert set(told) == {call.call_id for call in capture.calls}
    assert all(server["lag_ms"] > 0 for server in told.values())


def test_a_look_that_fails_is_said(serve: Any) -> None:
    gw = serve()
    capture = traced(gw, "serving", [{"model": "demo-chat"}])
    joined = capture.join(table_of(gw, "serving"))
    joined._repr_mimebundle_()
    page = Page(living_widget(capture))
    for file in gw.tables["payload"].rglob("*.parquet"):
        file.unlink()
    answer = page.ask("look")
    assert "could not read" in answer["error"]
    assert "\n" not in answer["error"]
    # What was found before stays.
    assert capture.calls[0].server.state == "matched"


@pytest.fixture
def overview(tmp_path: Path) -> Overview:
    rows = [
        row(
            i,
            status_code=429 if i % 5 == 0 else 200,
            execution_duration_ms=1000 if i % 2 else 100 + i,
            request=f'{{"model": "{"slow" if i % 2 else "fast"}", "messages": []}}',
        )
        for i in range(40)
    ]
    return write(tmp_path / "payload.parquet", rows).overview(since="2026-01-01")


def page_of(overview: Overview) -> Page:
    from nbext.display import payload

    overview._repr_mimebundle_()
    return Page(payload._shown[-1][1])


def test_an_overview_answers_for_a_mark(overview: Overview) -> None:
    page = page_of(overview)
    numbers = page.ask("overview", {"grain": "endpoint", "value": "fast"})["value"]
    assert numbers["totals"]["requests"] == 20
    assert numbers["filter"] == {"grain": "endpoint", "value": "fast"}
    calls = page.ask("calls", {"grain": "endpoint", "value": "fast", "status": "limited"})["value"]
    assert calls["total"] == 4
    assert len(eval(calls["code"], {"nbext": nbext})) == 4
    assert "no grain" in page.ask("calls", {"grain": "odd", "value": "x"})["error"]


def test_groups_bring_their_percentiles_over_time(overview: Overview) -> None:
    wire = overview._wire()
    for group in wire["groups"]["endpoint"]:
        own = group["series"]
        assert [len(own[name]) for name in ("requests", "p50", "p95", "p99")] == [len(wire["buckets"])] * 4
        (p50,), (p99,) = own["p50"], own["p99"]
        exact = 1000 if group["name"] == "slow" else 120
        assert p50 == pytest.approx(exact, rel=0.025 if exact == 1000 else 0.1)
        assert p50 <= p99

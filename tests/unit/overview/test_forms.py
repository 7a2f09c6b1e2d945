"""What an overview looks like where it is saved, and what the page is told."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import nh3
import pytest

import nbext
from nbext.display.overview_static import courses, overview_html, overview_text, range_words

from ...contract.typescript import WIRE, Checker
from .test_numbers import row, write

if TYPE_CHECKING:
    from pathlib import Path

TAGS = {"table", "thead", "tbody", "tr", "th", "td", "details", "summary", "code", "em", "strong", "br"}


@pytest.fixture
def wire(tmp_path: Path) -> dict[str, Any]:
    rows = [row(i, status_code=429 if i % 5 == 0 else 200) for i in range(20)]
    table = write(tmp_path / "main.llm.support_payload.parquet", rows)
    table.prices = {"ep": {"input": 1.0, "output": 10.0}}
    return table.overview(since="2026-01-01")._wire()


def checker() -> Checker:
    source = (WIRE / "overview.ts").read_text("utf-8")
    # Types that the checker does not read are looked at piece by piece.
    source = source.replace("(WireCounts & { start: number })[]", "Json").replace(
        "Partial<Record<WireGrain, WireGroup[]>>", "Json"
    )
    source = re.sub(r"series\?: Partial.*?;\n", "series?: Json;\n", source, flags=re.DOTALL)
    source = source.replace("export interface WireGroup extends WireCounts {", "export interface WireGroup {")
    return Checker(source)


def test_the_wire_is_what_the_page_expects(wire: dict[str, Any]) -> None:
    check = checker()
    assert check.problems(wire, "WireOverview") == []
    assert check.problems(wire["totals"], "WireCounts") == []
    for bucket in wire["buckets"]:
        start = bucket.pop("start")
        assert start % wire["step"] == 0
        assert check.problems(bucket, "WireCounts") == []
    assert set(wire["groups"]) <= {"endpoint", "entity", "requester", "tag"}
    for groups in wire["groups"].values():
        for group in groups:
            own = {key: group.pop(key) for key in ("name", "hint", "series") if key in group}
            assert check.problems(group, "WireCounts") == []
            assert check.problems(own, "WireGroup") == []
            for values in own["series"].values():
                assert len(values) == len(wire["buckets"])
            assert sum(own["series"]["requests"]) == group["requests"]


def test_the_saved_output(tmp_path: Path) -> None:
    overview = write(tmp_path / "t.parquet", [row(i) for i in range(50)]).overview(since="2026-01-01")
    bundle = overview._repr_mimebundle_()
    stored = bundle["application/vnd.nbext.trace.v1+json"]
    data = json.loads(gzip.decompress(b64decode(stored["z"]))) if "z" in stored else stored
    assert (data["kind"], data["totals"]["requests"]) == ("overview", 50)
    assert "50 requests" in bundle["text/html"]
    assert "50 requests" in bundle["text/plain"]
    assert eval(data["code"], {"nbext": nbext}).totals.requests.item() == 50


def test_html_passes_a_sanitiser_unchanged(wire: dict[str, Any]) -> None:
    html = overview_html(wire)
    attributes = {tag: {"align", "open"} for tag in TAGS}
    assert nh3.clean(html, tags=TAGS, attributes=attributes, link_rel=None) == html.replace("&nbsp;", "\xa0")
    assert "<strong>" in html
    assert "20.0 % 429" in html


def test_model_words_are_words_in_every_form(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>\x1b[31m\u202e"
    rows = [row(0, requester=evil, request=json.dumps({"model": evil}), served_entity_id=evil)]
    overview = write(tmp_path / "t.parquet", rows).overview(since="2026-01-01")
    wire = overview._wire()
    assert "<img" not in overview_html(wire)
    assert "\x1b" not in overview_text(wire)
    assert "\u202e" not in overview_text(wire)
    assert overview.by_requester.requester.item() == evil


def test_the_course_shows_the_smallest_and_the_largest(wire: dict[str, Any]) -> None:
    step = wire["step"]
    wire["to"] = wire["from"] + 4 * step
    wire["buckets"] = [
        {"start": wire["from"], "requests": 1},
        {"start": wire["from"] + 2 * step, "requests": 1000},
    ]
    (_, glyphs, most), *_ = courses(wire)
    assert (glyphs, most) == ("▁ █ ", "up to 1,000")


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-11-23 10:00", "2026-11-30 10:00", "23 to 30 Nov 2026"),
        ("2026-11-23", "2026-11-30", "23 to 29 Nov 2026"),
        ("2026-11-29 22:33", "2026-11-30 22:33", "29 to 30 Nov 2026"),
        ("2026-10-29", "2026-11-30", "29 Oct to 29 Nov 2026"),
        ("2024-03-05 10:00", "2026-11-30 10:00", "5 Mar 2024 to 30 Nov 2026"),
        ("2026-11-30 21:33:10", "2026-11-30 22:33:10", "30 Nov 2026, 21:33 to 22:34 UTC"),
        ("2026-11-30 23:30", "2026-12-01 00:00", "30 Nov 2026, 23:30 to 00:00 UTC"),
        ("2026-12-31 23:30", "2027-01-01 00:30", "31 Dec 2026, 23:30 to 1 Jan 2027, 00:30 UTC"),
        ("2026-11-30 23:30", "2026-11-30 23:30", "30 Nov 2026, 23:30 to 23:30 UTC"),
    ],
)
def test_the_time_that_is_shown(start: str, end: str, words: str) -> None:
    first, last = (datetime.fromisoformat(at).replace(tzinfo=timezone.utc).timestamp() for at in (start, end))
    assert range_words(first * 1000, last * 1000) == words

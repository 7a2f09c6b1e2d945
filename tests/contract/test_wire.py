"""Python and TypeScript agree on the wire: its types, its stored forms, and what is reckoned from it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.display.critical import critical_path
from nbext.display.pack import pack, unpack, with_texts
from nbext.display.totals import Sums, totals_of
from nbext.display.tree import build_tree, depth_first
from nbext.display.wire import whole_wire, wire_of

from . import captures
from .typescript import Checker

CHECKER = Checker()


def same(a, b):
    """Equal, numbers within 0.01."""
    if isinstance(a, (int, float)) and not isinstance(a, bool) and isinstance(b, (int, float)):
        return abs(a - b) <= 0.01
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def stored(name):
    return json.loads((captures.FIXTURES / f"{name}.json").read_text("utf-8"))


def test_every_case_has_its_file():
    assert {path.stem for path in captures.FIXTURES.glob("*.json")} == set(captures.CASES)


@pytest.mark.parametrize("name", captures.CASES)
def test_fixture_is_what_python_makes(name):
    wire, plain = captures.wire_case(name)
    file = stored(name)
    assert unpack(file["wire"]) == unpack(wire)
    assert same(file["expect"], captures.expectation(plain))


@pytest.mark.parametrize("name", captures.CASES)
def test_wire_has_the_types_of_the_viewer(name):
    wire, plain = captures.wire_case(name)
    assert CHECKER.problems(plain, "Wire") == []
    if "z" in wire:
        assert CHECKER.problems(wire, "WireZipped") == []


def test_the_checker_finds_what_departs():
    wire = captures.wire_case("one_call")[1]
    wire["spans"][0]["call"]["finsh"] = []
    wire["spans"][0]["status"] = "great"
    del wire["totals"]["calls"]
    assert len(CHECKER.problems(wire, "Wire")) == 3


@pytest.mark.parametrize("name", captures.CASES)
def test_split_adds_up_to_the_length(name):
    file = stored(name)
    split = file["expect"]["totals"].get("split", {})
    assert sum(split.values()) == pytest.approx(file["expect"]["ms"], abs=0.05)


# ── any tree ──────────────────────────────────────────────────────────────

ids = st.sampled_from([f"{i:016x}" for i in range(8)])
times = st.floats(-200, 1500, allow_nan=False).map(lambda x: round(x, 2))


@st.composite
def spans(draw):
    span = {
        "id": draw(ids),
        "name": "x",
        "type": draw(st.sampled_from(["TOOL", "CHAIN", "EMBEDDING", "CHAT_MODEL", "NEW"])),
        "at": draw(times),
    }
    if draw(st.booleans()):
        span["parent"] = draw(ids)
    if draw(st.integers(0, 5)):
        span["ms"] = draw(times)
    status = draw(st.sampled_from([None, None, "error", "blocked", "rate_limited", "interrupted"]))
    if status:
        span["status"] = status
    if draw(st.booleans()):
        attempts = draw(st.lists(st.tuples(times, times), max_size=3))
        span["call"] = {
            "api": "unknown",
            "messages": [],
            "answers": [],
            "attempts": [{"at": abs(a), "ms": abs(b)} for a, b in sorted(attempts)],
        }
    return span


@settings(max_examples=300, deadline=None)
@given(st.lists(spans(), max_size=12), st.floats(0, 1200).map(lambda x: round(x, 2)))
def test_any_tree_is_drawn_whole_and_its_time_adds_up(trace, ms):
    order = depth_first(build_tree(trace, ms))
    assert sorted(id(node.span) for node in order) == sorted(id(span) for span in trace)
    assert len({node.id for node in order}) == len(trace)
    assert all(node.depth == (node.parent.depth + 1 if node.parent else 0) for node in order)
    found = critical_path(trace, ms)
    assert sum(found.split.values()) == pytest.approx(ms, abs=1e-6)
    assert found.ids <= {node.id for node in order}


@settings(max_examples=100, deadline=None)
@given(st.lists(spans(), max_size=8), st.lists(spans(), max_size=8))
def test_sums_taken_out_leave_no_trace(kept, gone):
    sums, plain = Sums(), Sums()
    for span in [*kept, *gone]:
        sums.add(span)
    for span in gone:
        sums.add(span, -1)
    for span in kept:
        plain.add(span)
    assert same(sums.totals(), plain.totals())


def test_deep_and_wide_traces_do_not_overflow():
    deep = [
        {"id": str(i), "parent": str(i - 1), "name": "x", "type": "CHAIN", "at": i / 10, "ms": 1400 - i / 5}
        for i in range(1400)
    ]
    totals = totals_of(deep, 1400)
    assert totals["spans"] == 1400
    assert sum(totals["split"].values()) == pytest.approx(1400, abs=0.05)


# ── stored forms ──────────────────────────────────────────────────────────

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(["same long text, many times " * 2]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=4)
        | st.fixed_dictionaries({"$": inner})
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(json_values, max_size=5))
def test_string_table_gives_everything_back(values):
    wire = {"v": 1, "uid": "u", "state": "done", "start": 0, "spans": values, "totals": {}}
    assert unpack(json.loads(json.dumps(with_texts(wire)))) == wire
    assert unpack(json.loads(json.dumps(pack(wire)))) == wire


def test_repeated_history_is_stored_once():
    history = [f"message {i}, long enough to be worth a reference" for i in range(50)]
    wire = {"v": 1, "uid": "u", "spans": [{"m": history[: i + 1]} for i in range(50)]}
    table = with_texts(wire)
    assert len(table["texts"]) == 49
    assert len(json.dumps(table)) < len(json.dumps(wire)) / 3


@pytest.mark.parametrize("bad", [None, [], {"v": 2}, {}, "x"])
def test_unpack_refuses_other_data(bad):
    with pytest.raises(ValueError, match="version 1"):
        unpack(bad)


# ── cuts ──────────────────────────────────────────────────────────────────


def test_cut_keeps_the_first_spans_and_all_totals():
    capture = captures.long_run(600)
    wire = wire_of(capture, max_bytes=15_000)
    assert 50 < len(wire["spans"]) < 600
    assert wire["cut"]["spans"] == 600
    assert wire["totals"] == whole_wire(capture)["totals"]
    assert wire["spans"] == whole_wire(capture)["spans"][: len(wire["spans"])]
    assert len(json.dumps(pack(wire), ensure_ascii=False).encode()) <= 15_000 + 500


def test_texts_are_cut_before_spans():
    import random

    letters = random.Random(1)
    noise = "".join(chr(letters.randrange(33, 126)) for _ in range(600_000))
    capture = captures.capture([captures.chat(i, i, i + 0.5, question=noise[i:]) for i in range(5)], 6)
    wire = wire_of(capture, max_bytes=500_000)
    assert len(wire["spans"]) == 5
    assert "cut" not in wire
    assert "more characters" in wire["spans"][0]["call"]["messages"][0]["text"]


def test_no_limit_cuts_nothing():
    capture = captures.capture([captures.chat(1, 0, 1, question="word " * 500_000)], 1)
    assert len(wire_of(capture, max_bytes=None)["spans"][0]["call"]["messages"][0]["text"]) == 2_500_000


def test_images_are_shown_by_size():
    image = "data:image/png;base64," + "iVBORw0KGgo" * 50_000
    call = captures.chat(1, 0, 1)
    call.request["messages"] = [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": image}}]}
    ]
    wire = wire_of(captures.capture([call], 1))
    url = wire["spans"][0]["call"]["request"]["messages"][0]["content"][0]["image_url"]["url"]
    assert url == "data:image/png;base64,… (413 kB)"

"""Deltas of a running capture: only what changed, nothing twice, no half-arrived secret."""

from __future__ import annotations

import json
import time

import pytest

from nbext.display import live as live_module
from nbext.display.live import Changes
from nbext.display.totals import Sums
from nbext.display.wire import whole_wire
from nbext.model.attempt import Attempt
from nbext.model.capture import Capture
from nbext.model.span import Span
from tests.contract.typescript import Checker

CHECKER = Checker()
URL = "http://127.0.0.1/serving-endpoints/chat/completions"


def event(text):
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"


def start(capture, number, *, stream=True):
    attempt = Attempt(
        call_id=f"{number:016x}", trace_id=f"{number:032x}", method="POST", url=URL, start_ns=time.time_ns()
    )
    attempt.request_body = json.dumps(
        {"model": "m", "stream": stream, "messages": [{"role": "user", "content": f"question {number}"}]}
    ).encode()
    attempt.capture_id = capture.id
    capture.add(attempt)
    return attempt


def head(attempt, status=200):
    attempt.status_code = status
    attempt.headers_ns = time.time_ns()
    attempt.response_headers = {"content-type": "text/event-stream"}


def piece(attempt, data):
    attempt.pieces.append(data)
    attempt.piece_ns.append(time.time_ns())


def end(attempt):
    attempt.outcome = "complete"
    attempt.end_ns = time.time_ns()


@pytest.fixture
def capture():
    return Capture(id="cafe" * 4, start_ns=time.time_ns())


def test_a_stream_is_told_bit_by_bit(capture):
    changes = Changes(capture)
    assert changes.delta() is None
    attempt = start(capture, 1)
    first = changes.delta()
    assert CHECKER.problems(first, "Delta") == []
    assert (first["rev"], first["spans"][0]["status"]) == (1, "running")
    assert changes.delta() is None
    head(attempt)
    assert "spans" in changes.delta()
    for text in ("A lake", "house ", "keeps one "):
        piece(attempt, event(text))
    grown = changes.delta()
    assert CHECKER.problems(grown, "Delta") == []
    assert grown["grow"][0]["text"] == "A lakehouse keeps one "
    assert grown["grow"][0]["first"] >= 0
    assert "spans" not in grown
    piece(attempt, event("copy."))
    end(attempt)
    changes.mark(attempt.call_id)
    last = changes.delta()
    assert last["rev"] == 4
    assert last["spans"][0]["call"]["answers"] == [
        {"role": "assistant", "text": "A lakehouse keeps one copy."}
    ]
    assert last["totals"]["status"] == {"ok": 1}
    assert changes.delta() is None


def test_grown_text_and_span_never_overlap(capture):
    """What a span already tells is not told again as growth."""
    changes = Changes(capture)
    attempt = start(capture, 1)
    head(attempt)
    piece(attempt, event("one two "))
    span = changes.delta()["spans"][0]
    assert span["call"]["answers"][0]["text"] == "one two "
    piece(attempt, event("three "))
    assert changes.delta()["grow"][0]["text"] == "three "


def test_no_word_is_lost_or_told_twice(capture, monkeypatch):
    """Pieces arrive while the span is built, and its last word is not finished."""
    changes = Changes(capture)
    attempt = start(capture, 1)
    head(attempt)
    piece(attempt, event("one t"))
    build = capture.call

    def late(call_id):
        piece(attempt, event("wo thr"))
        monkeypatch.undo()
        return build(call_id)

    monkeypatch.setattr(capture, "call", late)
    shown = changes.delta()["spans"][0]["call"]["answers"][0]["text"]
    assert shown == "one two thr"
    for text in ("ee fo", "ur five "):
        piece(attempt, event(text))
        (grow,) = changes.delta()["grow"]
        shown = shown[: grow["from"]] + grow["text"]
    assert shown == "one two three four five "


def test_a_retry_makes_the_span_anew(capture):
    changes = Changes(capture)
    first = start(capture, 1)
    head(first, 429)
    end(first)
    changes.mark(first.call_id)
    waiting = changes.delta()["spans"][0]
    assert (waiting["status"], waiting["call"]["attempts"][0]["code"]) == ("running", 429)
    assert "ms" not in waiting
    again = start(capture, 1)
    again.number = 1
    delta = changes.delta()
    assert len(delta["spans"][0]["call"]["attempts"]) == 2
    assert delta["spans"][0]["status"] == "running"
    assert delta["totals"]["retries"] == 1


def test_a_call_nobody_tries_again_is_told_as_failed_in_the_end(capture):
    changes = Changes(capture)
    attempt = start(capture, 1)
    head(attempt, 503)
    end(attempt)
    changes.mark(attempt.call_id)
    assert changes.delta()["totals"]["status"] == {"running": 1}
    capture.end_ns = time.time_ns()
    last = changes.delta()
    assert last["spans"][0]["status"] == "error"
    assert last["totals"]["status"] == {"error": 1}
    assert changes.delta() is None


def test_a_key_is_not_told_before_it_is_known_for_one(capture):
    changes = Changes(capture)
    attempt = start(capture, 1)
    head(attempt)
    changes.delta()
    secret = "sk-proj-" + "aB3dE6gH9jK2mN5pQ8sT1vW4xY7z" * 2
    told = ""
    for at in range(0, len(secret), 5):
        piece(attempt, event(("the key is " if at == 0 else "") + secret[at : at + 5]))
        for grow in (changes.delta() or {}).get("grow", []):
            told += grow["text"]
    piece(attempt, event(" and so on "))
    told += changes.delta()["grow"][0]["text"]
    assert "sk-proj" not in told
    assert told.startswith("the key is ")
    assert told.endswith(" and so on ")


def test_a_call_that_is_done_is_built_once(capture, monkeypatch):
    """The cost of an update is that of what changed, whatever else there is."""
    built = []
    real = live_module.span_wire
    monkeypatch.setattr(
        live_module, "span_wire", lambda span, *rest: built.append(span.id) or real(span, *rest)
    )
    changes = Changes(capture)
    for number in range(200):
        attempt = start(capture, number)
        head(attempt)
        end(attempt)
        changes.mark(attempt.call_id)
        changes.delta()
    assert len(built) == 200


def test_totals_are_those_of_all_spans(capture):
    changes = Changes(capture)
    for number in range(20):
        attempt = start(capture, number)
        head(attempt, 200 if number % 3 else 400)
        changes.delta()
        if number % 4:
            end(attempt)
            changes.mark(attempt.call_id)
        if number == 7:
            capture.app_spans.append(
                Span("a" * 16, "b" * 32, "tool", "TOOL", capture.start_ns, capture.start_ns + 10)
            )
    totals = changes.delta()["totals"]
    sums = Sums()
    for span in whole_wire(capture)["spans"]:
        sums.add(span)
    assert totals == sums.totals()
    assert totals["spans"] == 21

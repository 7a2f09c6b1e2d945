"""The text form: what a terminal shows, and nothing a terminal obeys."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.display.escape import columns, cut, one_line, visible
from nbext.display.static_html import static_html
from nbext.display.text import text_of_wire, text_tree
from nbext.model.call import GatewayFacts, Usage, Verdict
from tests.contract import captures

EXPECTED = Path(__file__).parent / "expected"
# What a terminal obeys, or what turns the reading order round.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u2028\u2029]")


def test_an_agent_reads_as_expected():
    assert text_tree(captures.churn_agent(), width=100) + "\n" == (EXPECTED / "churn_agent.txt").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("name", captures.CASES)
@pytest.mark.parametrize("width", [40, 60, 100, 160])
def test_tree_stays_within_the_terminal(name, width):
    wire = captures.wire_case(name)[1]
    if name in ("failures", "empty", "cut"):
        return  # their sentences wrap as any text does
    head, *rows = text_of_wire(wire, width=width).splitlines()
    assert head
    assert max(
        [0, *(columns(row) for row in rows if not row.startswith(("model", "tools", "▁", "░", "█")))]
    ) <= max(width, 61)


@pytest.mark.parametrize(
    ("make", "lines"),
    [
        (
            captures.one_call,
            [
                "1 call · 0.84 s · 312 → 96 tok · $0.0009 · claude-haiku-4-5",
                "user       What is a lakehouse, in two sentences?",
                "assistant  A lakehouse keeps one copy",
            ],
        ),
        (captures.retries, ["1 call · 3 attempts · 2.41 s · 312 → 96 tok"]),
        (captures.interrupted, ["interrupted · 1 call · 2.31 s · ~18.4k → 118 tok · ≥ $0.057 ·"]),
        (
            captures.embeddings,
            [
                "1 call · 0.10 s · 1,920 tok · $0.0002 · gte-large-en",
                "input      64 texts · “Churn rose in EMEA after the price change 0”",
                "output     64 vectors × 1,024 · norm 1.00",
            ],
        ),
        (
            captures.guardrail,
            [
                "blocked · 1 call · 0.12 s · 0 tok · claude-haiku-4-5",
                "user       mail EMAIL_ADDRESS card CREDIT_CARD",
                "gateway    Blocked before the model saw it. Input guardrail",
                "next       Take the values out",
            ],
        ),
        (captures.policy, ["user       38 characters hidden: they may hold personal data."]),
        (captures.empty, ["No model call in this cell. 3 other HTTP requests were left alone."]),
        (
            captures.failures,
            ["2 of 2 calls could not be recorded. Your calls were not touched. First: ValueError"],
        ),
        (captures.parallel, ["enrich  6.40 s · 50 calls", "1 error · 1 rate limited · 1 retry"]),
    ],
)
def test_outcomes_in_words(make, lines):
    text = text_tree(make(), width=100)
    for line in lines:
        assert line in text


def test_held_back_text_is_not_shown():
    for make in (captures.guardrail, captures.policy):
        assert "jo@example.com" not in text_tree(make())
        assert "What is a lakehouse" not in text_tree(make())
        assert "IBAN" not in text_tree(make())


def test_rows_past_the_limit_are_counted():
    text = text_tree(captures.parallel(), width=100, max_rows=10)
    assert "… 40 more spans" in text
    assert text.count("chat") == 10


def test_a_cut_is_said():
    wire = captures.wire_case("cut")[1]
    assert re.search(r"The first \d+ of 200 spans are saved here, \d+\.\d kB\.", text_of_wire(wire))


def test_control_characters_of_a_model_are_shown_not_obeyed():
    text = text_tree(captures.odd())
    assert OBEYED.search(text) is None
    assert "\\x1b[31mred\\x00 \\u202etxt.exe" in text


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text(), st.text())
def test_no_text_of_a_model_can_steer_a_terminal(question, answer, name):
    made = captures.capture(
        [captures.chat(1, 0, 1, question=question, answer=answer, model=name)], 1, name=name
    )
    for text in (text_tree(made), text_tree(captures.capture(made.calls * 2, 1, name=name))):
        assert OBEYED.search(text) is None
        text.encode()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.integers(2, 40))
def test_cut_never_exceeds_its_width(text, width):
    assert columns(cut(one_line(text), width)) <= width


def test_wide_characters_take_two_columns():
    assert columns("日本語") == 6
    assert columns("e\u0301") == 1
    assert cut("日本語日本語", 5) == "日本…"
    assert unicodedata.east_asian_width("日") == "W"


def test_lines_and_tabs_of_an_answer_stay():
    assert visible("a\tb\r\nc") == "a\tb\nc"
    assert visible("over\rwritten") == "over\\x0dwritten"


def one(**changes):
    call = captures.chat(1, 0.001, 0.84, **changes)
    return captures.capture([call], 0.84)


def test_what_is_odd_about_a_call_is_said():
    notes = ["The stream ended without a finish reason: the answer may be cut.", "1 line could not be read."]
    text = text_tree(one(notes=notes), width=100)
    for note in notes:
        assert f"note       {note}" in text
        assert note in static_html(one(notes=notes))
    several = captures.parallel()
    calls = several.calls
    for call in calls[:3]:
        call.notes = notes[:1]
    calls[4].notes = notes[1:]
    text = text_tree(captures.capture(calls, 6.4), width=120)
    assert f"note       3 calls: {notes[0]}" in text
    assert f"note       chat: {notes[1]}" in text


def test_all_answers_are_shown():
    answers = [captures.text("assistant", word) for word in ("Bär", "Dachs", "Fuchs")]
    text = text_tree(one(answers=answers), width=100)
    assert "answer 1   Bär\nanswer 2   Dachs\nanswer 3   Fuchs" in text
    text = text_tree(one(answers=answers * 4), width=100)
    assert "answer 5   Dachs\n… 7 more answers" in text


def test_what_had_arrived_of_a_failed_answer_is_shown():
    verdict = Verdict(
        "connection", "The connection broke in mid-answer", ["ReadError"], next="Send it again."
    )
    text = text_tree(one(status="error", verdict=verdict, answer="Guten"), width=100)
    assert "arrived    Guten\nerror      The connection broke in mid-answer. ReadError\nnext" in text


def test_who_stopped_a_call_is_said():
    text = text_tree(captures.interrupted(), width=100)
    assert "stopped    You stopped it after 2.31 s. 118 tokens had arrived and are kept." in text


@pytest.mark.parametrize(
    ("served", "fallback", "words"),
    [
        ("gpt-5-2025-08-07", None, "· gpt-5\n"),
        ("support", None, "· gpt-5 (support)\n"),
        ("claude-sonnet-4-5", True, "· gpt-5, answered by fallback claude-sonnet-4-5\n"),
    ],
)
def test_another_model_that_answered_is_named(served, fallback, words):
    facts = GatewayFacts(route="serving", served_model=served, fallback=fallback)
    assert words in text_tree(one(model="databricks-gpt-5", served_model=served, facts=facts), width=120)


def test_a_cost_of_estimated_tokens_is_marked():
    assert "~312 → 96 tok · ~$0.0009" in text_tree(one(usage=Usage(312, 96, 408, estimated=True)), width=100)


def test_a_call_among_others_says_that_a_fallback_answered():
    calls = [captures.chat(n, n / 10, n / 10 + 0.05) for n in (1, 2)]
    calls[1].facts.fallback = True
    text = text_tree(captures.capture(calls, 0.3), width=140)
    assert text.count("answered by fallback") == 1


def test_a_logged_call_without_a_duration_does_not_run():
    capture = captures.guardrail()
    capture.calls[0].end_ns = None
    assert "running" not in text_tree(capture)

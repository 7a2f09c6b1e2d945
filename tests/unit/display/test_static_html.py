"""The static HTML: complete, inert, and left whole by a sanitiser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.display.static_html import html_of_wire, static_html
from nbext.display.wire import whole_wire
from tests.contract import captures

EXPECTED = Path(__file__).parent / "expected"
# What GitHub, nbviewer and JupyterLab's sanitiser are known to keep.
TAGS = {"table", "thead", "tbody", "tr", "th", "td", "details", "summary", "code", "em", "strong", "br", "a"}
ATTRIBUTES = {"td": {"align"}, "th": {"align"}, "details": {"open"}, "a": {"href"}}


def sanitised(html):
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES)


class Text(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.parts, self.open = [], []
        self.feed(html)
        self.close()

    def handle_data(self, data):
        self.parts.append(data)

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def __str__(self):
        return "".join(self.parts)


@pytest.mark.parametrize("name", captures.CASES)
def test_a_sanitiser_changes_nothing(name):
    html = html_of_wire(captures.wire_case(name)[1])
    assert sanitised(html) == html
    assert Text(html).open == []


def test_an_agent_reads_as_expected():
    html = html_of_wire(captures.wire_case("churn_agent")[1])
    # The day is told in the reader's own time zone.
    html = re.sub(r"Saved by nbext, [^.]*\.", "Saved by nbext, DAY.", html)
    assert html.replace("><", ">\n<") + "\n" == (EXPECTED / "churn_agent.html").read_text("utf-8")


def test_it_is_complete():
    html = str(Text(static_html(captures.churn_agent())))
    for span in captures.churn_agent().spans:
        assert span.name in html
    for text in (
        "Which region lost the most customers",
        "Do not guess",
        "The table does not exist",
        "429 after 0.13 s",
    ):
        assert text in html
    assert "7 calls with their messages" in html


def test_a_tool_call_stands_beside_its_result():
    html = static_html(captures.churn_agent())
    assert "<br>× TABLE_OR_VIEW_NOT_FOUND: crm.churn_q3" in html
    assert "run_sql(sql=" in html


def test_a_conversation_is_told_once():
    html = static_html(captures.churn_agent())
    assert html.count("Which region lost the most customers") == 1
    assert "2 messages shown before" in html


def test_held_back_text_is_not_there():
    for make in (captures.guardrail, captures.policy):
        html = static_html(make())
        assert "jo@example.com" not in html
        assert "What is a lakehouse" not in html
        assert "IBAN" not in html
        assert "Next" not in html or "<em>next</em>" in html


@pytest.mark.parametrize("limit", [5_000, 20_000, 60_000])
def test_the_cap_holds_and_is_said(limit):
    html = static_html(captures.long_run(300), max_bytes=limit)
    assert len(html.encode()) <= limit
    assert re.search(r"\d+ more spans", html)
    assert re.search(r"\d+ more calls", html)
    assert sanitised(html) == html


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table><script>alert(1)</script>",
    "</summary></details><iframe src=javascript:alert(1)>",
    "<button data-commandlinker-command='kernelmenu:restart'>x</button>",
    "<a href='javascript:alert(1)'>x</a>",
    "`<svg onload=alert(1)>`",
    "&lt;script&gt;",
    "<style>*{display:none}</style>",
    "]]><!--",
    "\x00<scr\x00ipt>",
    "<plaintext>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_field_can_break_out(attack):
    call = captures.chat(1, 0, 1, question=attack, answer=attack, model=attack, system=attack * 60)
    call.error_type = call.error_message = call.facts.request_id = attack
    call.attempts = [captures.attempt(0, 0, 0.5, 500, error=(attack, attack), request_id=attack)] * 2
    other = captures.app(
        9, attack, attack, 0, 1, inputs={attack: attack}, status="error", error_message=attack
    )
    for spans in ([], [other]):
        html = static_html(captures.capture([call], 1, name=attack, spans=spans))
        assert sanitised(html) == html
        assert set(re.findall(r"<(\w+)", html)) <= TAGS
        assert set(re.findall(r"<[^>]*? (\w+)=", html)) <= {"align"}


@settings(max_examples=150, deadline=None)
@given(st.text(), st.text())
def test_any_text_comes_out_as_text(question, answer):
    html = static_html(captures.capture([captures.chat(1, 0, 1, question=question, answer=answer)], 1))
    assert set(re.findall(r"<(\w+)", html)) <= TAGS
    assert Text(html).open == []


PAGE = "http://127.0.0.1:5000/#/experiments/3/traces?selectedEvaluationId=tr-1"


def test_a_trace_that_a_store_shows_has_a_link():
    capture = captures.CASES["one_call"][0]()
    capture.url = PAGE
    html = static_html(capture)
    assert f'<a href="{PAGE}" rel="noopener noreferrer">Open in MLflow</a>' in html
    assert sanitised(html) == html
    capture.url = None
    capture.export_state = {"to": "x", "exported": 1, "page": PAGE}
    assert PAGE in static_html(capture)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http:", "http://me:secret@host/", "data:text/html,x", "/relative", 7]
)
def test_what_is_no_page_is_no_link(url):
    capture = captures.CASES["one_call"][0]()
    capture.url = url
    capture.export_state = {"to": "x", "exported": 1, "page": url}
    html = static_html(capture)
    assert "<a " not in html
    assert "page" not in whole_wire(capture)
    assert "page" not in whole_wire(capture)["export"]


@given(st.text(max_size=40))
def test_an_address_stays_inside_its_quotes(text):
    capture = captures.CASES["one_call"][0]()
    capture.url = f"https://host/{text}"
    html = static_html(capture)
    assert sanitised(html) == html
    assert html.count("<a ") == html.count("</a>") <= 1

"""The self-contained page: works from disk, fetches nothing, runs nothing that a model wrote."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from nbext.display.scripts import script
from nbext.sinks.html import page_of, to_html
from nbext.sources.files import open_path
from tests.contract import captures

ATTACKS = [
    "</script><script>window.hacked = 1</script>",
    "<!--<script>",
    "<img src=x onerror='window.hacked = 1'>",
    "]]>",
    "\u2028window.hacked = 1\u2028",
    "<svg onload='window.hacked = 1'>",
    "[x](javascript:window.hacked=1)",
    "![x](https://evil.example/x.png)",
    "{{constructor.constructor('window.hacked=1')()}}",
]


def attacked():
    calls = [
        captures.chat(i + 1, i, i + 0.5, question=attack, answer=attack, model=attack)
        for i, attack in enumerate(ATTACKS)
    ]
    spans = [
        captures.app(
            100 + i, attack, "TOOL", i, i + 0.5, inputs={attack: attack}, status="error", error_message=attack
        )
        for i, attack in enumerate(ATTACKS)
    ]
    return captures.capture(calls, 10, name=ATTACKS[0], spans=spans)


def test_the_policy_lets_our_script_run_and_nothing_else():
    page = page_of([captures.one_call()])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in scripts]
    assert len(digests) == 2
    assert f"script-src 'sha256-{digests[0]}' 'sha256-{digests[1]}';" in policy
    assert policy.startswith("default-src 'none'")
    assert "connect-src" not in policy
    assert "http" not in policy


def test_no_text_ends_a_script_element():
    page = page_of([attacked()])
    assert page.count("<script") == page.count("</script>") == 4
    for data in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL):
        assert "<" not in data


def test_nothing_is_fetched():
    page = page_of([captures.churn_agent()]).replace(script("page"), "").replace(script("more"), "")
    assert not re.search(r"(src|href)\s*=|@import|url\(", page)


def test_it_is_read_back_whole(tmp_path):
    path = tmp_path / "page.html"
    to_html([captures.churn_agent(), attacked()], path)
    first, second = open_path(path)
    assert first.calls == captures.churn_agent().calls
    assert second.calls == attacked().calls


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.html", "<html></html>", r"a\.html is no page of nbext: it holds no captures"),
        (
            "a.html",
            '<script type="application/json" id="captures">{"z": "AAAA"}</script>',
            r"the captures in a\.html are damaged",
        ),
        ("a.json", "{", r"a\.json is no JSON"),
        ("a.json", "[1]", r"a\.json is no export of nbext"),
        (
            "a.json",
            '{"format": "nbext", "v": 9, "captures": []}',
            r"version 9; this nbext reads version 1: update it",
        ),
        (
            "a.json",
            '{"format": "nbext", "v": 1, "captures": [{"id": "x"}]}',
            r"a capture in a\.json is damaged",
        ),
        ("a.json", "[" * 100_000, r"a\.json is no JSON"),
        ("a.csv", "x", r"expected a file that ends in \.html, \.json, \.jsonl or \.binpb, got 'a\.csv'"),
        ("a.pkl", "x", r"got 'a\.pkl'"),
    ],
)
def test_other_files_are_refused_in_words(tmp_path, name, content, says):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=says):
        open_path(tmp_path / name)


@pytest.mark.parametrize("name", ["gone.html", "gone.json", "gone.jsonl", "gone"])
def test_a_missing_file_is_said(tmp_path, name):
    with pytest.raises(FileNotFoundError, match=f"there is no file .*{name}"):
        open_path(tmp_path / name)


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no journal"):
        open_path(tmp_path)


# The viewers of the page, each in its own shadow root.
VIEWS = """
(() => {
  const root = (e) => e.shadowRoot ?? [...e.children].map(root).find(Boolean);
  return [...document.querySelectorAll('[data-nbext-for]')].map(root);
})()
"""


@pytest.mark.browser
def test_it_is_drawn_from_disk_with_no_network(tmp_path):
    from playwright.sync_api import sync_playwright

    agent = to_html(captures.churn_agent(), tmp_path / "agent.html")
    attack = to_html([attacked(), captures.odd()], tmp_path / "attack.html")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            text = drawn(browser, agent)
            assert "churn_agent" in text
            assert "run_sql" in text
            assert "onerror" in drawn(browser, attack)
        finally:
            browser.close()


def drawn(browser, path):
    """Open a page; give the text of its first viewer."""
    page = browser.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(path.as_uri())
    page.wait_for_function(f"{VIEWS.strip()}.every((root) => root?.textContent.length > 50)")
    text = page.evaluate(f"{VIEWS.strip()}[0].textContent")
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []
    assert page.evaluate("window.hacked") is None
    page.close()
    return text


def test_without_scripts_the_static_html_is_there():
    page = page_of([captures.churn_agent()])
    before_scripts = page[: page.index("<script type=")]
    assert "Which region lost the most customers in Q3" in before_scripts
    assert "7 calls with their messages" in before_scripts

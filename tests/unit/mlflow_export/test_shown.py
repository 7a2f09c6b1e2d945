"""What became of the export is said in every form of the view, and in the status line."""

from __future__ import annotations

import pytest

from nbext.display.bundle import mime_bundle
from nbext.display.text import text_tree
from nbext.display.wire import wire_of
from tests.contract.captures import CASES

WHY = "http://127.0.0.1:9 cannot be reached; it is tried again by itself"


@pytest.mark.parametrize("name", ["one_call", "churn_agent", "empty"])
def test_the_view_says_what_was_exported_and_why_not(name):
    capture = CASES[name][0]()
    state = {"to": "http://127.0.0.1:9 (experiment churn)", "exported": 2, "pending": 1, "why": WHY}
    capture.export_state = state
    line = f"MLflow: 2 exported · 1 pending, http://127.0.0.1:9 (experiment churn): {WHY}"
    assert wire_of(capture)["export"] == state
    assert line in text_tree(capture)
    assert line in mime_bundle(capture, max_bytes=1_000_000)["text/html"]


def test_of_no_export_nothing_is_said():
    capture = CASES["one_call"][0]()
    assert "export" not in wire_of(capture)
    assert "MLflow" not in text_tree(capture)

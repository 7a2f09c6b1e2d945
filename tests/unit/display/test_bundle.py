"""What is saved in a notebook: which forms, how large."""

from __future__ import annotations

import json
import os

import pytest

from nbext.display.bundle import WIDGET_MIME, bundle_of_wire, mime_bundle
from nbext.display.hosts import HOSTS
from nbext.display.pack import unpack
from nbext.display.wire import MIME, whole_wire
from tests.contract import captures

JUPYTER = HOSTS["jupyter"]


def saved_bytes(bundle):
    """Size in an .ipynb file, which indents objects."""
    return len(json.dumps(bundle, indent=1, ensure_ascii=False).encode())


def small_calls(count):
    """Calls as a gateway gives them: ids that do not compress, headers, a full answer."""
    calls = []
    for i in range(count):
        request_id = os.urandom(16).hex()
        call = captures.chat(
            i + 1,
            i * 0.5,
            i * 0.5 + 0.4,
            question=f"Classify this support ticket: invoice {i * 7919} was charged twice.",
            answer=f"Category: billing. Urgency: high, since invoice {i * 7919} blocks the account.",
        )
        call.call_id, call.trace_id = os.urandom(8).hex(), os.urandom(16).hex()
        call.facts.request_id = request_id
        call.response["id"] = f"chatcmpl-{os.urandom(12).hex()}"
        call.attempts[0].request_id = request_id
        call.attempts[0].response_headers["x-request-id"] = request_id
        calls.append(call)
    return captures.capture(calls, count * 0.5)


def test_a_small_call_costs_a_kilobyte_at_most():
    sizes = {count: saved_bytes(mime_bundle(small_calls(count), host=JUPYTER)) for count in (2, 10, 50, 200)}
    assert (sizes[10] - sizes[2]) / 8 <= 1000
    assert (sizes[200] - sizes[50]) / 150 <= 1000
    assert saved_bytes(mime_bundle(small_calls(1), host=JUPYTER)) <= 3600


@pytest.mark.parametrize("limit", [10_000, 60_000, 1_000_000])
def test_the_limit_holds_for_the_whole_bundle(limit):
    noisy = captures.capture(
        [captures.chat(i + 1, i, i + 0.5, question=os.urandom(3000).hex()) for i in range(300)], 300
    )
    bundle = mime_bundle(noisy, max_bytes=limit, host=JUPYTER)
    assert sum(len(json.dumps(value, ensure_ascii=False).encode()) for value in bundle.values()) <= limit
    data = unpack(bundle[MIME])
    if "cut" in data:
        assert data["cut"]["spans"] == 300
        assert f"The first {len(data['spans']):,} of 300 spans are saved here" in bundle["text/html"]


def test_data_comes_back_as_it_was():
    wire = whole_wire(captures.churn_agent())
    assert unpack(bundle_of_wire(wire, host=JUPYTER)[MIME]) == wire


def test_the_same_capture_gives_the_same_bytes():
    wire = whole_wire(captures.parallel())
    assert bundle_of_wire(wire, host=JUPYTER) == bundle_of_wire(wire, host=JUPYTER)


def test_no_call_is_one_line():
    bundle = mime_bundle(captures.empty(), host=JUPYTER)
    data = bundle.pop(MIME)
    assert (data["spans"], data["other"], data["state"]) == ([], 3, "done")
    assert bundle == {
        "text/plain": "No model call in this cell. 3 other HTTP requests were left alone.",
        "text/html": "<em>No model call in this cell. 3 other HTTP requests were left alone.</em>",
    }
    assert saved_bytes(data) < 400


def test_it_can_be_written_as_json_whatever_is_in_it():
    bundle = mime_bundle(captures.odd(), host=JUPYTER)
    json.dumps(bundle, allow_nan=False).encode()
    json.dumps(bundle, ensure_ascii=False).encode()


class Model:
    model_id = "0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "live", "there"),
    [
        ("jupyter", True, False),
        ("jupyter", False, False),
        ("vscode", True, True),
        ("vscode", False, True),
        ("colab", True, True),
        ("colab", False, False),
        ("databricks", True, True),
        ("databricks", False, False),
        ("kernel", True, False),
        ("kernel", False, False),
    ],
)
def test_the_widget_is_in_the_bundle_only_where_it_helps(name, live, there):
    bundle = mime_bundle(captures.one_call(), widget=Model(), live=live, host=HOSTS[name])
    assert (WIDGET_MIME in bundle) is there
    assert {"text/html", "text/plain", MIME} <= bundle.keys()

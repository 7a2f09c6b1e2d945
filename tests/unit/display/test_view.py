"""The output of a cell in a real kernel: what is sent to the page, and when."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager

import pytest
from jupyter_client.manager import start_new_kernel

from nbext.display.pack import unpack
from nbext.display.wire import MIME

SETUP = """
import json, socket, threading, time
from nbext.display.hosts import HOSTS
from nbext.display.view import CellView
from nbext.model.attempt import Attempt
from nbext.model.capture import Capture

URL = "http://127.0.0.1/serving-endpoints/chat/completions"

def new(**options):
    capture = Capture(id=f"{time.time_ns():016x}", start_ns=time.time_ns(), name="try")
    options.setdefault("host", HOSTS["jupyter"])
    return capture, CellView(capture, **options)

def begin(capture, number=1):
    call_id = f"{number:016x}"
    attempt = Attempt(call_id=call_id, trace_id="b" * 32, method="POST", url=URL, start_ns=time.time_ns())
    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    attempt.request_body = json.dumps(asked).encode()
    capture.add(attempt)
    return attempt

def stream(attempt, count=6, wait=0.12):
    attempt.status_code, attempt.headers_ns = 200, time.time_ns()
    attempt.response_headers = {"content-type": "text/event-stream"}
    for i in range(count):
        data = {"choices": [{"index": 0, "delta": {"content": f"word{i} "}}]}
        attempt.pieces.append(b"data: " + json.dumps(data).encode() + b"\\n\\n")
        attempt.piece_ns.append(time.time_ns())
        time.sleep(wait)
    attempt.outcome, attempt.end_ns = "complete", time.time_ns()

def cell(capture, view, count):
    view.show()
    stream(begin(capture), count)
    capture.end_ns = time.time_ns()
    view.finish()
"""


class Kernel:
    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3")
        self.run(SETUP)

    def run(self, code, *, wait=0.3):
        """Run a cell; give all that came for the page until `wait` s after its end."""
        asked = self.client.execute(code)
        messages, idle_at = [], None
        while idle_at is None or time.monotonic() < idle_at + wait:
            try:
                message = self.client.get_iopub_msg(timeout=20 if idle_at is None else wait)
            except Exception:
                assert idle_at is not None, "the kernel does not answer"
                break
            content = message["content"]
            if message["msg_type"] == "error":
                raise AssertionError("\n".join(content["traceback"]))
            messages.append((message["msg_type"], content, message["parent_header"].get("msg_id") == asked))
            if content.get("execution_state") == "idle" and message["parent_header"].get("msg_id") == asked:
                idle_at = time.monotonic()
        return messages

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.close()


def shown(messages):
    return [
        (kind, content) for kind, content, _ in messages if kind in ("display_data", "update_display_data")
    ]


def deltas(messages):
    found = [content["data"].get("content") for kind, content, _ in messages if kind == "comm_msg"]
    return [message for message in found if message and message.get("kind") == "delta"]


@contextmanager
def nothing_failed(kernel):
    yield
    (text,) = [
        c["text"] for k, c, _ in kernel.run("print(capture.failures, capture.first_failure)") if k == "stream"
    ]
    assert text.strip() == "0 None"


def test_a_stream_lives_and_ends_as_a_saved_bundle(kernel):
    with nothing_failed(kernel):
        messages = kernel.run("capture, view = new(); cell(capture, view, 20)")
    (first, start), (last, end) = shown(messages)
    assert (first, last) == ("display_data", "update_display_data")
    assert start["transient"] == end["transient"]
    assert all(mine for kind, _, mine in messages if kind in ("display_data", "update_display_data"))
    assert unpack(start["data"][MIME])["state"] == "running"
    final = unpack(end["data"][MIME])
    assert final["state"] == "done"
    assert final["spans"][0]["call"]["answers"][0]["text"] == "".join(f"word{i} " for i in range(20))
    assert set(end["data"]) == {MIME, "text/html", "text/plain"}
    told = deltas(messages)
    assert [delta["rev"] for delta in told] == list(range(1, len(told) + 1))
    assert told[-1]["state"] == "done"
    grown = "".join(grow["text"] for delta in told for grow in delta.get("grow", ()))
    assert "word17 word18" in grown


def test_nothing_is_shown_before_the_first_call(kernel):
    messages = kernel.run("capture, view = new(); view.show(); time.sleep(0.5); print('still nothing')")
    assert shown(messages) == []
    assert not [kind for kind, _, _ in messages if kind == "comm_open"]
    messages = kernel.run("begin(capture); time.sleep(0.4)")
    assert [kind for kind, _ in shown(messages)] == ["display_data"]


def test_it_lives_while_the_main_thread_waits_in_a_socket(kernel):
    messages = kernel.run(
        """
capture, view = new(); view.show()
here, there = socket.socketpair()
worker = threading.Thread(target=lambda: (stream(begin(capture)), there.send(b"x")))
worker.start()
here.recv(1)
print("woke up")
"""
    )
    before = []
    for kind, content, _ in messages:
        if kind == "stream" and "woke up" in content["text"]:
            break
        before.append((kind, content, True))
    assert sum("grow" in delta for delta in deltas(before)) >= 2


def test_at_most_ten_updates_a_second(kernel):
    messages = kernel.run(
        "capture, view = new(); view.show()\n"
        "for n in range(300): stream(begin(capture, n), 1, 0.003); view.changed(f'{n:016x}')\n"
        "took = (time.time_ns() - capture.start_ns) / 1e9\n"
        "capture.end_ns = time.time_ns(); view.finish(); print(took)"
    )
    took = float("".join(c["text"] for k, c, _ in messages if k == "stream"))
    told = deltas(messages)
    assert len(told) <= took * 10 + 2
    ended = [span["id"] for delta in told for span in delta.get("spans", ()) if "ms" in span]
    assert sorted(set(ended)) == sorted(f"{n:016x}" for n in range(300))
    assert len(ended) <= 330


def test_a_stream_that_outlives_its_cell_goes_on(kernel):
    messages = kernel.run(
        """
capture, view = new(); view.show()
worker = threading.Thread(target=lambda: (stream(begin(capture), 8), view.finish()))
worker.start(); time.sleep(0.3)
capture.end_ns = time.time_ns(); view.finish()
""",
        wait=1.6,
    )
    outputs = shown(messages)
    assert [kind for kind, _ in outputs] == ["display_data", "update_display_data", "update_display_data"]
    early, late = (unpack(content["data"][MIME])["spans"][0] for _, content in outputs[1:])
    assert early["status"] == "running"
    assert "status" not in late
    assert late["call"]["answers"][0]["text"].endswith("word7 ")


def test_not_live_is_shown_once(kernel):
    messages = kernel.run("capture, view = new(live=False); cell(capture, view, 3)")
    assert [kind for kind, _ in shown(messages)] == ["display_data"]
    assert deltas(messages) == []


def test_quiet_is_not_shown(kernel):
    messages = kernel.run("capture, view = new(quiet=True); cell(capture, view, 3)")
    assert shown(messages) == []


def test_no_call_is_one_line(kernel):
    messages = kernel.run(
        "capture, view = new(); view.show(); capture.other_requests = 3\n"
        "capture.end_ns = time.time_ns(); view.finish()"
    )
    ((kind, content),) = shown(messages)
    assert kind == "display_data"
    assert content["data"].pop(MIME)["spans"] == []
    assert content["data"] == {
        "text/plain": "No model call in this cell. 3 other HTTP requests were left alone.",
        "text/html": "<em>No model call in this cell. 3 other HTTP requests were left alone.</em>",
    }


def test_a_kernel_nobody_watches_gets_no_widget(kernel):
    messages = kernel.run("capture, view = new(host=HOSTS['kernel']); cell(capture, view, 3)")
    assert [kind for kind, _ in shown(messages)] == ["display_data"]
    assert not [kind for kind, _, _ in messages if kind.startswith("comm")]


def test_a_host_without_our_extension_gets_the_widget_while_it_runs(kernel):
    widget = "application/vnd.jupyter.widget-view+json"
    messages = kernel.run("capture, view = new(host=HOSTS['colab']); cell(capture, view, 3)")
    (_, start), (_, end) = shown(messages)
    assert widget in start["data"]
    assert widget not in end["data"]
    assert len(json.dumps(deltas(messages)[0]["spans"])) > 100


def test_our_own_failure_is_said_and_the_cell_goes_on(kernel):
    messages = kernel.run(
        """
capture, view = new(); view.show()
view._changes.delta = lambda: 1 / 0
stream(begin(capture), 3)
del view._changes.delta
capture.end_ns = time.time_ns(); view.finish(); print("went on")
"""
    )
    _, end = shown(messages)[-1]
    said = "1 of 1 call could not be recorded. Your calls were not touched. First: ZeroDivisionError"
    assert said in end["data"]["text/html"]
    assert any(kind == "stream" and "went on" in content["text"] for kind, content, _ in messages)

"""A gateway that answers nonsense: the user's code sees what it would have seen, the view says what came."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kernel import Kernel, Ran

pytestmark = pytest.mark.notebook

CHUNK = {
    "id": "x",
    "object": "chat.completion.chunk",
    "model": "m",
    "choices": [{"index": 0, "delta": {"content": "hel"}}],
}
SSE = b"data: " + json.dumps(CHUNK).encode() + b"\n\n"
GOOD = {
    "id": "x",
    "object": "chat.completion",
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
}
JSON, HTML, STREAM = "application/json", "text/html", "text/event-stream"
HUGE = 100_000_000

# Content type and body of what is answered; a stream is asked for where a stream comes.
ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "html": (200, HTML, b"<!doctype html><title>Sign in</title><p>Sign in to continue</p>"),
    "html error": (502, HTML, b"<html><h1>502 Bad Gateway</h1></html>"),
    "empty": (200, JSON, b""),
    "empty error": (500, JSON, b""),
    "broken json": (200, JSON, b'{"id": "x", "choices": [{"ind'),
    "other json": (200, JSON, b'[1, "two", null]'),
    "broken utf-8": (200, JSON, json.dumps(GOOD).encode().replace(b"hello", b"he\xff\xfello")),
    "no done": (200, STREAM, SSE * 3),
    "broken sse": (200, STREAM, SSE + b"data: {broken\n\n" + b"data: [DONE]\n\n"),
    "sse utf-8": (200, STREAM, SSE.replace(b"hel", b"h\xffl") + b"data: [DONE]\n\n"),
    "empty stream": (200, STREAM, b""),
    "nothing but nul": (200, JSON, b"\0" * 64),
}


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        name = self.path.split("/")[1].replace("_", " ")
        if name == "huge":
            self._huge()
            return
        status, kind, body = ANSWERS[name]
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _huge(self) -> None:
        head, tail = json.dumps(GOOD).encode().split(b"hello")
        self.send_response(200)
        self.send_header("content-type", JSON)
        self.send_header("content-length", str(len(head) + HUGE + len(tail)))
        self.end_headers()
        self.wfile.write(head)
        block = b"x" * 1_000_000
        for _ in range(HUGE // len(block)):
            self.wfile.write(block)
        self.wfile.write(tail)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def code(url: str, name: str, *, stream: bool) -> str:
    return f"""bad = OpenAI(base_url="{url}/{name.replace(" ", "_")}", api_key="x", max_retries=0)
try:
    messages = [{{"role": "user", "content": "hi"}}]
    got = bad.chat.completions.create(model="m", messages=messages, stream={stream})
    if {stream}:
        got = [chunk.model_dump() for chunk in got]
    elif hasattr(got, "model_dump"):
        got = got.model_dump()
    print(type(got), repr(got)[:300])
except Exception as error:
    print(type(error), str(error)[:300])
"""


def seen(ran: Ran) -> str:
    assert ran.reply["status"] == "ok", ran.error
    return ran.stdout


@pytest.mark.parametrize("name", ANSWERS)
def test_nonsense(kernel: Kernel, url: str, name: str) -> None:
    stream = ANSWERS[name][1] == STREAM
    untraced = kernel.run(code(url, name, stream=stream))
    traced = kernel.run("%%gateway_trace\n" + code(url, name, stream=stream))
    assert seen(traced) == seen(untraced)
    assert traced.trace["totals"]["calls"] == 1
    (span,) = traced.trace["spans"]
    assert "failed" not in traced.trace
    assert span["call"]["attempts"][0]["code"] == ANSWERS[name][0]
    text = traced.views[0].data["text/plain"]
    assert all(c.isprintable() or c in "\n\t" for c in text)
    word = {"html": "Sign in", "html error": "502", "no done": "hel"}.get(name, "")
    assert word in text + str(span)


@pytest.mark.parametrize(
    "name", ["empty", "broken json", "broken utf-8", "no done", "broken sse", "html", "empty stream"]
)
def test_the_view_says_what_came(kernel: Kernel, url: str, name: str) -> None:
    ran = kernel.run("%%gateway_trace\n" + code(url, name, stream=ANSWERS[name][1] == STREAM))
    (span,) = ran.trace["spans"]
    call = span["call"]
    said = [
        *call.get("notes", []),
        *(call.get("verdict", {}).get("text", [])),
        span.get("error", {}).get("message", ""),
    ]
    assert any(said), call
    # Readable, not a representation of bytes.
    assert "b'" not in " ".join(said)


def test_a_hundred_megabytes(kernel: Kernel, url: str) -> None:
    untraced = kernel.run(code(url, "huge", stream=False))
    traced = kernel.run("%%gateway_trace\n" + code(url, "huge", stream=False))
    assert seen(traced) == seen(untraced)
    (view,) = traced.views
    assert len(json.dumps(view.data)) < 1_000_000
    (span,) = traced.trace["spans"]
    assert span["call"]["bytes"]["response"] > HUGE
    assert kernel.run("import nbext\nlen(nbext.calls_df(nbext.last))").result == "1"

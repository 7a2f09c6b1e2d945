"""A server that writes down what it was sent, and answers at the pace a test wants."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from nbext.kernel.session import session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Gateway:
    """The server as a test sees it.

    Attributes
    ----------
    received : list
        Path, headers and JSON body of each request.
    go : threading.Event
        A stream waits for it in its middle.
    silent : bool
        Any answer waits for `go` before its first byte.
    """

    url: str = ""
    status: int = 200
    received: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)
    silent: bool = False

    @property
    def bodies(self) -> list[Any]:
        return [body for _, _, body in self.received]


def until(found: Callable[[], object]) -> None:
    """Wait for what another thread is about to do.

    Raises
    ------
    TimeoutError
        It has not come.
    """
    end = time.monotonic() + 30
    while not found():
        if time.monotonic() > end:
            raise TimeoutError("what was waited for has not come")
        time.sleep(0.01)


def answer(body: dict[str, Any], gateway: Gateway) -> dict[str, Any]:
    if gateway.status != 200:
        return {"error": {"message": "no such model", "type": "not_found", "code": "404"}}
    return {
        "id": "x",
        "object": "chat.completion",
        "model": body.get("model", "m"),
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": f"answer {len(gateway.received)}"},
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def gateway(self) -> Gateway:
        return self.server.gateway  # type: ignore[attr-defined]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.gateway.received.append((self.path, headers, body))
        if self.gateway.silent:
            self.gateway.go.wait(20)
        if body.get("stream"):
            self._stream(body)
            return
        data = json.dumps(answer(body, self.gateway)).encode()
        self.send_response(self.gateway.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        try:
            for i, word in enumerate(("one ", "two ", "three")):
                if i == 2:
                    self.gateway.go.wait(20)
                chunk = {"object": "chat.completion.chunk", "model": body["model"], "id": "x"}
                chunk["choices"] = [{"index": 0, "delta": {"content": word}, "finish_reason": None}]
                self._chunk(f"data: {json.dumps(chunk)}\n\n".encode())
            # By itself, so that a client can hang up before it.
            time.sleep(0.1)
            self._chunk(b"data: [DONE]\n\n")
            self._chunk(b"")
        except OSError:
            pass  # the client has hung up
        self.close_connection = True

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 64


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    server = Server(("127.0.0.1", 0), Handler)
    server.gateway = Gateway(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    server.gateway.go.set()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.gateway  # type: ignore[attr-defined]
    server.gateway.go.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    session.clear()

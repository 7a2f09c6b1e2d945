"""A model server that does as little as a server can, in a process of its own.

It answers every POST with the same chat completion, as one JSON or as a stream of server-sent
events. A model named ``<anything>-<n>`` streams n tokens (default 16); ``<anything>-<n>-<ms>``
waits that long before each. The answer's id and first token name the request: its ``user`` field.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def _answer(user: str) -> bytes:
    body = json.dumps(
        {
            "id": user,
            "object": "chat.completion",
            "created": 1,
            "model": "stub",
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": user}, "finish_reason": "stop"}
            ],
            "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
        }
    ).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def _event(user: str, token: str, finish: str | None = None) -> bytes:
    event = {
        "id": user,
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "stub",
        "choices": [{"index": 0, "delta": {"content": token}, "finish_reason": finish}],
    }
    return _chunk(b"data: %s\n\n" % json.dumps(event).encode())


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            length = _LENGTH.search(head)
            stop = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < stop:
                return
            body, self._received = self._received[end + 4 : stop], self._received[stop:]
            self._reply(json.loads(body or b"{}"))

    def _reply(self, request: dict) -> None:
        user = request.get("user", "stub")
        if not request.get("stream"):
            self._transport.write(_answer(user))
            return
        _, *numbers = str(request.get("model", "")).split("-")
        tokens = int(numbers[0]) if numbers else 16
        events = [_event(user, user), *[_event(user, "tok")] * (tokens - 1), _event(user, "", "stop")]
        end = _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
        if len(numbers) > 1:
            asyncio.get_running_loop().create_task(self._slowly(events, end, int(numbers[1]) / 1000))
        else:
            self._transport.write(_HEAD + b"".join(events) + end)

    async def _slowly(self, events: list[bytes], end: bytes, delay: float) -> None:
        self._transport.write(_HEAD)
        for event in events:
            await asyncio.sleep(delay)
            self._transport.write(event)
        self._transport.write(end)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The parent holds the other end of our standard input: when it goes, so do we.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextmanager
def stub() -> Iterator[str]:
    """Start the server; give its base URL."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.stdin.close()
        process.wait(10)


if __name__ == "__main__":
    asyncio.run(_serve())

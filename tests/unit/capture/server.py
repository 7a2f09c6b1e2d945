"""A server on 127.0.0.1 that answers as the request's ``model`` says."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from dataclasses import dataclass, field

import brotli

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "served",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Guten Tag ☕"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
}
JSON = json.dumps(ANSWER, ensure_ascii=False).encode()
MESSAGE = json.dumps(
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "served",
        "content": [{"type": "text", "text": "Guten Tag ☕"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 4},
    }
).encode()
EMBEDDINGS = json.dumps(
    {
        "object": "list",
        "model": "served",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -1.0]}],
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }
).encode()


def chunk(text: str, finish: str | None = None) -> bytes:
    """One server-sent event of a chat completion."""
    event = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "served",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n"


EVENTS = [chunk("Guten "), chunk("Tag "), chunk("☕"), chunk("", "stop"), b"data: [DONE]\n\n"]
MESSAGE_EVENTS = [
    b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":'
    b'"assistant","model":"served","content":[],"stop_reason":null,"stop_sequence":null,'
    b'"usage":{"input_tokens":3,"output_tokens":1}}}\n\n',
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
    b'"content_block":{"type":"text","text":""}}\n\n',
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    b'"delta":{"type":"text_delta","text":"Guten Tag"}}\n\n',
    b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn",'
    b'"stop_sequence":null},"usage":{"output_tokens":4}}\n\n',
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
]


@dataclass
class Seen:
    """A request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """An answer; `pieces` instead of a body are sent one by one, in chunked encoding."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] | None = None
    pause: float = 0.0
    # Bytes of the body after which the connection breaks.
    broken_after: int | None = None


_ERROR = {"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "Too many ☕"}
_PLAIN: dict[str, Reply] = {
    "gzip": Reply(body=gzip.compress(JSON, mtime=0), headers={"content-encoding": "gzip"}),
    "brotli": Reply(body=brotli.compress(JSON), headers={"content-encoding": "br"}),
    "bad-gzip": Reply(body=b"\x1f\x8b not gzip at all", headers={"content-encoding": "gzip"}),
    "html": Reply(body=b"<html><h1>502</h1></html>", headers={"content-type": "text/html"}),
    "html-502": Reply(status=502, body=b"<html>bad gateway</html>", headers={"content-type": "text/html"}),
    "empty": Reply(),
    "no-content": Reply(status=204),
    "broken-json": Reply(body=JSON[:40]),
    "broken-utf8": Reply(body=b'{"id": "\xff\xfe\xc3"}'),
    "disconnect": Reply(body=JSON, broken_after=25),
    "disconnect-early": Reply(body=JSON, broken_after=-1),
    "400": Reply(status=400, body=json.dumps({"error": {"message": "no", "code": "bad"}}).encode()),
    "403": Reply(
        status=403, body=json.dumps({"error_code": "PERMISSION_DENIED", "message": "budget"}).encode()
    ),
    "429": Reply(status=429, body=json.dumps(_ERROR).encode(), headers={"retry-after-ms": "1"}),
    "500": Reply(status=500, body=b"oops", headers={"content-type": "text/plain", "retry-after-ms": "1"}),
    "redirect": Reply(status=307, headers={"location": "/v1/chat/completions?to=ok"}),
    "see-other": Reply(status=303, headers={"location": "/elsewhere"}),
    "image": Reply(body=b"\x89PNG" + bytes(range(256)) * 40, headers={"content-type": "image/png"}),
}
_EVENTS = {"content-type": "text/event-stream"}
_STREAMS: dict[str, Reply] = {
    "no-done": Reply(pieces=EVENTS[:-1], headers=_EVENTS),
    "malformed": Reply(pieces=[EVENTS[0], b"data: {not json\n\n", *EVENTS[1:]], headers=_EVENTS),
    "cut-utf8": Reply(pieces=[b"".join(EVENTS)[at : at + 7] for at in range(0, 900, 7)], headers=_EVENTS),
    "one-piece": Reply(pieces=[b"".join(EVENTS)], headers=_EVENTS),
    "disconnect": Reply(pieces=EVENTS, headers=_EVENTS, broken_after=2),
    "gzip": Reply(
        pieces=[gzip.compress(b"".join(EVENTS), mtime=0)], headers={**_EVENTS, "content-encoding": "gzip"}
    ),
    "bad-gzip": Reply(pieces=[b"no gzip at all"], headers={**_EVENTS, "content-encoding": "gzip"}),
    "slow": Reply(pieces=EVENTS[:3] + EVENTS[1:2] * 30, headers=_EVENTS, pause=0.05),
}


class Server:
    """Serves in a thread of its own until `stop`.

    Model names that count: ``429-then-ok-<key>`` fails twice for each key; ``digest`` challenges.
    """

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._times: dict[str, int] = {}
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        server.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def forget(self) -> None:
        """Begin anew: same requests, same answers."""
        self.seen.clear()
        self._times.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.seen.append(Seen(method, path, headers, body))
        return await self._answer(writer, self._reply(self.seen[-1]))

    def _reply(self, request: Seen) -> Reply:
        try:
            asked = json.loads(request.body)
            asked = asked if isinstance(asked, dict) else {}
        except ValueError:
            asked = {}
        path = request.path.partition("?")[0]
        model, stream = str(asked.get("model", path.split("/")[-2])), bool(asked.get("stream"))
        if "to=ok" in request.path:
            model = "ok"
        if "then-ok" in model:
            self._times[model] = self._times.get(model, 0) + 1
            if self._times[model] <= 2:
                return _PLAIN[model.partition("-")[0]]
        if model == "digest" and "authorization" not in request.headers:
            challenge = 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"'
            return Reply(status=401, headers={"www-authenticate": challenge})
        if model in _PLAIN and not (stream and model in _STREAMS):
            return _PLAIN[model]
        if stream:
            usual = MESSAGE_EVENTS if path.endswith("/messages") else EVENTS
            return _STREAMS.get(model, Reply(pieces=usual, headers=_EVENTS))
        usual_body = {"messages": MESSAGE, "embeddings": EMBEDDINGS}.get(path.rsplit("/", 1)[1], JSON)
        return Reply(body=usual_body)

    async def _answer(self, writer: asyncio.StreamWriter, reply: Reply) -> bool:
        if reply.broken_after == -1:
            return False
        headers = {"content-type": "application/json", "x-request-id": "req-1", **reply.headers}
        if reply.pieces is None:
            if reply.status != 204:
                headers["content-length"] = str(len(reply.body))
        else:
            headers["transfer-encoding"] = "chunked"
        lines = [f"HTTP/1.1 {reply.status} Because", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        if reply.pieces is None:
            writer.write(reply.body[: reply.broken_after])
        else:
            for piece in reply.pieces[: reply.broken_after]:
                await writer.drain()
                writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                if reply.pause:
                    await writer.drain()
                    await asyncio.sleep(reply.pause)
            if reply.broken_after is None:
                writer.write(b"0\r\n\r\n")
        await writer.drain()
        return reply.broken_after is None

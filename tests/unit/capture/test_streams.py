"""How a record ends: read through, left, interrupted, dropped, read on later."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest
import requests

from .conftest import attempts
from .server import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.model.attempt import Attempt

    from .conftest import Record
    from .server import Server

ASKED = {"messages": [{"role": "user", "content": "Hi"}], "stream": True}


def stream(server: Server, model: str = "ok") -> Any:
    client = openai.OpenAI(base_url=server.url, api_key="k", max_retries=0)
    return client.chat.completions.create(model=model, **ASKED)


def kept(recording: Any) -> bytes:
    (attempt,) = attempts(recording)
    assert len(attempt.pieces) == len(attempt.piece_ns)
    assert attempt.piece_ns == sorted(attempt.piece_ns)
    return b"".join(attempt.pieces)


def test_read_through(server: Server, record: Record) -> None:
    ended: list[str] = []
    recording = record(on_end=lambda attempt: ended.append(attempt.outcome))
    assert "".join(part.choices[0].delta.content for part in stream(server)) == "Guten Tag ☕"
    (attempt,) = attempts(recording)
    assert attempt.outcome in ("complete", "closed")
    assert ended == [attempt.outcome]
    assert kept(recording).endswith(EVENTS[-1])
    assert attempt.start_ns <= attempt.headers_ns <= attempt.piece_ns[0] <= attempt.end_ns
    assert (attempt.streamed, attempt.status_code) == (True, 200)
    assert attempt.response_headers["x-request-id"] == "req-1"


def test_break(server: Server, record: Record) -> None:
    recording = record()
    for _ in stream(server, "slow"):
        break
    gc.collect()
    # The stream is part of a cycle; which of its parts goes first is up to the collector.
    assert attempts(recording)[0].outcome in ("closed", "abandoned")
    assert kept(recording) == EVENTS[0]


def test_break_and_keep_the_stream(server: Server, record: Record) -> None:
    ended: list[str] = []
    recording = record(on_end=lambda attempt: ended.append(attempt.outcome))
    answer = stream(server)
    parts = [next(answer)]
    assert attempts(recording)[0].end_ns is None
    recording.close()
    # Nobody is reading at the end of the cell: it counts as left …
    (attempt,) = attempts(recording)
    assert attempt.outcome == "closed"
    assert not recording.capture.running
    # … until somebody reads on, outside of the cell.
    parts.extend(answer)
    assert "".join(part.choices[0].delta.content for part in parts) == "Guten Tag ☕"
    assert kept(recording) == b"".join(EVENTS)
    assert ended[0] == "closed"
    assert len(ended) == 2
    assert attempt.end_ns >= attempt.piece_ns[-1]


def test_a_stream_nobody_has_begun_to_read_is_still_running(server: Server, record: Record) -> None:
    recording = record()
    answer = stream(server)
    recording.close()
    assert recording.capture.running
    assert len(list(answer)) == 4
    assert not recording.capture.running
    assert kept(recording) == b"".join(EVENTS)


def test_interrupted_while_waiting(server: Server, record: Record, monkeypatch: Any) -> None:
    recording = record()
    answer = stream(server, "slow")
    next(answer)

    def interrupt(*_: object, **__: object) -> Iterator[bytes]:
        raise KeyboardInterrupt

    # The signal arrives while the client waits for the network.
    monkeypatch.setattr("httpcore._backends.sync.SyncStream.read", interrupt)
    if openai.__version__.startswith("3"):
        monkeypatch.setattr("httpcore2._backends.sync.SyncStream.read", interrupt)
    with pytest.raises(KeyboardInterrupt):
        list(answer)
    (attempt,) = attempts(recording)
    assert attempt.outcome == "cancelled"
    assert attempt.error[0] == "KeyboardInterrupt"
    assert kept(recording).startswith(EVENTS[0])


def test_interrupted_in_the_body_of_the_loop(server: Server, record: Record) -> None:
    recording = record()
    answer = stream(server, "slow")
    caught = None
    try:
        for _ in answer:
            raise KeyboardInterrupt
    except KeyboardInterrupt as error:
        caught = error  # as IPython keeps it, with all its frames
    recording.close(caught)
    (attempt,) = attempts(recording)
    assert attempt.outcome == "cancelled"
    assert kept(recording) == EVENTS[0]


def test_disconnected(server: Server, record: Record) -> None:
    recording = record()
    with pytest.raises(Exception, match=r".+"):
        list(stream(server, "disconnect"))
    (attempt,) = attempts(recording)
    assert attempt.outcome == "error"
    assert attempt.error[0] == "RemoteProtocolError"
    assert kept(recording) == b"".join(EVENTS[:2])


def test_disconnected_without_streaming(server: Server, record: Record) -> None:
    recording = record()
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(server.url + "/chat/completions", json={"model": "disconnect"}, verify=False)
    (attempt,) = attempts(recording)
    assert (attempt.status_code, attempt.outcome, len(kept(recording))) == (200, "error", 25)
    with pytest.raises(requests.RequestException):
        requests.post(server.url + "/completions", json={"model": "disconnect"}, timeout=5)
    attempt = attempts(recording)[1]
    assert (attempt.status_code, attempt.outcome) == (200, "error")


def test_a_stream_that_cannot_be_decoded_is_an_error(server: Server, record: Record) -> None:
    recording = record()
    with pytest.raises(Exception, match=r"header check|Connection error"):
        list(stream(server, "bad-gzip"))

    async def asynchronous() -> None:
        async with openai.AsyncOpenAI(base_url=server.url, api_key="k", max_retries=0) as client:
            async for _ in await client.chat.completions.create(model="bad-gzip", **ASKED):
                pass

    with pytest.raises(Exception, match=r"header check|Connection error"):
        asyncio.run(asynchronous())
    client = openai.OpenAI(base_url=server.url, api_key="k", max_retries=0)
    asked = client.chat.completions.with_streaming_response.create(model="bad-gzip", **ASKED)
    with pytest.raises(Exception, match=r"header check|Connection error"), asked as answer:
        list(answer.iter_lines())
    left = requests.post(f"{server.url}/chat/completions", json={"model": "bad-gzip", **ASKED}, stream=True)
    with pytest.raises(requests.exceptions.ContentDecodingError):
        list(left.iter_lines())
    calls = recording.capture.calls
    assert [call.status for call in calls] == ["error"] * 4
    assert [call.error_type for call in calls] == ["DecodingError"] * 3 + ["DecodeError"]
    assert {call.verdict.title for call in calls} == {"The answer could not be decoded"}


def test_no_server(record: Record) -> None:
    recording = record()
    with pytest.raises(httpx.ConnectError):
        httpx.post("http://127.0.0.1:9/v1/chat/completions", json={}, verify=False)
    with pytest.raises(requests.ConnectionError):
        requests.post("http://127.0.0.1:9/v1/embeddings", json={}, timeout=5)
    first, second = attempts(recording)
    assert (first.outcome, first.status_code, first.error[0]) == ("error", None, "ConnectError")
    assert (second.outcome, second.status_code, second.error[0]) == ("error", None, "ConnectionError")


@pytest.mark.parametrize("library", ["httpx", "requests"])
def test_dropped_unread(server: Server, record: Record, library: str) -> None:
    recording = record()
    if library == "httpx":
        client = httpx.Client(verify=False)
        request = client.build_request("POST", server.url + "/chat/completions", json=ASKED)
        client.send(request, stream=True)
    else:
        requests.post(server.url + "/chat/completions", json=ASKED, stream=True, timeout=5)
    gc.collect()
    (attempt,) = attempts(recording)
    assert attempt.outcome == "abandoned"
    assert attempt.status_code == 200


def test_requests_left_early(server: Server, record: Record) -> None:
    recording = record()
    url = server.url + "/chat/completions"
    with requests.post(url, json={"model": "slow", **ASKED}, stream=True, timeout=5) as response:
        for line in response.iter_lines():
            assert line
            break
    (attempt,) = attempts(recording)
    assert attempt.outcome == "closed"
    assert kept(recording).startswith(EVENTS[0])


def test_async_break_cancel_and_drop(server: Server, record: Record) -> None:
    recording = record()

    async def read(client: openai.AsyncOpenAI, limit: int) -> None:
        answer = await client.chat.completions.create(model="slow", **ASKED)
        async for _ in answer:
            limit -= 1
            if not limit:
                break
        await answer.close()

    async def main() -> None:
        async with openai.AsyncOpenAI(base_url=server.url, api_key="k") as client:
            await read(client, 2)
            task = asyncio.create_task(read(client, 10**6), name="reader")
            while len(attempts(recording)) < 2 or len(attempts(recording)[1].pieces) < 2:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(read(client, 10**6), 0.3)

    asyncio.run(main())
    left, cancelled, timed_out = attempts(recording)
    assert left.outcome == "closed"
    assert cancelled.outcome == "cancelled"
    assert cancelled.task == "reader"
    assert timed_out.outcome == "cancelled"
    assert all(len(attempt.pieces) >= 2 for attempt in (left, cancelled, timed_out))


def test_a_stream_read_by_a_thread_outlives_its_cell(server: Server, record: Record) -> None:
    recording = record()
    parts: list[Any] = []
    thread = threading.Thread(target=lambda: parts.extend(stream(server, "slow")))
    thread.start()
    while not attempts(recording) or not attempts(recording)[0].pieces:
        time.sleep(0.01)
    recording.close()
    seen = len(attempts(recording)[0].pieces)
    thread.join(30)
    (attempt,) = attempts(recording)
    assert len(attempt.pieces) > seen
    assert len(parts) > 25
    assert attempt.outcome in ("complete", "closed")
    assert not recording.capture.running


def test_a_live_view_learns_of_changes(server: Server, record: Record) -> None:
    started: list[int] = []
    recording = record(on_start=lambda: started.append(1))
    assert recording.changed() == []
    answer = stream(server, "slow")
    call_id = attempts(recording)[0].call_id
    assert recording.changed() == [call_id]
    assert recording.changed() == []
    next(answer)
    assert recording.changed() == [call_id]
    next(answer)
    assert recording.changed() == [call_id]
    answer.close()
    assert recording.changed() == [call_id]
    assert started == [1]


def test_a_stream_that_ends_in_the_middle_of_the_end_of_another_is_told_of(
    server: Server, record: Record
) -> None:
    """The garbage collector may end one stream in the middle of the `on_end` of another."""
    order: list[str | None] = []
    dropped: list[Any] = []

    def on_end(attempt: Attempt) -> None:
        dropped.clear()
        gc.collect()
        order.append(attempt.outcome)

    recording = record(on_end=on_end)
    client = httpx.Client(verify=False)
    url = server.url + "/chat/completions"
    dropped.append(client.send(client.build_request("POST", url, json=ASKED), stream=True))
    client.post(url, json={"model": "ok"})
    assert order == ["abandoned", "complete"]
    assert len(attempts(recording)) == 2


def test_every_attribute_of_the_stream_passes_through(server: Server, record: Record) -> None:
    record()
    with httpx.Client(verify=False) as client:
        url = server.url + "/chat/completions"
        response = client.send(client.build_request("POST", url, json=ASKED), stream=True)
        body = response.stream
        assert isinstance(body, httpx.SyncByteStream)
        assert not isinstance(body, httpx.AsyncByteStream)
        inner = body._stream
        body.note = "theirs"
        assert body.note == "theirs"
        assert "note" in vars(type(body).__mro__[0]) or body._inner.note == "theirs"
        assert not hasattr(body, "__aiter__")
        with pytest.raises(AttributeError):
            _ = body.nothing
        assert inner is body._stream
        response.read()

"""What the user's code sees is the same with and without tracing."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import anthropic
import httpx
import openai
import pytest
import requests

from .conftest import attempts

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Record
    from .server import Server

try:
    import httpx2
except ImportError:  # openai < 3 alone does not bring it
    httpx2 = None

HTTPX = [httpx] if httpx2 is None else [httpx, httpx2]
MESSAGES = [{"role": "user", "content": "Hi ☕"}]

PLAIN = [
    "ok", "gzip", "brotli", "bad-gzip", "html", "html-502", "empty", "no-content", "broken-json",
    "broken-utf8", "disconnect", "disconnect-early", "400", "403", "429", "500", "redirect", "see-other",
    "image", "429-then-ok-a", "500-then-ok-b", "digest",
]  # fmt: skip
STREAMED = ["ok", "no-done", "malformed", "cut-utf8", "one-piece", "disconnect", "gzip", "429", "400", "html"]


def described(thing: Any) -> Any:
    """Turn what a client gave or raised into something that can be compared."""
    if isinstance(thing, BaseException):
        response = getattr(thing, "response", None)
        return [
            type(thing),
            str(thing),
            [described(arg) if isinstance(arg, BaseException) else repr(arg) for arg in thing.args]
            if "0x" not in repr(thing.args)
            else None,
            described(thing.__cause__) if thing.__cause__ else None,
            None if response is None else described(response),
        ]
    if isinstance(thing, (httpx.Response, *([] if httpx2 is None else [httpx2.Response]))):
        return [
            type(thing), thing.status_code, thing.headers.multi_items(), thing.content, thing.encoding,
            thing.http_version, [described(past) for past in thing.history], thing.is_closed,
            thing.is_stream_consumed, thing.num_bytes_downloaded, thing.elapsed is not None,
            str(thing.request.url), thing.request.headers.multi_items(),
            getattr(thing.request, "_content", None),
        ]  # fmt: skip
    if isinstance(thing, requests.Response):
        return [
            type(thing), thing.status_code, list(thing.headers.items()), thing.content, thing.encoding,
            [described(past) for past in thing.history], list(thing.request.headers.items()),
            thing.request.body, list(thing.cookies), thing.raw.closed, type(thing.raw.headers),
        ]  # fmt: skip
    if hasattr(thing, "to_dict"):
        return [type(thing), thing.to_dict(), getattr(thing, "_request_id", None)]
    return thing


def compare(server: Server, record: Record, act: Callable[[], Any]) -> Any:
    """Do it untraced, traced and untraced again."""

    def outcome() -> Any:
        server.forget()
        try:
            result = act()
        except Exception as error:
            result = error
        sent = [(seen.method, seen.path, seen.body) for seen in server.seen]
        return described(result), sent

    before = outcome()
    recording = record()
    traced = outcome()
    recording.close()
    assert traced == before
    assert outcome() == before
    assert attempts(recording), "nothing was recorded"
    assert all(attempt.end_ns is not None for attempt in attempts(recording))
    return recording


def openai_client(server: Server, model: str) -> openai.OpenAI:
    """Make a client that retries where the server asks to be tried again soon."""
    retries = 2 if "429" in model or "then-ok" in model else 0
    http = openai.DefaultHttpxClient(verify=False)  # the certificates take longer than the test
    return openai.OpenAI(base_url=server.url, api_key="k", max_retries=retries, http_client=http)


def body_for(model: str, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": MESSAGES, **more}


@pytest.mark.parametrize("library", HTTPX, ids=lambda library: library.__name__)
@pytest.mark.parametrize("model", PLAIN)
def test_httpx(server: Server, record: Record, library: Any, model: str) -> None:
    def act() -> Any:
        auth = library.DigestAuth("u", "p") if model == "digest" else None
        with library.Client(auth=auth, follow_redirects=True, verify=False) as client:
            return client.post(server.url + "/chat/completions", json=body_for(model))

    if model == "digest":
        # The client's nonce is random.
        recording = record()
        assert act().status_code == 200
        assert [a.status_code for a in attempts(recording)] == [200]
        return
    compare(server, record, act)


@pytest.mark.parametrize("library", HTTPX, ids=lambda library: library.__name__)
@pytest.mark.parametrize("model", PLAIN[:-1])
def test_httpx_async(server: Server, record: Record, library: Any, model: str) -> None:
    async def act() -> Any:
        async with library.AsyncClient(follow_redirects=True, verify=False) as client:
            return await client.post(server.url + "/chat/completions", json=body_for(model))

    compare(server, record, lambda: asyncio.run(act()))


READINGS = ["iter_raw", "iter_lines", "read"]


@pytest.mark.parametrize("library", HTTPX, ids=lambda library: library.__name__)
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("model", STREAMED)
def test_httpx_streamed(server: Server, record: Record, library: Any, model: str, reading: str) -> None:
    def act() -> Any:
        got: list[Any] = []
        with library.Client(verify=False) as client:
            request = client.build_request(
                "POST", server.url + "/chat/completions", json=body_for(model, stream=True)
            )
            response = client.send(request, stream=True)
            assert response.request is request
            assert isinstance(response.stream, library.SyncByteStream)
            try:
                got = response.read() if reading == "read" else list(getattr(response, reading)())
            except Exception as error:
                got.append(described(error))
            response.close()
            return got, response.status_code, response.is_closed, response.elapsed is not None

    recording = compare(server, record, act)
    if model == "gzip":
        assert b"".join(attempts(recording)[0].pieces)[:2] == b"\x1f\x8b"


@pytest.mark.parametrize("library", HTTPX, ids=lambda library: library.__name__)
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("model", STREAMED)
def test_httpx_streamed_async(server: Server, record: Record, library: Any, model: str, reading: str) -> None:
    async def act() -> Any:
        got: list[Any] = []
        async with library.AsyncClient(verify=False) as client:
            url = server.url + "/chat/completions"
            async with client.stream("POST", url, json=body_for(model, stream=True)) as response:
                assert isinstance(response.stream, library.AsyncByteStream)
                try:
                    if reading == "read":
                        got.append(await response.aread())
                    else:
                        async for part in getattr(response, "a" + reading)():
                            got.append(part)
                except Exception as error:
                    got.append(described(error))
            return got, response.status_code, response.is_closed

    compare(server, record, lambda: asyncio.run(act()))


@pytest.mark.parametrize("model", [model for model in PLAIN if model != "digest"])
def test_requests(server: Server, record: Record, model: str) -> None:
    def act() -> Any:
        with requests.Session() as session:
            response = session.post(server.url + "/chat/completions", json=body_for(model))
            assert response.request.hooks == {"response": []}
            return response

    compare(server, record, act)


def _raw_reads(response: requests.Response) -> list[bytes]:
    return list(iter(lambda: response.raw.read(5), b""))


def _raw_into(response: requests.Response) -> list[bytes]:
    buffer, got = bytearray(7), []
    while count := response.raw.readinto(buffer):
        got.append(bytes(buffer[:count]))
    return got


REQUESTS_READINGS: dict[str, Callable[[requests.Response], Any]] = {
    "content": lambda response: response.content,
    "text": lambda response: response.text,
    "iter_content": lambda response: list(response.iter_content(6)),
    "iter_content_as_it_comes": lambda response: list(response.iter_content(None)),
    "iter_lines": lambda response: list(response.iter_lines()),
    "raw.read": lambda response: response.raw.read(),
    "raw.read decoded": lambda response: response.raw.read(decode_content=True),
    "raw.read(n)": _raw_reads,
    "raw.readinto": _raw_into,
    "raw.stream": lambda response: list(response.raw.stream(9, decode_content=True)),
    "raw lines": lambda response: list(response.raw),
    "raw.readline": lambda response: response.raw.readline(),
    "raw.readlines": lambda response: response.raw.readlines(),
    "raw.data": lambda response: response.raw.data,
    "with raw": lambda response: response.raw.__enter__().read(3),
}


@pytest.mark.parametrize("reading", REQUESTS_READINGS)
@pytest.mark.parametrize("model", [*STREAMED, "image"])
def test_requests_streamed(server: Server, record: Record, model: str, reading: str) -> None:
    def act() -> Any:
        with requests.Session() as session:
            response = session.post(
                server.url + "/chat/completions", json=body_for(model, stream=True), stream=True
            )
            try:
                got = REQUESTS_READINGS[reading](response)
            except Exception as error:
                got = described(error)
            response.close()
            return got, response.raw.closed, response.status_code

    recording = compare(server, record, act)
    kept = b"".join(attempts(recording)[0].pieces)
    if model == "image" and not reading.endswith(("line", "with raw")):
        assert kept == b"\x89PNG" + bytes(range(256)) * 40


@pytest.mark.parametrize("model", [model for model in PLAIN if model not in ("digest", "image")])
@pytest.mark.parametrize("path", ["create", "raw", "embeddings"])
def test_openai(server: Server, record: Record, model: str, path: str) -> None:
    def act() -> Any:
        with openai_client(server, model) as client:
            if path == "embeddings":
                return client.embeddings.create(model=model, input="x", encoding_format="float")
            if path == "create":
                return client.chat.completions.create(**body_for(model))
            raw = client.chat.completions.with_raw_response.create(**body_for(model))
            return raw.headers.multi_items(), raw.text, raw.http_response.content

    compare(server, record, act)


@pytest.mark.parametrize("model", STREAMED)
@pytest.mark.parametrize("path", ["create", "with_streaming_response", "stream"])
def test_openai_streamed(server: Server, record: Record, model: str, path: str) -> None:
    def act() -> Any:
        got: list[Any] = []
        with openai_client(server, model) as client:
            completions = client.chat.completions
            try:
                if path == "create":
                    got.extend(part.to_dict() for part in completions.create(**body_for(model), stream=True))
                elif path == "stream":
                    with completions.stream(**body_for(model)) as stream:
                        got.extend(event.type for event in stream)
                        got.append(stream.get_final_completion().to_dict())
                else:
                    asked = body_for(model, stream=True)
                    with completions.with_streaming_response.create(**asked) as response:
                        got.extend(response.iter_lines())
            except Exception as error:
                got.append(described(error))
        return got

    compare(server, record, act)


@pytest.mark.parametrize("model", STREAMED)
def test_openai_streamed_async(server: Server, record: Record, model: str) -> None:
    async def act() -> Any:
        got: list[Any] = []
        http = openai.DefaultAsyncHttpxClient(verify=False)
        retries = 1 if model == "429" else 0
        async with openai.AsyncOpenAI(
            base_url=server.url, api_key="k", max_retries=retries, http_client=http
        ) as client:
            try:
                stream = await client.chat.completions.create(**body_for(model), stream=True)
                async for part in stream:
                    got.append(part.to_dict())
            except Exception as error:
                got.append(described(error))
        return got

    compare(server, record, lambda: asyncio.run(act()))


@pytest.mark.parametrize("model", ["ok", "gzip", "400", "429-then-ok-a", "disconnect"])
@pytest.mark.parametrize("streamed", [False, True])
def test_anthropic(server: Server, record: Record, model: str, streamed: bool) -> None:
    def act() -> Any:
        base = server.url.removesuffix("/v1")
        with anthropic.Anthropic(base_url=base, api_key="k", max_retries=2) as client:
            if not streamed:
                return client.messages.create(max_tokens=9, **body_for(model))
            with client.messages.stream(max_tokens=9, **body_for(model)) as stream:
                return list(stream.text_stream), stream.get_final_message().to_dict()

    compare(server, record, act)


def test_the_request_is_put_back(server: Server, record: Record) -> None:
    record(tags={"team": "a"}, request_id=True)
    url = server.url.removesuffix("/v1") + "/serving-endpoints/m/invocations"
    for library in HTTPX:
        with library.Client(verify=False) as client:
            request = client.build_request("POST", url, json={"model": "ok"})
            headers, stream, body = request.headers.raw, request.stream, request.content
            response = client.send(request)
            assert response.request is request
            assert (request.headers.raw, request.stream, request.content) == (headers, stream, body)
            assert request.stream is stream
    session = requests.Session()
    prepared = session.prepare_request(requests.Request("POST", url, json={"model": "ok"}))
    items, body = list(prepared.headers.items()), prepared.body
    assert session.send(prepared).request is prepared
    assert (list(prepared.headers.items()), prepared.body) == (items, body)
    assert prepared.hooks == {"response": []}
    assert all("usage_context" in json.loads(seen.body) for seen in server.seen)

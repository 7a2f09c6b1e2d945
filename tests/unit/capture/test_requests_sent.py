"""What is kept of a request, and what is added to it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import types
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest
import requests

from nbext.capture import parents
from nbext.capture.headers import request_filter, response_filter
from nbext.capture.ids import new_ids
from nbext.capture.match import Matcher

from .conftest import attempts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .conftest import Record
    from .server import Server

TRACEPARENT = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"


def last(server: Server) -> Any:
    return server.seen[-1]


def post(url: str, library: Any = httpx, **more: Any) -> Any:
    more.setdefault("json", {"model": "ok", "messages": []})
    return library.post(url, **more, **({"verify": False} if library is httpx else {"timeout": 5}))


LIBRARIES = pytest.mark.parametrize("library", [httpx, requests], ids=["httpx", "requests"])


@LIBRARIES
def test_secrets_are_not_kept(server: Server, record: Record, library: Any) -> None:
    recording = record()
    host = server.url.removeprefix("http://")
    headers = {
        "Authorization": "Bearer s3cret",
        "api-key": "s3cret",
        "Cookie": "a=s3cret",
        "X-Request-Id": "7",
    }
    post(
        f"http://user:s3cret@{host}/chat/completions?api-version=s3cret&sig=s3cret#s3cret",
        library,
        headers=headers,
    )
    (attempt,) = attempts(recording)
    assert attempt.url == f"http://{host}/chat/completions?api-version=&sig="
    assert attempt.request_headers["x-request-id"] == "7"
    assert "s3cret" not in repr([getattr(attempt, name) for name in attempt.__slots__])
    assert "s3cret" in last(server).path


@LIBRARIES
def test_what_a_library_says_of_a_url_has_no_query_values(record: Record, library: Any) -> None:
    recording = record()
    with pytest.raises(Exception, match=r"(?s).+") as raised:
        post("http://127.0.0.1:9/v1/chat/completions?key=s3cret&code=s3cret", library)
    (attempt,) = attempts(recording)
    assert attempt.error is not None
    assert "s3cret" not in repr(attempt.error)
    if library is requests:
        # Theirs is as it was.
        assert "?key=s3cret&code=s3cret (Caused by" in str(raised.value)
        assert "/v1/chat/completions?key=&code= (Caused by" in attempt.error[1]


@LIBRARIES
def test_traceparent(server: Server, record: Record, library: Any) -> None:
    recording = record()
    url = server.url + "/chat/completions"
    post(url, library)
    (attempt,) = attempts(recording)
    assert last(server).headers["traceparent"] == f"00-{attempt.trace_id}-{attempt.call_id}-01"
    assert attempt.parent_span_id is None

    post(url, library, headers={"traceparent": TRACEPARENT})
    theirs = attempts(recording)[1]
    assert last(server).headers["traceparent"] == TRACEPARENT
    assert (theirs.trace_id, theirs.parent_span_id) == (TRACEPARENT[3:35], TRACEPARENT[36:52])
    recording.close()

    recording = record(propagate=False)
    post(url, library)
    assert "traceparent" not in last(server).headers


@LIBRARIES
def test_tags_and_ids(server: Server, record: Record, library: Any) -> None:
    recording = record(tags={"team": "äpfel"}, request_id=True)
    base = server.url.removesuffix("/v1")
    body = b'{ "model": "ok",  "temperature": 1.0e0, "big": 123456789012345678901234567890 }\n'
    post(f"{base}/serving-endpoints/chat/completions", library, json=None, **raw(library, body))
    sent, attempt = last(server).body, attempts(recording)[0]
    assert sent.startswith(body.rstrip()[:-1].rstrip())
    assert json.loads(sent)["usage_context"] == {"team": "äpfel"}
    assert json.loads(sent)["client_request_id"] == attempt.call_id
    assert attempt.request_body == sent

    theirs = {"model": "ok", "usage_context": {"team": "b", "x": "1"}, "client_request_id": "mine"}
    post(f"{base}/serving-endpoints/chat/completions", library, json=theirs)
    assert json.loads(last(server).body) == theirs

    post(f"{base}/serving-endpoints/chat/completions", library, json={})
    assert json.loads(last(server).body) == {
        "client_request_id": attempts(recording)[-1].call_id,
        "usage_context": {"team": "äpfel"},
    }

    name = "databricks-ai-gateway-request-tags"
    post(f"{base}/ai-gateway/mlflow/v1/chat/completions", library, headers={name: '{"team": "c"}'})
    assert json.loads(last(server).headers[name]) == {
        "team": "c",
        "client_request_id": attempts(recording)[-1].call_id,
    }
    assert "usage_context" not in json.loads(last(server).body)
    assert attempts(recording)[-1].request_headers[name] == last(server).headers[name]

    post(server.url + "/chat/completions", library)
    assert name not in last(server).headers
    assert json.loads(last(server).body) == {"model": "ok", "messages": []}


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://1444828305810485.ai-gateway.cloud.databricks.com/mlflow/v1/chat/completions", True),
        ("https://7405610928938750.0.ai-gateway.azuredatabricks.net/mlflow/v1/chat/completions", True),
        ("https://adb.cloud.databricks.com/serving-endpoints/ai-gateway/invocations", False),
        ("https://api.example.com/x.ai-gateway.databricks.com/v1/chat/completions", False),
        ("https://my.ai-gateway.example.com/v1/chat/completions", False),
    ],
)
def test_hosts_that_take_tags_as_a_header(record: Record, url: str, sent: bool) -> None:
    recording = record(tags={"team": "a"}, request_id=True)
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(httpx.Request("POST", request.url, headers=request.headers.raw))
        return httpx.Response(200, json={})

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        client.post(url, json={"model": "m"})
    (attempt,) = attempts(recording)
    given = seen[0].headers.get("databricks-ai-gateway-request-tags")
    assert (given is not None) is sent
    assert attempt.request_headers.get("databricks-ai-gateway-request-tags") == given
    (call,) = recording.capture.calls
    if sent:
        assert call.facts.tags == {"team": "a", "client_request_id": attempt.call_id}
        assert call.facts.client_request_id == attempt.call_id


def raw(library: Any, body: bytes) -> dict[str, Any]:
    return {"content": body} if library is httpx else {"data": body}


@LIBRARIES
@pytest.mark.parametrize("body", [b"not json", b"[1]", b"", b'"text"'])
def test_bodies_that_take_no_tags(server: Server, record: Record, library: Any, body: bytes) -> None:
    record(tags={"a": "b"})
    url = server.url.removesuffix("/v1") + "/serving-endpoints/m/invocations"
    more = raw(library, body)
    (library.post(url, **more, verify=False) if library is httpx else library.post(url, **more, timeout=5))
    assert last(server).body == body


def test_the_same_request_sent_twice(server: Server, record: Record) -> None:
    recording = record()
    with httpx.Client(verify=False) as client:
        request = client.build_request("POST", server.url + "/chat/completions", json={"model": "ok"})
        client.send(request)
        client.send(request)
    first, second = attempts(recording)
    assert first.trace_id != second.trace_id
    assert second.parent_span_id is None
    assert [seen.headers["traceparent"][3:35] for seen in server.seen] == [first.trace_id, second.trace_id]


def test_the_same_request_sent_at_the_same_time(server: Server, record: Record) -> None:
    recording = record()

    async def main() -> None:
        async with httpx.AsyncClient(verify=False) as client:
            request = client.build_request("POST", server.url + "/chat/completions", json={"model": "ok"})
            body = request.stream
            await asyncio.gather(*(client.send(request) for _ in range(5)))
            assert "traceparent" not in request.headers
            assert request.stream is body

    asyncio.run(main())
    assert len({a.trace_id for a in attempts(recording)}) == 5
    assert all(a.parent_span_id is None for a in attempts(recording))


def test_multipart_and_generators(server: Server, record: Record) -> None:
    recording = record()
    audio = bytes(range(256)) * 300
    with openai.OpenAI(base_url=server.url, api_key="k", max_retries=0) as client:
        client.audio.transcriptions.create(model="ok", file=("a.wav", audio))
    url = server.url + "/chat/completions"

    def parts() -> Iterator[bytes]:
        yield b'{"model":'
        yield b'"ok"}'

    async def aparts() -> AsyncIterator[bytes]:
        for part in parts():
            yield part

    async def main() -> None:
        async with httpx.AsyncClient(verify=False) as client:
            await client.post(url, content=aparts())

    post(url, json=None, content=parts())
    post(url, json=None, files={"image": io.BytesIO(b"PNG")}, data={"model": "ok"})
    asyncio.run(main())
    post(url, requests, json=None, data=parts())
    post(url, requests, json=None, data=io.BytesIO(b'{"model":"ok"}'))
    post(url, requests, json=None, files={"image": io.BytesIO(b"PNG")})
    post(url, requests, json=None, data='{"model":"ok"}')
    assert audio in attempts(recording)[0].request_body
    assert [a.request_body for a in attempts(recording)] == [seen.body for seen in server.seen]
    assert all(attempt.status_code == 200 for attempt in attempts(recording))


def test_a_generator_is_given_back(server: Server, record: Record) -> None:
    record()
    body = iter([b'{"model":"ok"}'])
    with httpx.Client(verify=False) as client:
        request = client.build_request("POST", server.url + "/chat/completions", content=body)
        stream = request.stream
        client.send(request)
        assert request.stream is stream
    session = requests.Session()
    file = io.BytesIO(b'{"model":"redirect"}')
    prepared = session.prepare_request(requests.Request("POST", server.url + "/chat/completions", data=file))
    assert session.send(prepared, timeout=5).status_code == 200
    assert prepared.body is file
    assert server.seen[-1].body == b'{"model":"redirect"}'


def test_under_the_span_of_opentelemetry(server: Server, record: Record) -> None:
    trace = pytest.importorskip("opentelemetry.trace")
    recording = record()
    span = trace.NonRecordingSpan(
        trace.SpanContext(int(TRACEPARENT[3:35], 16), int(TRACEPARENT[36:52], 16), is_remote=False)
    )
    with trace.use_span(span):
        post(server.url + "/chat/completions")
    post(server.url + "/chat/completions")
    inside, outside = attempts(recording)
    assert (inside.trace_id, inside.parent_span_id) == (TRACEPARENT[3:35], TRACEPARENT[36:52])
    assert last(server).headers["traceparent"][3:35] == outside.trace_id
    assert server.seen[0].headers["traceparent"] == f"00-{inside.trace_id}-{inside.call_id}-01"
    assert outside.parent_span_id is None


def test_providers(monkeypatch: Any, server: Server, record: Record) -> None:
    for loaded in ("mlflow.tracing.fluent", "opentelemetry.trace"):
        monkeypatch.delitem(sys.modules, loaded, raising=False)
    assert parents.current_parent() is None
    fluent = types.SimpleNamespace(
        get_current_active_span=lambda: types.SimpleNamespace(
            trace_id="trace:/catalog.schema/" + TRACEPARENT[3:35], span_id=TRACEPARENT[36:52]
        )
    )
    monkeypatch.setitem(sys.modules, "mlflow.tracing.fluent", fluent)
    assert parents.current_parent() == (TRACEPARENT[3:35], TRACEPARENT[36:52])
    loaded = types.SimpleNamespace(get_tracer_provider=lambda: None)
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", loaded)
    monkeypatch.setattr(parents, "PROVIDERS", [lambda: 1 / 0])
    recording = record()
    assert post(server.url + "/chat/completions").status_code == 200
    assert recording.capture.failures == 1
    recording.capture.failures = 0
    assert len(attempts(recording)) == 1


@pytest.mark.parametrize(
    "header",
    ["", "nonsense", "00-" + "0" * 32 + "-0123456789abcdef-01", TRACEPARENT.upper(), TRACEPARENT[:40]],
)
def test_bad_traceparents(header: str) -> None:
    assert parents.of_traceparent(header) is None


def test_matcher() -> None:
    matches = Matcher()
    for path in (
        "/v1/chat/completions",
        "/chat/completions/",
        "/serving-endpoints/my-model/invocations",
        "/anthropic/v1/messages",
        "/v1beta/models/gemini:streamGenerateContent",
        "/v1/audio/speech",
        "/openai/deployments/x/embeddings?api-version=1",
    ):
        assert matches("any.host", path), path
    for path in (
        "/",
        "",
        "/v1/models",
        "/v1/messages/batches",
        "/audio/a/b",
        "/mycompletions",
        "/v1/messages2",
    ):
        assert not matches("any.host", path), path
    only = Matcher(paths=("/ask",), hosts=("*.Example.com",))
    assert only("api.example.com", "/v2/ask")
    assert not only("example.org", "/v2/ask")
    assert only.kept_url("https://API.example.com/ask") is not None
    assert only.kept_url("https://example.org/ask") is None


def test_credentials_cannot_be_asked_for() -> None:
    kept = request_filter(["Authorization", "X-Api-Key", "x-mine"]).pick(
        [("Authorization", "s"), ("X-API-KEY", "s"), ("X-Mine", "1"), ("x-mine", "2"), ("Cookie", "s")]
    )
    assert kept == {"x-mine": "1, 2"}
    limits = [(b"X-RateLimit-Limit-Requests", b"9"), (b"Set-Cookie", b"s"), (b"Server", b"\xe9")]
    assert response_filter(["set-cookie"]).pick(limits) == {"x-ratelimit-limit-requests": "9", "server": "é"}


def test_ids() -> None:
    ids = [new_ids() for _ in range(1000)]
    assert len({span_id for span_id, _ in ids}) == len({trace_id for _, trace_id in ids}) == 1000
    assert all(len(span_id) == 16 and len(trace_id) == 32 for span_id, trace_id in ids)
    assert all(parents.of_traceparent(f"00-{trace_id}-{span_id}-01") for span_id, trace_id in ids)


def test_ids_after_a_fork() -> None:
    new_ids()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, " ".join(new_ids()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 100).decode().split()
    assert len(theirs) == 2
    assert not {new_ids()[0] for _ in range(300)} & set(theirs)

"""Which requests are attempts of one call."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from .conftest import attempts

if TYPE_CHECKING:
    from .conftest import Record
    from .server import Server

MESSAGES = [{"role": "user", "content": "Hi"}]
_keys = itertools.count()


def counted(status: int) -> str:
    """A model that fails twice."""
    return f"{status}-then-ok-{next(_keys)}"


def groups(recording: Any) -> list[list[int | None]]:
    capture = recording.capture
    return [[a.status_code for a in capture.attempts_of(call_id)] for call_id in capture.call_ids]


@pytest.mark.parametrize("status", [429, 500])
def test_openai(server: Server, record: Record, status: int) -> None:
    ended: list[int] = []
    recording = record(on_end=lambda attempt: ended.append(attempt.number))
    client = openai.OpenAI(base_url=server.url, api_key="k", max_retries=2)
    client.chat.completions.create(model=counted(status), messages=MESSAGES)
    tries = attempts(recording)
    assert groups(recording) == [[status, status, 200]]
    assert [a.number for a in tries] == [0, 1, 2]
    assert [a.retry_count for a in tries] == [0, 1, 2]
    assert len({(a.call_id, a.trace_id) for a in tries}) == 1
    assert ended == [0, 1, 2]
    assert len({seen.headers["traceparent"] for seen in server.seen}) == 1


def test_openai_gives_up_and_is_called_again(server: Server, record: Record) -> None:
    recording = record()
    client = openai.OpenAI(base_url=server.url, api_key="k", max_retries=1)
    for _ in range(2):
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model="429", messages=MESSAGES)
    assert groups(recording) == [[429, 429], [429, 429]]


def test_streamed_and_concurrent(server: Server, record: Record) -> None:
    recording = record()

    async def main() -> None:
        async with openai.AsyncOpenAI(base_url=server.url, api_key="k", max_retries=2) as client:

            async def one(model: str) -> None:
                async for _ in await client.chat.completions.create(
                    model=model, messages=MESSAGES, stream=True
                ):
                    pass

            await asyncio.gather(*(one(counted(429)) for _ in range(20)), *(one("ok") for _ in range(20)))

    asyncio.run(main())
    assert sorted(groups(recording)) == [[200]] * 20 + [[429, 429, 200]] * 20


def test_a_new_task_per_attempt(server: Server, record: Record) -> None:
    recording = record()

    async def main() -> None:
        async with httpx.AsyncClient(verify=False) as client:
            body = {"model": counted(429)}
            for count in range(3):
                asked = client.post(
                    server.url + "/chat/completions",
                    json=body,
                    headers={"x-stainless-retry-count": str(count)},
                )
                await asyncio.wait_for(asyncio.create_task(asked), 5)

    asyncio.run(main())
    assert groups(recording) == [[429, 429, 200]]


def test_repeated_by_somebody_above(server: Server, record: Record) -> None:
    """As databricks-sdk and litellm do: no count, or 0 each time, and perhaps another client."""
    recording = record()
    body = {"model": counted(429)}
    for _ in range(3):
        requests.post(server.url + "/chat/completions", json=body, timeout=5)
    body, count = {"model": counted(429)}, {"x-stainless-retry-count": "0"}
    for _ in range(3):
        httpx.post(server.url + "/chat/completions", json=body, headers=count, verify=False)
    assert groups(recording) == [[429, 429, 200], [429, 429, 200]]


def test_not_retries(server: Server, record: Record) -> None:
    recording = record()
    url = server.url + "/chat/completions"
    with httpx.Client(verify=False) as client:
        for model in ("ok", "ok", "400", "400", "429"):
            client.post(url, json={"model": model})
        client.post(url, json={"model": "429", "n": 2})
        client.post(server.url + "/completions", json={"model": "429"})
    assert groups(recording) == [[200], [200], [400], [400], [429], [429], [429]]


def test_another_cell_is_another_call(server: Server, record: Record) -> None:
    for _ in range(2):
        recording = record()
        httpx.post(server.url + "/chat/completions", json={"model": "429"}, verify=False)
        recording.close()
        assert groups(recording) == [[429]]


def test_retries_of_urllib3(server: Server, record: Record) -> None:
    recording = record()
    with requests.Session() as session:
        retry = Retry(total=3, status_forcelist=[429], allowed_methods=None, backoff_factor=0)
        session.mount("http://", HTTPAdapter(max_retries=retry))
        response = session.post(server.url + "/chat/completions", json={"model": counted(429)})
    assert response.status_code == 200
    (attempt,) = attempts(recording)
    assert attempt.inner_retries == [(429, ""), (429, "")]


def test_redirects_and_challenges_are_not_attempts(server: Server, record: Record) -> None:
    recording = record()
    url = server.url + "/chat/completions"
    requests.post(url, json={"model": "redirect"}, timeout=5)
    httpx.post(url, json={"model": "redirect"}, follow_redirects=True, verify=False)
    requests.post(url, json={"model": "digest"}, auth=requests.auth.HTTPDigestAuth("u", "p"), timeout=5)
    httpx.post(url, json={"model": "digest"}, auth=httpx.DigestAuth("u", "p"), verify=False)
    assert groups(recording) == [[200], [200], [200], [200]]
    assert len(server.seen) == 8
    assert all(b"chatcmpl-1" in b"".join(a.pieces) for a in attempts(recording))


def test_a_transport_that_hands_the_request_on(server: Server, record: Record) -> None:
    recording = record()

    class Onward(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.post(
                server.url + "/chat/completions", content=request.read(), headers={"a": "b"}, verify=False
            )

    with httpx.Client(transport=Onward()) as client:
        client.post("http://gateway/v1/chat/completions", json={"model": "ok"})
    assert [a.url for a in attempts(recording)] == ["http://gateway/v1/chat/completions"]

"""A call sent again through its own client: the same head, another body, a trace of its own."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import weakref
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest
import requests
from anthropic import Anthropic
from openai import AsyncOpenAI, OpenAI

import nbext
from nbext.display.wire import whole_wire
from tests.unit.replay.calls import ASK, SECRET, client_of, traced
from tests.unit.replay.conftest import until

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.model.call import Call

    from .conftest import Gateway


def is_gone(seen: weakref.ref[Any]) -> bool:
    # Does nothing while another thread is collecting.
    gc.collect()
    return seen() is None


def test_the_same_request_goes_out_again_and_is_a_trace_of_its_own(gateway: Gateway) -> None:
    client = client_of(gateway)
    call = traced(client, extra_headers={"x-team": "blue"})
    before = whole_wire(nbext.last)
    again = call.replay()
    (path, head, body), (path2, head2, body2) = gateway.received
    assert (path2, body2) == (path, body)
    assert head2["authorization"] == head["authorization"] == f"Bearer {SECRET}"
    assert head2["x-team"] == "blue"
    assert head2["user-agent"] == head["user-agent"]
    assert head2["traceparent"] != head["traceparent"]
    (new,) = again.calls
    assert new.replay_of == call.call_id
    assert (new.completion, call.completion) == ("answer 2", "answer 1")
    assert new.trace_id != call.trace_id
    assert new.call_id != call.call_id
    assert not again.running
    # The original is what it was, and still the last.
    assert nbext.last.calls == [call]
    assert [again] == nbext.last.replays
    assert {**whole_wire(nbext.last), "saved": ""} == {**before, "saved": ""}
    assert again in nbext.captures


def test_messages_parameters_and_model_can_be_changed(gateway: Gateway) -> None:
    client = client_of(gateway)
    call = traced(client, max_tokens=9)
    call.replay(model="m-2", messages="other words", temperature=None, top_p=0.25)
    assert gateway.bodies[1] == {
        "model": "m-2",
        "messages": [{"role": "user", "content": "other words"}],
        "top_p": 0.25,
        "max_tokens": 9,
    }
    longer = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "x"}]
    assert call.replay(messages=longer).calls[0].messages[0].text == "Be brief."
    assert call.request["temperature"] == 0.5


def test_secrets_of_the_request_are_sent_but_not_kept(gateway: Gateway, tmp_path: Path) -> None:
    client = client_of(gateway)
    call = traced(client, messages=[{"role": "user", "content": f"my key is {SECRET}"}])
    assert SECRET not in call.prompt
    again = call.replay()
    assert gateway.bodies[1]["messages"][0]["content"] == f"my key is {SECRET}"
    everything = [
        json.dumps(whole_wire(again)),
        repr(vars(again)),
        again.export(tmp_path / "a.json").read_text(),
    ]
    everything += [again.to_html(tmp_path / "a.html").read_text(), repr(again.senders)]
    assert not [text for text in everything if SECRET in text]


def test_a_stream_streams(gateway: Gateway) -> None:
    client = client_of(gateway)
    call = traced(client, stream=True)
    gateway.go.clear()
    seen: list[str] = []
    worker = threading.Thread(target=lambda: seen.append(call.replay().calls[0].completion))
    worker.start()
    until(lambda: nbext.last.replays and nbext.last.replays[0].calls)
    again = nbext.last.replays[0]
    until(lambda: again.calls[0].completion == "one two ")
    assert again.running
    assert again.calls[0].status == "running"
    gateway.go.set()
    worker.join(20)
    assert seen == ["one two three"]
    assert again.calls[0].status == "ok"


def test_what_the_gateway_refuses_is_the_new_call(gateway: Gateway) -> None:
    client = client_of(gateway)
    call = traced(client)
    gateway.status = 404
    again = call.replay(model="m-9")
    assert again.calls[0].status == "error"
    assert again.calls[0].status_code == 404
    assert call.status == "ok"


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_plain_clients(gateway: Gateway, library: Any) -> None:
    with library.Client(headers={"x-api-key": SECRET}) as client:
        with nbext.trace(display=False) as capture:
            client.post(f"{gateway.url}/v1/chat/completions?key={SECRET}", json=ASK, timeout=7)
        again = capture.calls[0].replay(temperature=1)
    assert again.calls[0].completion == "answer 2"
    assert gateway.received[1][0].endswith(f"?key={SECRET}")
    assert gateway.received[1][1]["x-api-key"] == SECRET
    assert gateway.bodies[1] == {**ASK, "temperature": 1}
    assert SECRET not in again.calls[0].url


def test_a_requests_session(gateway: Gateway) -> None:
    session = requests.Session()
    with nbext.trace(display=False) as capture:
        session.post(
            f"{gateway.url}/serving-endpoints/one/invocations",
            json={"messages": ASK["messages"]},
            headers={"Authorization": f"Bearer {SECRET}"},
        )
    again = capture.calls[0].replay(model="other one")
    assert again.calls[0].completion == "answer 2"
    # An endpoint is asked by its own path.
    assert gateway.received[1][0] == "/serving-endpoints/other%20one/invocations"
    assert gateway.received[1][1]["authorization"] == f"Bearer {SECRET}"
    assert gateway.received[1][1]["content-type"] == "application/json"


def test_anthropic(gateway: Gateway) -> None:
    client = Anthropic(base_url=gateway.url, api_key=SECRET, max_retries=0)
    with nbext.trace(display=False) as capture:
        client.messages.create(model="m-1", max_tokens=5, messages=ASK["messages"])
    capture.calls[0].replay(system="Be brief.")
    assert gateway.bodies[1]["system"] == "Be brief."
    assert gateway.received[1][1]["anthropic-version"] == gateway.received[0][1]["anthropic-version"]


def test_an_asynchronous_client_is_awaited(gateway: Gateway) -> None:
    async def main() -> None:
        client = AsyncOpenAI(base_url=gateway.url, api_key=SECRET, max_retries=0)
        with nbext.trace("later", display=False) as capture:
            await client.chat.completions.create(**ASK)
        again = capture.calls[0].replay(model="m-2")
        assert again.running
        assert await again is again
        assert not again.running
        assert again.calls[0].completion == "answer 2"
        gateway.go.clear()
        streaming = capture.calls[0].replay(stream=True)
        while not streaming.calls or streaming.calls[0].completion != "one two ":
            await asyncio.sleep(0.01)
        streaming.stop()
        await streaming
        assert streaming.calls[0].status == "interrupted"
        await client.close()

    asyncio.run(main())


def test_a_loop_that_has_ended_is_said(gateway: Gateway) -> None:
    client = AsyncOpenAI(base_url=gateway.url, api_key=SECRET, max_retries=0)

    async def main() -> Call:
        with nbext.trace(display=False) as capture:
            await client.chat.completions.create(**ASK)
        return capture.calls[0]

    call = asyncio.run(main())
    with pytest.raises(LookupError, match=r"the event loop its client was used in has ended; give another"):
        call.replay()
    assert call.replay(client=client_of(gateway)).calls[0].status == "ok"


def test_a_client_that_is_gone_or_closed_is_said_and_another_can_be_given(gateway: Gateway) -> None:
    client = client_of(gateway)
    call = traced(client)
    client.close()
    with pytest.raises(LookupError, match=r"its client was closed; give another: call.replay\(client=…\)"):
        call.replay()
    sender = weakref.ref(client._client)
    del client
    until(lambda: is_gone(sender))
    with pytest.raises(LookupError, match=r"the client that sent it is gone; give a client"):
        call.replay()
    assert len(gateway.received) == 1
    other = OpenAI(base_url=f"{gateway.url}/other", api_key="other-key", max_retries=0)
    again = call.replay(client=other, temperature=1.5)
    assert gateway.received[1][0] == "/other/chat/completions"
    assert gateway.received[1][1]["authorization"] == "Bearer other-key"
    assert again.calls[0].completion == "answer 2"
    with httpx.Client(headers={"authorization": "Bearer third"}) as plain:
        call.replay(client=plain)
    assert gateway.received[2][0] == "/v1/chat/completions"
    assert gateway.received[2][1]["authorization"] == "Bearer third"


def test_a_call_from_a_file_takes_a_client(gateway: Gateway, tmp_path: Path) -> None:
    client = client_of(gateway)
    traced(client)
    path = nbext.last.export(tmp_path / "a.json")
    # Of another kernel.
    path.write_text(path.read_text().replace(nbext.last.id, "0123456789abcdef"))
    (loaded,) = nbext.open(path)
    with pytest.raises(LookupError, match="it was not sent by this kernel"):
        loaded.calls[0].replay()
    assert loaded.calls[0].replay(client=client).calls[0].replay_of == loaded.calls[0].call_id


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"client": 3}, TypeError, "expected an OpenAI, Anthropic, httpx or requests client, got int"),
        ({"model": ""}, ValueError, "model: expected the name of a model or endpoint, got ''"),
        ({"messages": 4}, ValueError, "messages: expected a text or a list, got int"),
    ],
)
def test_what_cannot_be_sent_is_one_line(
    gateway: Gateway, changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    client = client_of(gateway)
    call = traced(client)
    with pytest.raises(error) as caught:
        call.replay(**changes)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(gateway.received) == 1
    assert len(nbext.captures) == 1


def test_a_dead_gateway_is_the_new_call(gateway: Gateway) -> None:
    client = OpenAI(base_url="http://127.0.0.1:9/v1", api_key="x", max_retries=0)
    with nbext.trace(display=False) as capture, pytest.raises(Exception, match="onnect"):
        client.chat.completions.create(**ASK)
    again = capture.calls[0].replay()
    assert again.calls[0].status == "error"
    assert again.error is not None


def test_calls_beside_a_replay_are_not_its_own(gateway: Gateway) -> None:
    client = client_of(gateway)
    call = traced(client, stream=True)
    gateway.go.clear()
    worker = threading.Thread(target=call.replay)
    worker.start()
    until(lambda: nbext.last.replays and nbext.last.replays[0].calls)
    # Nothing is traced here, and this thread has no context of the replay's.
    httpx.post(f"{gateway.url}/v1/chat/completions", json=ASK)
    gateway.go.set()
    worker.join(20)
    assert len(nbext.last.replays[0]) == 1


def test_the_client_is_not_kept_alive_nor_are_its_credentials(gateway: Gateway) -> None:
    from nbext.capture import senders

    client = httpx.Client(headers={"authorization": SECRET, "x-client": "this one"})
    with nbext.trace(display=False) as capture:
        client.post(f"{gateway.url}/v1/chat/completions", json=ASK)
    (client_head,) = senders._heads[client]
    seen = weakref.ref(client)
    client.close()
    del client
    until(lambda: is_gone(seen))
    assert client_head not in [head for heads in senders._heads.values() for head in heads]
    assert capture.senders[capture.calls[0].call_id].head == ()

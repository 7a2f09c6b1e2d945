"""The page asks for a replay: it answers at once, and the call streams in beside the original."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from openai import AsyncOpenAI, OpenAI

import nbext
from nbext.display.bundle import bundle_of_wire
from nbext.display.pack import unpack
from nbext.display.widget import living_widget
from nbext.display.wire import MIME, whole_wire
from tests.contract.typescript import WIRE, Checker
from tests.unit.replay.conftest import Gateway, gateway

from .conftest import Page

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["gateway"]

CHECKER = Checker()
ASK = {"model": "m-1", "messages": [{"role": "user", "content": "hello"}]}
REPLAY = Checker((WIRE / "assessment.ts").read_text("utf-8"))


def until(true: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (found := true()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.01)
    return found


def shown(capture: nbext.Capture) -> Page:
    nbext.view(capture)
    widget = living_widget(capture)
    assert widget is not None
    return Page(widget)


def of_kind(page: Page, kind: str) -> list[dict[str, Any]]:
    return [message for message in page.received if message["kind"] == kind]


@pytest.fixture
def client(gateway: Gateway) -> OpenAI:
    return OpenAI(base_url=f"{gateway.url}/v1", api_key="secret", max_retries=0)


def traced(client: OpenAI, **changes: Any) -> nbext.Capture:
    with nbext.trace("write", display=False) as capture:
        answer = client.chat.completions.create(**{**ASK, **changes})
        if changes.get("stream"):
            list(answer)
    return capture


def test_it_streams_into_the_view_of_the_original(gateway: Gateway, client: OpenAI) -> None:
    capture = traced(client, stream=True)
    original = capture.calls[0].call_id
    page = shown(capture)
    gateway.go.clear()
    page.ask("replay", {"call": original, "model": "m-2", "params": {"temperature": 0.1}})
    (answer,) = until(lambda: of_kind(page, "answer"))
    assert REPLAY.problems(answer["value"], "ReplayAnswer") == []
    new = answer["value"]["span"]
    deltas = until(lambda: [d for d in of_kind(page, "delta") if "two " in str(d)])
    assert CHECKER.problems(deltas[-1], "Delta") == []
    first = next(span for delta in of_kind(page, "delta") for span in delta.get("spans", ()))
    assert first["id"] == new
    assert first["replay_of"] == original
    assert first["trace"] == answer["value"]["trace"]
    assert first["status"] == "running"
    # Its place on the clock of the original.
    assert first["at"] > 0
    gateway.go.set()
    last = until(
        lambda: [s for d in of_kind(page, "delta") for s in d.get("spans", ()) if s.get("ms") is not None]
    )[-1]
    assert last["call"]["answers"][0]["text"] == "one two three"
    assert [d["rev"] for d in of_kind(page, "delta")] == list(range(1, len(of_kind(page, "delta")) + 1))
    assert gateway.bodies[1]["model"] == "m-2"
    assert gateway.bodies[1]["temperature"] == 0.1
    # A page that is opened later sees it, too.
    wire = page.ask("snapshot")["wire"]
    assert [span.get("replay_of") for span in wire["spans"]] == [None, original]
    assert wire["totals"]["calls"] == 1
    assert len(capture) == 1


def test_it_can_be_stopped(gateway: Gateway, client: OpenAI) -> None:
    capture = traced(client, stream=True)
    page = shown(capture)
    gateway.go.clear()
    page.ask("replay", {"call": capture.calls[0].call_id})
    (answer,) = until(lambda: of_kind(page, "answer"))
    page.ask("replay_stop", {"span": answer["value"]["span"]})
    gateway.go.set()
    (again,) = capture.replays
    until(lambda: not again.running)
    assert again.calls[0].status == "interrupted"


def test_it_streams_into_the_table_of_a_frame(
    gateway: Gateway, client: OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("IPython.display.publish_display_data", lambda *_, **__: None)
    capture = traced(client, stream=True)
    frame = nbext.calls_df(capture)
    frame.gateway.show()
    page = Page(frame.gateway._table.model)
    original = capture.calls[0].call_id
    page.ask("replay", {"call": original, "model": "m-2"})
    (answer,) = until(lambda: of_kind(page, "answer"))
    new = answer["value"]["span"]
    ended = until(
        lambda: [s for d in of_kind(page, "delta") for s in d.get("spans", ()) if s.get("ms") is not None]
    )
    assert (ended[-1]["id"], ended[-1]["replay_of"]) == (new, original)
    assert ended[-1]["call"]["answers"][0]["text"] == "one two three"
    assert [d["rev"] for d in of_kind(page, "delta")] == list(range(1, len(of_kind(page, "delta")) + 1))
    # The traced capture has it as well, and the frame is what it was.
    assert [again.calls[0].call_id for again in capture.replays] == [new]
    assert len(frame) == 1


def test_a_hanging_one_can_be_stopped_from_the_view(gateway: Gateway, client: OpenAI) -> None:
    capture = traced(client, stream=True)
    page = shown(capture)
    gateway.go.clear()
    page.ask("replay", {"call": capture.calls[0].call_id})
    (answer,) = until(lambda: of_kind(page, "answer"))
    (again,) = capture.replays
    until(lambda: again.calls[0].completion == "one two ")
    page.ask("replay_stop", {"span": answer["value"]["span"]})
    until(lambda: not again.running)
    assert not gateway.go.is_set()
    assert again.calls[0].status == "interrupted"
    told = until(lambda: [d for d in of_kind(page, "delta") if "interrupted" in str(d)])
    assert told[-1]["spans"][-1]["call"]["answers"][0]["text"] == "one two "


def test_long_texts_come_when_asked_for(client: OpenAI) -> None:
    words = "word " * 30_000
    capture = traced(client, messages=[{"role": "user", "content": words}])
    call = capture.calls[0].call_id
    page = shown(capture)
    saved = bundle_of_wire(whole_wire(capture))[MIME]
    (kept,) = unpack(saved)["spans"]
    assert kept["cut"] is True
    assert kept["call"]["messages"][0]["text"].endswith("more characters")
    page.ask("whole", call)
    (delta,) = of_kind(page, "delta")
    assert CHECKER.problems(delta, "Delta") == []
    (whole,) = delta["spans"]
    assert "cut" not in whole
    assert whole["call"]["messages"][0]["text"] == words
    assert page.received[-1] == {"kind": "answer", "id": "q1", "value": None}
    assert "forgotten the span" in page.ask("whole", "nobody")["error"]


def test_what_goes_wrong_is_said_in_the_view(client: OpenAI) -> None:
    capture = traced(client)
    page = shown(capture)
    call = capture.calls[0].call_id
    assert page.ask("replay", {"call": "nobody"})["error"].startswith("This kernel has forgotten the call")
    assert page.ask("replay", 3)["error"] == "Which call is to be sent again was not said."
    assert "expected a text or a list" in page.ask("replay", {"call": call, "messages": 4})["error"]
    client.close()
    assert "its client was closed" in page.ask("replay", {"call": call})["error"]
    assert capture.replays == []


def test_a_replay_is_shown_beside_the_original_and_replays_from_there(client: OpenAI) -> None:
    capture = traced(client)
    again = capture.calls[0].replay(model="m-2")
    page = shown(again)
    wire = page.ask("snapshot")["wire"]
    assert CHECKER.problems(wire, "Wire") == []
    original = capture.calls[0].call_id
    assert wire["replay"] == {"call": original, "label": "chat in write"}
    assert [(span["id"], span.get("replay_of")) for span in wire["spans"]] == [
        (original, None),
        (again.calls[0].call_id, original),
    ]
    page.ask("replay", {"call": original, "params": {"temperature": 0}})
    until(lambda: of_kind(page, "answer"))
    until(lambda: [d for d in of_kind(page, "delta") if "answer 3" in str(d)])
    spans = page.ask("snapshot")["wire"]["spans"]
    assert [span.get("replay_of") for span in spans] == [None, original, original]


def test_an_asynchronous_client_in_the_loop_of_the_kernel(gateway: Gateway) -> None:
    async def main() -> None:
        client = AsyncOpenAI(base_url=gateway.url, api_key="secret", max_retries=0)
        with nbext.trace(display=False) as capture:
            await client.chat.completions.create(**ASK)
        page = shown(capture)
        # As a comm message does: on the thread and in the loop that the client lives in.
        page.ask("replay", {"call": capture.calls[0].call_id})
        for _ in range(1000):
            if of_kind(page, "answer"):
                break
            await asyncio.sleep(0.01)
        (again,) = capture.replays
        await again
        assert again.calls[0].completion == "answer 2"
        await client.close()

    asyncio.run(main())

"""A running stream is read piece by piece, each piece once."""

from __future__ import annotations

import json

import pytest

from nbext.model import dialects
from nbext.model.assemble import call_of_attempts
from nbext.model.capture import Capture
from nbext.model.reading import Reading
from nbext.model.sse import EventReader

from .building import MS, attempt, cases, pieces_of

HEADERS = {"content-type": "text/event-stream"}


def chunk(text: str, reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n".encode()


def running(*pieces: bytes) -> object:
    return attempt(
        request={"messages": [{"role": "user", "content": "Hi"}]},
        answer={"status": 200, "headers": HEADERS, "text": ""},
        outcome=None,
        pieces=list(pieces),
    )


def test_running_stream_shows_what_has_arrived() -> None:
    made = running(chunk("Hel"))
    call = call_of_attempts([made])
    assert (call.status, call.completion, call.end_ns, call.verdict) == ("running", "Hel", None, None)
    assert call.usage.estimated
    assert call.first_token_ns == made.piece_ns[0]


def test_each_piece_is_fed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fed = []
    real = EventReader.feed
    monkeypatch.setattr(EventReader, "feed", lambda self, piece: (fed.append(piece), real(self, piece))[1])
    capture = Capture(id="0" * 16, start_ns=0)
    made = running(chunk("a"))
    capture.add(made)
    assert capture.call(made.call_id).completion == "a"
    for text in "bcd":
        made.piece_ns.append(made.start_ns)
        made.pieces.append(chunk(text))
        capture.call(made.call_id)
    assert capture.call(made.call_id).completion == "abcd"
    assert len(fed) == 4
    made.pieces.append(chunk("", "stop"))
    made.piece_ns.append(made.start_ns + MS)
    made.end_ns, made.outcome = made.start_ns + 2 * MS, "complete"
    done = capture.call(made.call_id)
    assert (done.status, done.completion) == ("ok", "abcd")
    assert capture.call(made.call_id) is done


def test_piece_without_its_time_yet_waits_for_the_next_look() -> None:
    made = running(chunk("a"), chunk("b"))
    made.piece_ns.pop()
    assert call_of_attempts([made]).completion == "a"


def test_stream_that_was_given_up_and_goes_on() -> None:
    made = running(chunk("a"))
    reading = Reading(made, dialects.CHAT)
    made.end_ns, made.outcome = made.start_ns + MS, "closed"
    assert call_of_attempts([made], reading=reading).status == "interrupted"
    made.pieces.append(chunk("b", "stop"))
    made.piece_ns.append(made.start_ns + 2 * MS)
    again = call_of_attempts([made], reading=reading)
    assert (again.status, again.completion) == ("ok", "ab")


def test_before_the_response_head() -> None:
    made = attempt(request={"messages": []}, outcome=None)
    call = call_of_attempts([made])
    assert (call.status, call.response, call.answers, call.usage.total_tokens) == ("running", None, [], None)


STREAMS = [case for case in cases() if case["answer"] and ({"events", "named"} & case["answer"].keys())]


@pytest.mark.parametrize("case", STREAMS, ids=[case["name"] for case in STREAMS])
@pytest.mark.parametrize("size", [1, 13])
def test_cuts_anywhere_give_the_same_answer(case: dict, size: int) -> None:
    answer = case["answer"]
    whole = b"".join(pieces_of(answer))

    def built(pieces: list[bytes], text: bytes = whole) -> object:
        made = attempt(case["url"], case["request"], {**answer, "text": ""}, pieces=pieces)
        call = call_of_attempts([made])
        return call.response, call.status, call.answers, call.usage

    expected = built([whole])
    assert built([whole[i : i + size] for i in range(0, len(whole), size)]) == expected
    crlf = whole.replace(b"\n", b"\r\n")
    assert built([crlf[i : i + size] for i in range(0, len(crlf), size)]) == expected


def test_no_attempts_is_an_error_in_words() -> None:
    with pytest.raises(ValueError, match="a call has at least one attempt, got none"):
        call_of_attempts([])


def test_retries_inside_the_library_are_attempts() -> None:
    made = attempt(request={"messages": []}, answer={"status": 200, "headers": {}, "body": {"choices": []}})
    made.inner_retries = [(429, ""), (None, "ConnectionError: password=hunter2")]
    call = call_of_attempts([made])
    assert [a.status_code for a in call.attempts] == [429, None, 200]
    assert [a.number for a in call.attempts] == [0, 1, 2]
    assert call.attempts[1].error_message == "ConnectionError: password=[redacted]"
    assert "inside the HTTP library" in call.notes[0]

"""From bodies, as they arrived or as they were stored, to JSON without secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .call import Message
from .dialects import dialect_of_event, is_chunk
from .dialects.content import media
from .dialects.embeddings import shorten_text
from .encoding import DecodeError, decode
from .jsontext import loads, too_deep, without_surrogates, writable
from .reading import Body

if TYPE_CHECKING:
    from .attempt import Attempt
    from .dialects.base import Dialect
    from .redact import Redactor

Json = Any

# Nobody reads a longer JSON body, and parsing it would hold up the notebook.
MAX_PARSED = 32 * 1024 * 1024
# What is kept of a body that is no JSON.
MAX_TEXT = 64 * 1024
_MANY_NUMBERS = 32 * 1024
_MEDIA = {"audio/": "audio", "image/": "image", "video/": "file", "application/octet-stream": "file"}


@dataclass(slots=True)
class Answer:
    """What is known of an answer's body.

    ``value`` is its JSON, streams put together; when the body is no JSON it is None, and ``text``
    is the beginning of what came. Both are redacted. ``cut``: too large to be read. ``damaged``:
    the last event could not be read. ``undecodable``: why the content-encoding could not be undone.
    """

    value: Json = None
    text: str | None = None
    streamed: bool = False
    whole: bool = False
    done: bool = False
    arrived: bool = False
    first_ns: int | None = None
    dialect: Dialect | None = None
    media: Message | None = None
    cut: bool = False
    damaged: bool = False
    undecodable: str | None = None
    notes: list[str] = field(default_factory=list)


def request_json(attempt: Attempt, redactor: Redactor) -> tuple[Json, str | None]:
    """Give the request's JSON, or None and a note that says why there is none."""
    data = attempt.request_body
    if not data:
        return None, None
    encoding = attempt.request_headers.get("content-encoding")
    if encoding:
        try:
            data = decode(data, encoding)
        except DecodeError as error:
            return None, f"The request’s body could not be read: {error}."
    if len(data) > MAX_PARSED:
        return None, f"The request is {megabytes(len(data))} and was not read."
    value, rest = parsed(data.decode("utf-8", "replace"), redactor)
    if rest is None:
        return value, None
    if "multipart/" in attempt.request_headers.get("content-type", ""):
        return None, f"The request is a form of {megabytes(len(data))}; its fields are not shown."
    return None, "The request is not JSON."


def answer_of(body: Body | None, redactor: Redactor, *, ended: bool) -> Answer:
    """Read the body of an attempt as far as it has come."""
    if body is None:
        return Answer()
    answer = Answer(
        streamed=body.streamed,
        whole=body.whole,
        done=body.done,
        arrived=body.arrived,
        undecodable=body.undecodable,
        first_ns=body.first_ns,
        notes=body.all_notes(),
    )
    if body.streamed:
        answer.value = redactor.json(body.stream_result())
        answer.dialect = body.dialect
        answer.damaged = body.damaged
        if ended and not body.events:
            answer.streamed = False
        return answer
    if ended and not body.broken:
        _read_whole(answer, body, redactor)
    return answer


def _read_whole(answer: Answer, body: Body, redactor: Redactor) -> None:
    """Read a body that is no stream."""
    data = body.data()
    kind = next((kind for start, kind in _MEDIA.items() if body.content_type.startswith(start)), None)
    if kind is not None and data:
        part = media(kind, None, mime=body.content_type.partition(";")[0])
        part.size = len(data)
        answer.media = Message("output", [part])
        return
    if len(data) > _MANY_NUMBERS and b'"embedding"' in data[:4000]:
        data = shorten_text(data)
    if len(data) > MAX_PARSED:
        answer.notes.append(f"The answer is {megabytes(len(data))}; its beginning is kept here.")
        answer.text = redactor.text(data[:MAX_TEXT].decode("utf-8", "replace"))
        answer.cut = True
        return
    try:
        text = data.decode()
    except UnicodeDecodeError:
        answer.notes.append("The answer holds bytes that are not UTF-8; they are shown as �.")
        text = data.decode("utf-8", "replace")
    text = text.removeprefix("\ufeff")
    answer.value, answer.text = parsed(text, redactor)
    _keep_null(answer, text)
    _put_together(answer, text, body.dialect, redactor)


def stored_json(body: Json, redactor: Redactor) -> tuple[Json, str | None]:
    """Read a stored body: JSON as text, as bytes, as a JSON string in JSON, or parsed already.

    Gives the value, or None and the beginning of what it was instead.
    """
    if isinstance(body, (bytes, bytearray, memoryview)):
        body = bytes(body).decode("utf-8", "replace")
    for _ in range(2):
        if type(body) is not str:
            break
        if not body:
            return None, ""
        value, rest = parsed(body, redactor)
        if rest is not None:
            return None, rest
        if type(value) is not str or value.lstrip()[:1] not in ("{", "["):
            return value, None
        body = value
    return clean(body, redactor), None


def stored_answer(response: Json, asked: Dialect, redactor: Redactor) -> Answer:
    """Read a stored answer: one JSON, a list of chunks, the text of events, or nothing."""
    if isinstance(response, (bytes, bytearray, memoryview)):
        response = bytes(response)
    data = response.encode("utf-8", "surrogatepass") if type(response) is str else response
    if type(data) is bytes:
        body = Body(asked)
        body.feed(data, None)
        body.finish(None)
        if body.streamed:
            return answer_of(body, redactor, ended=True)
        if len(data) > _MANY_NUMBERS and b'"embedding"' in data[:4000]:
            response = shorten_text(data)
    answer = Answer(arrived=response is not None)
    answer.value, answer.text = stored_json(response, redactor)
    _keep_null(answer, response)
    _put_together(answer, response, asked, redactor)
    return answer


def _keep_null(answer: Answer, given: Json) -> None:
    """Keep the text of a JSON null: as a value it cannot be told from a body that did not come."""
    if answer.value is None and answer.text is None and given is not None:
        answer.text = "null"


def _put_together(answer: Answer, given: Json, asked: Dialect, redactor: Redactor) -> None:
    """Make one answer of a list of chunks: how some stores keep streams, and how Gemini sends them."""
    events = _json_lines(given) if answer.value is None else answer.value
    if type(events) is not list or not events:
        return
    if all(type(event) is str for event in events):
        events = [_event(text) for text in events]
    if not is_chunk(events[0]):
        return
    answer.dialect = dialect_of_event(asked, events[0], None)
    stream = answer.dialect.stream()
    for event in events:
        stream.add(event, None)
    answer.streamed, answer.whole, answer.text = True, stream.whole, None
    # Once more: a key may have been cut in two by the chunks.
    answer.value = redactor.json(without_surrogates(stream.result()))


def _json_lines(text: Json) -> list[str] | None:
    """Take a text that is no JSON for one chunk a line, if its first line is one."""
    if type(text) is bytes:
        text = text.decode("utf-8", "replace")
    if type(text) is not str or text[:1] != "{" or "\n" not in text:
        return None
    lines = [line for line in text.splitlines() if line.strip()]
    return lines if is_chunk(_event(lines[0])) else None


def _event(text: str) -> Json:
    try:
        return loads(text.removeprefix("data:").strip(), halves=True)
    except ValueError:
        return None


def parsed(text: str, redactor: Redactor) -> tuple[Json, str | None]:
    """Parse and redact a text: the value, or None and the beginning of the text."""
    try:
        value = loads(text)
    except ValueError:
        return None, redactor.text(text[:MAX_TEXT])
    return (redactor.json(value) if redactor.suspicious_json(text) else value), None


def clean(value: Json, redactor: Redactor) -> Json:
    """Redact a value that was parsed elsewhere, and make it one that can be written as JSON."""
    if type(value) in (dict, list) and too_deep(value):
        return "(nested too deeply)"
    return redactor.json(writable(value))


def megabytes(size: int) -> str:
    """Write a size."""
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"

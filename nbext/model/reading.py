"""The body of an answer, read as far as it has arrived."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from .dialects import dialect_of_event
from .encoding import MAX_DECODED, DecodeError, Decoder, decoder_for
from .jsontext import has_surrogates, loads, without_surrogates
from .sse import EventReader

if TYPE_CHECKING:
    from .attempt import Attempt
    from .dialects.base import Dialect, Stream

Json = Any

_EVENT_STARTS = (b"data:", b"event:", b"id:", b"retry:", b": ", b":\n", b":\r")


class Body:
    """Bytes of one answer, fed piece by piece; a stream is put together as it goes.

    Feeding a piece costs what the piece costs, so a live view may look at a running stream as
    often as it likes.

    Attributes
    ----------
    streamed : bool
        The body is events.
    done : bool
        ``[DONE]`` was seen.
    first_ns : int or None
        Arrival of the piece that carried the first content.
    size : int
        Bytes as they came, before the content-encoding was undone.
    notes : list of str
        Oddities met.
    """

    def __init__(
        self, dialect: Dialect, *, content_type: str = "", content_encoding: str | None = None
    ) -> None:
        self.streamed = False
        self.done = False
        self.first_ns: int | None = None
        self.size = 0
        self.notes: list[str] = []
        self._dialect = dialect
        self.content_type = content_type.lower()
        self._lines = any(kind in self.content_type for kind in ("ndjson", "jsonl", "json-seq"))
        self._may_stream = "json" not in self.content_type
        self._is_stream = "event-stream" in self.content_type or self._lines
        self._halves = False
        self._decoder: Decoder | None = None
        self._broken = False
        self._undecodable: str | None = None
        self._decoded = 0
        self._kept: list[bytes] = []
        self._events: EventReader | None = None
        self._stream: Stream | None = None
        self._bad_events = 0
        self._bad_text = False
        self._torn = False
        self._damaged = False
        self._count = 0
        self._looked = False
        try:
            self._decoder = decoder_for(content_encoding)
        except DecodeError as error:
            self._give_up(str(error))

    def feed(self, piece: bytes, at_ns: int | None) -> None:
        """Take the next piece of the body and when it arrived."""
        self.size += len(piece)
        if self._broken or not piece:
            return
        if self._decoder is not None:
            try:
                piece = self._decoder.feed(piece)
            except DecodeError as error:
                self._undecodable = str(error)
                self._give_up(str(error))
                return
        self._decoded += len(piece)
        if self._decoded > MAX_DECODED:
            self._give_up(f"more than {MAX_DECODED // 1024**2} MiB when uncompressed")
            return
        if not self._looked:
            piece = self._look(piece)
        if self._events is None:
            self._kept.append(piece)
        elif piece:
            self._take(self._events.feed(piece), at_ns)

    def finish(self, at_ns: int | None) -> None:
        """Take in what an ended body left without its last line end."""
        if not self._looked and self._kept:
            self._look(b"", ended=True)
        elif self._is_stream and self._events is None:
            self._reconsider()
        if self._events is not None:
            damaged, bad = self._damaged, self._bad_events
            self._take(self._events.flush(), at_ns)
            if self._bad_events > bad:
                # What the end cut in two is not what stopped the reader.
                self._bad_events, self._damaged, self._torn = bad, damaged, True

    @property
    def damaged(self) -> bool:
        """The last event that came in full could not be read: SDKs give up on it."""
        return self._damaged

    @property
    def whole(self) -> bool:
        """The end of the stream, or a finish reason, has come."""
        return self.done or (self._stream is not None and self._stream.whole)

    @property
    def broken(self) -> bool:
        """The body cannot be read; a note says why."""
        return self._broken

    @property
    def undecodable(self) -> str | None:
        """Why the bytes are not in the content-encoding their header names; None where they are."""
        return self._undecodable

    @property
    def arrived(self) -> bool:
        """Anything of the body came."""
        return self.size > 0

    @property
    def events(self) -> int:
        """Events that were read."""
        return self._count

    def stream_result(self) -> Json:
        """Give the answer of a stream as it stands."""
        if self._stream is None:
            return None
        result = self._stream.result()
        return without_surrogates(result) if self._halves else result

    @property
    def dialect(self) -> Dialect:
        """The API the answer speaks: the events may tell it better than the URL did."""
        return self._dialect

    def data(self) -> bytes:
        """Give the body of an answer that is no stream, its content-encoding undone."""
        if len(self._kept) > 1:
            self._kept = [b"".join(self._kept)]
        return self._kept[0] if self._kept else b""

    def all_notes(self) -> list[str]:
        """Give the oddities met so far, in words."""
        notes = list(self.notes)
        if self._events is not None and (self._bad_events or self._events.odd):
            count = self._bad_events + self._events.odd
            notes.append(f"{count} {'line' if count == 1 else 'lines'} of the stream could not be read.")
        if self._torn:
            notes.append("The last line of the stream had not come in full.")
        if self._events is not None and self._events.bare and not self._lines:
            notes.append("The stream had lines of JSON without “data:”.")
        if self._bad_text:
            notes.append("The answer holds bytes that are not UTF-8; they are shown as �.")
        return notes

    def _look(self, piece: bytes, *, ended: bool = False) -> bytes:
        """Decide by the first bytes whether these are events; gives what is to be read next."""
        head = b"".join([*self._kept, piece])
        start = head[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
        if len(start) < 8 and not ended and not self._is_stream and len(head) < 64:
            self._kept = [head]
            return b""
        self._looked = True
        self._kept = []
        json = start[:1] in (b"{", b"[") and not self._lines
        if (self._is_stream and not json) or (self._may_stream and start.startswith(_EVENT_STARTS)):
            self.streamed = True
            self._events = EventReader()
            if ended:
                self._take(self._events.feed(head), None)
        elif ended:
            self._kept = [head]
        return head

    def _reconsider(self) -> None:
        """Decide on what came as events and begins like JSON: an error, or events without ``data:``."""
        data = self.data()
        if data.lstrip()[:1] not in (b"{", b"[") or self._readable(data):
            return
        self.streamed = True
        self._events = EventReader()
        self._take(self._events.feed(data), None)
        self._kept = []

    def _take(self, events: list[tuple[str | None, list[bytes]]], at_ns: int | None) -> None:
        for name, lines in events:
            if len(lines) == 1:
                self._event(lines[0], name, at_ns)
                continue
            joined = b"\n".join(lines)
            # One event in several lines, or several events that nobody put a blank line between.
            if self._readable(joined):
                self._event(joined, name, at_ns)
            else:
                for line in lines:
                    self._event(line, name, at_ns)

    def _readable(self, data: bytes) -> bool:
        try:
            loads(data.decode("utf-8", "replace"))
        except ValueError:
            return False
        return True

    def _event(self, data: bytes, name: str | None, at_ns: int | None) -> None:
        self._damaged = False
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("utf-8", "replace")
            self._bad_text = self._damaged = True
        if text.startswith("[DONE]"):
            self.done = True
            return
        try:
            event = loads(text, halves=True)
        except ValueError:
            if text.strip():
                self._bad_events += 1
                self._damaged = True
            return
        self._halves = self._halves or has_surrogates(text)
        self._count += 1
        if self._stream is None:
            self._dialect = dialect_of_event(self._dialect, event, name)
            self._stream = self._dialect.stream()
        if self._stream.add(event, name) and self.first_ns is None:
            self.first_ns = at_ns

    def _give_up(self, reason: str) -> None:
        self._broken = True
        self._looked = True
        self._kept = []
        self.notes.append(f"The answer’s body could not be read: {reason}.")


class Reading:
    """The body of a running attempt, remembered between looks so that each piece is read once."""

    def __init__(self, attempt: Attempt, dialect: Dialect) -> None:
        self.attempt = attempt
        self._dialect = dialect
        self._body: Body | None = None
        self._read = 0
        self._finished = False
        self._lock = threading.Lock()

    def body(self) -> Body | None:
        """Read what has arrived since the last look; None before the response head."""
        with self._lock:
            return self._advance()

    def _advance(self) -> Body | None:
        attempt = self.attempt
        # Read first: pieces that come after this are of the next look.
        ended = attempt.end_ns is not None
        if self._body is None:
            if attempt.headers_ns is None and attempt.status_code is None and not attempt.pieces:
                return None
            headers = attempt.response_headers
            self._body = Body(
                self._dialect,
                content_type=headers.get("content-type", ""),
                content_encoding=None if attempt.decoded else headers.get("content-encoding"),
            )
        times = attempt.piece_ns
        count = len(attempt.pieces) if ended else min(len(attempt.pieces), len(times))
        for i in range(self._read, count):
            self._body.feed(attempt.pieces[i], times[i] if i < len(times) else attempt.end_ns)
        if ended and (count > self._read or not self._finished):
            # A body that was given up and is read on ends more than once.
            self._finished = True
            self._body.finish(times[-1] if times else attempt.end_ns)
        self._read = count
        return self._body

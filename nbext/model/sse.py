"""Server-sent events, as the model APIs stream them and as broken gateways do.

The format is the WHATWG's, https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

_BOM = b"\xef\xbb\xbf"
Event = tuple[str | None, list[bytes]]


class EventReader:
    """Takes bytes as they arrive, gives the events that are complete.

    An event is its name, None if it has none, and its ``data`` lines. Lines may end in LF, CRLF
    or CR. A line that is JSON without a field name is taken as an event of its own, since some
    gateways stream JSON lines under the same content type.

    Attributes
    ----------
    bare : int
        Lines of JSON without ``data:``.
    odd : int
        Lines that are nothing known.
    """

    def __init__(self) -> None:
        self.bare = 0
        self.odd = 0
        self._tail: list[bytes] = []
        self._data: list[bytes] = []
        self._name: str | None = None
        self._started = False
        self._after_cr = False

    def feed(self, piece: bytes) -> list[Event]:
        """Take the next bytes and give the events they complete."""
        if self._after_cr and piece:
            # CRLF cut between two pieces is one line end, not two.
            self._after_cr = False
            if piece[:1] == b"\n":
                piece = piece[1:]
        cut = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
        if not cut:
            if piece:
                self._tail.append(piece)
            return []
        self._after_cr = piece[cut - 1 : cut] == b"\r" and cut == len(piece)
        head = piece[:cut]
        if self._tail:
            head = b"".join(self._tail) + head
        self._tail = [piece[cut:]] if cut < len(piece) else []
        if not self._started:
            self._started = True
            head = head.removeprefix(_BOM)
        return self._lines(head.splitlines())

    def flush(self) -> list[Event]:
        """Give what is left at the end of the body: the last event may lack its blank line."""
        lines = b"".join(self._tail)
        self._tail = []
        events = self._lines([lines] if lines else [])
        if self._data:
            events.append((self._name, self._data))
            self._data, self._name = [], None
        return events

    def _lines(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if not line:
                if self._data:
                    events.append((self._name, self._data))
                    self._data = []
                self._name = None
            elif line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif line.startswith(b"event:"):
                self._name = line[6:].strip().decode("utf-8", "replace") or None
            elif line[:1] in (b"{", b"["):
                self.bare += 1
                events.append((self._name, [line]))
            elif not line.startswith((b":", b"id:", b"retry:", b"data", b"event")) and line.strip():
                self.odd += 1
        return events

"""One HTTP request and its answer, as recorded: raw bytes and clock reads, nothing parsed."""

from __future__ import annotations

from typing import Literal

Outcome = Literal["complete", "closed", "abandoned", "cancelled", "error"]


class Attempt:
    """One HTTP request and its answer.

    Filled in by `nbext.capture` while the user's code runs, so it holds no derived value. All
    times are nanoseconds since the epoch, read from a monotonic clock anchored once.

    Attributes
    ----------
    call_id, trace_id : str
        16 and 32 hex digits. Attempts of one call (retries) share both.
    parent_span_id : str or None
        The application span the call was made in.
    number : int
        0 for the first attempt of a call.
    library : str
        ``httpx``, ``httpx2`` or ``requests``.
    method, url : str
        The URL has no user info and no query values.
    request_headers, response_headers : dict of str to str
        The allow-listed headers only, names in lower case.
    request_body : bytes
        As sent.
    pieces, piece_ns : list
        The answer's body as it arrived, with the arrival time of each piece.
    decoded : bool
        True when the pieces came to us with the content-encoding already undone.
    streamed : bool
        The SDK asked for the answer as a stream of the HTTP client.
    headers_ns, end_ns : int or None
        When the response head arrived; when the record was finished.
    status_code : int or None
    error : BaseException type name and message, or None
        What `send` or the body raised.
    outcome : str or None
        None while running. ``complete``: the body was read to its end. ``closed``: closed before
        that. ``abandoned``: garbage collected. ``cancelled``: a task was cancelled or the user
        interrupted. ``error``: the HTTP library raised.
    retry_count : int or None
        From ``x-stainless-retry-count``.
    thread, task : str or None
        Names, to tell concurrent calls apart.
    inner_retries : list of (int or None, str)
        Status and error of retries made below `send` (urllib3), oldest first.
    capture_id, capture_name, capture_start_ns, cell
        Whose call it is, for who reads it without its capture.
    """

    __slots__ = (
        "call_id",
        "capture_id",
        "capture_name",
        "capture_start_ns",
        "cell",
        "decoded",
        "end_ns",
        "error",
        "headers_ns",
        "inner_retries",
        "library",
        "method",
        "number",
        "outcome",
        "parent_span_id",
        "piece_ns",
        "pieces",
        "request_body",
        "request_headers",
        "response_headers",
        "retry_count",
        "start_ns",
        "status_code",
        "streamed",
        "task",
        "thread",
        "trace_id",
        "url",
    )

    call_id: str
    trace_id: str
    parent_span_id: str | None
    capture_id: str
    capture_name: str | None
    capture_start_ns: int | None
    cell: int | None
    number: int
    library: str
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: bytes
    response_headers: dict[str, str]
    pieces: list[bytes]
    piece_ns: list[int]
    decoded: bool
    streamed: bool
    start_ns: int
    headers_ns: int | None
    end_ns: int | None
    status_code: int | None
    error: tuple[str, str] | None
    outcome: Outcome | None
    retry_count: int | None
    thread: str | None
    task: str | None
    inner_retries: list[tuple[int | None, str]]

    def __init__(self, *, call_id: str, trace_id: str, method: str, url: str, start_ns: int) -> None:
        self.call_id = call_id
        self.trace_id = trace_id
        self.parent_span_id = None
        self.capture_id = ""
        self.capture_name = None
        self.capture_start_ns = None
        self.cell = None
        self.number = 0
        self.library = ""
        self.method = method
        self.url = url
        self.request_headers = {}
        self.request_body = b""
        self.response_headers = {}
        self.pieces = []
        self.piece_ns = []
        self.decoded = False
        self.streamed = False
        self.start_ns = start_ns
        self.headers_ns = None
        self.end_ns = None
        self.status_code = None
        self.error = None
        self.outcome = None
        self.retry_count = None
        self.thread = None
        self.task = None
        self.inner_retries = []

    def __repr__(self) -> str:
        state = self.status_code or (self.error[0] if self.error else self.outcome or "running")
        return f"<Attempt {self.number} of {self.call_id}: {self.method} {self.url} → {state}>"

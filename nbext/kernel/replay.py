"""``call.replay()``: a call sent again through the client that sent it, as a trace of its own."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from ..capture import resend
from ..capture.clock import now_ns
from ..model.rewrite import changed
from ..results.captured import Capture
from .sent import body_of, check_loop, client_of, label_of
from .session import new_capture_id, session

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from ..capture.senders import Sender
    from ..model.call import Call
    from .run import Run


class Replay(Capture):
    """A capture that sends one call again; `calls` holds the new one.

    With an asynchronous client it is under way when it is handed out: ``await`` it, or look at it
    as it fills.

    Attributes
    ----------
    original : Call
        The call that is sent again; it stays as it was.
    error : BaseException or None
        What the client raised; the new call says it, too.
    """

    def __init__(self, original: Call, label: str) -> None:
        super().__init__(id=new_capture_id(), start_ns=now_ns(), name=f"replay of {label}")
        self.original = original
        self.original_label = label
        self.error: BaseException | None = None
        self._over = threading.Event()
        self._stopped = threading.Event()
        self._task: asyncio.Task[None] | None = None
        self._shown_in: object = None
        self._drop: Callable[[], None] | None = None

    def __await__(self) -> Generator[Any, None, Replay]:
        if self._task is not None and self._task.get_loop() is asyncio.get_running_loop():
            yield from asyncio.shield(self._task).__await__()
        return self

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the answer is whole; False when that takes longer."""
        return self._over.wait(seconds)

    def stop(self) -> None:
        """Drop an answer that is still awaited or streaming; what has arrived is kept."""
        if self._over.is_set():
            return
        self._stopped.set()
        task = self._task
        if task is not None:
            if not task.done():
                task.get_loop().call_soon_threadsafe(task.cancel)
        elif self._drop is not None:
            self._drop()

    def _ipython_display_(self) -> None:
        from ..results.views import execution

        # Its view is in this output already: the answer streamed into it.
        if self._shown_in is None or self._shown_in != execution():
            self.show()

    def end(self, error: BaseException | None) -> None:
        """Say that nothing more will come."""
        self.error = error
        self._over.set()


def replay(
    call: Call,
    *,
    model: str | None = None,
    messages: Any = None,
    client: Any = None,
    params: dict[str, Any] | None = None,
) -> Replay:
    """Send a call again; see `Call.replay`."""
    from ..results.views import execution
    from .block import _in_notebook

    job = _Job(call, model=model, messages=messages, client=client, params=params or {})
    job.display = _in_notebook()
    if job.display:
        job.replay._shown_in = execution()
    if not job.is_async:
        # In a context of its own, so that the user's does not go on naming this capture.
        contextvars.copy_context().run(job.go)
        return job.replay
    loop = _running_loop()
    own = None if job.sender is None else job.sender.loop
    if loop is not None:
        if own is not None and own is not loop and own.is_running():
            job.start_in(own)
        else:
            job.replay._task = loop.create_task(job.go_async())
    elif own is not None and own.is_running():
        job.start_in(own)
        job.replay.wait()
    else:
        _run(job.go_async(), own)
    return job.replay


def replay_from_view(
    capture: Capture, call: Call, ask: dict[str, Any]
) -> tuple[Replay, Future[dict[str, str]]]:
    """Send a call again as the page asks, and come back at once.

    Parameters
    ----------
    capture : Capture
        Whose view asks.
    call : Call
    ask : dict
        A `ReplayAsk` of `renderers/src/wire/assessment.ts`.

    Returns
    -------
    Replay
    Future
        The `ReplayAnswer`, once the request is on its way.
    """
    job = _Job(
        call,
        model=ask.get("model"),
        messages=ask.get("messages"),
        client=None,
        params=ask.get("params") or {},
    )
    if capture not in job.into:
        job.into.append(capture)
    loop = job.sender.loop if job.is_async and job.sender is not None else None
    if loop is not None and loop.is_running():
        job.start_in(loop)
    else:
        run = job.go if not job.is_async else lambda: asyncio.run(job.go_async())
        threading.Thread(target=run, name="nbext-replay", daemon=True).start()
    return job.replay, job.begun


class _Job:
    """What is to be sent, through which client, into which capture."""

    def __init__(
        self, call: Call, *, model: str | None, messages: Any, client: Any, params: dict[str, Any]
    ) -> None:
        source = next((known for known in session.known if known.id == call.capture_id), None)
        sender: Sender | None = None if source is None else source.senders.get(call.call_id)
        self.sender = sender if client is None else None
        self.client = client_of(sender, client)
        self.is_async = resend.is_async(self.client)
        if self.is_async and self.sender is not None:
            check_loop(self.sender)
        self.display = False
        self.begun: Future[dict[str, str]] = Future()
        url, body = changed(
            call.url if self.sender is None else self.sender.url,
            body_of(call, source),
            model=model,
            messages=messages,
            params=params,
        )
        self.outgoing = resend.Outgoing(url, call.api, body)
        if self.sender is not None:
            self.outgoing.head, self.outgoing.timeout = self.sender.head, self.sender.timeout
        self.replay = Replay(call, label_of(call, source))
        self.source = source
        # Whose views show it beside the call.
        self.into: list[Capture] = [] if source is None else [source]

    def go(self) -> None:
        """Send and read, here."""
        run = self._open()
        self.replay._drop = partial(self._let_go, run)
        error: BaseException | None = None
        try:
            resend.send(self.client, self.outgoing, self.replay._stopped)
        except Exception as raised:  # the new call says what went wrong
            error = raised
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._close(run, error)
        self._check(error)

    async def go_async(self) -> None:
        """Send and read, in the client's loop."""
        run = self._open()
        error: BaseException | None = None
        try:
            await resend.send_async(self.client, self.outgoing)
        except asyncio.CancelledError as raised:
            error = raised
            if not self.replay._stopped.is_set():
                raise
        except Exception as raised:  # the new call says what went wrong
            error = raised
        finally:
            self._close(run, error, wait=False)
        self._check(error)

    def start_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send in a loop that runs elsewhere, or further up in this thread."""

        def begin() -> None:
            self.replay._task = loop.create_task(self.go_async())

        # In a context of its own: the loop's may belong to the cell that is running.
        loop.call_soon_threadsafe(begin, context=contextvars.Context())

    def _open(self) -> Run:
        run = session.open(replay=self.replay, display=self.display)
        begin = run.recording.on_start

        def begun() -> None:
            if begin is not None:
                begin()
            call_id = self.replay.call_ids[0]
            if not self.begun.done():
                trace_id = self.replay.attempts_of(call_id)[0].trace_id
                self.begun.set_result({"span": call_id, "trace": trace_id})

        run.recording.on_start = begun
        for capture in self.into:
            capture.replays.append(self.replay)
            _feed(capture, self.replay)
        return run

    def _close(self, run: Run, error: BaseException | None, *, wait: bool = True) -> None:
        run.close(error, wait=wait)
        if not self.begun.done():
            self.begun.set_exception(error or RuntimeError("the client sent nothing"))
        self.replay.end(error)

    def _let_go(self, run: Run) -> None:
        """End a replay whose thread waits for a server that says nothing, and may wait for long."""
        run.recording.abandon()
        if not self.outgoing.cut():
            self._close(run, None, wait=False)

    def _check(self, error: BaseException | None) -> None:
        """Pass on what kept the request from being sent at all: no call tells of it."""
        if error is not None and not len(self.replay):
            raise error


def _feed(capture: Capture, again: Replay) -> None:
    from ..display.hosts import host

    if host().esm is not None:
        from ..display.replays import feed

        feed(capture, again)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _run(coroutine: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop | None) -> None:
    if loop is not None and not loop.is_closed():
        loop.run_until_complete(coroutine)
    else:
        asyncio.run(coroutine)

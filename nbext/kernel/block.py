"""``with nbext.trace():``, for a part of a cell and for plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .session import session

if TYPE_CHECKING:
    from types import TracebackType

    from ..results.captured import Capture
    from .run import Run


def trace(
    name: str | None = None,
    *,
    tags: Mapping[str, str] | None = None,
    request_id: bool = False,
    display: bool | None = None,
    live: bool | None = None,
    to: str | None = None,
    experiment: str | None = None,
) -> Block:
    """Trace the model calls of a block; use it with ``with`` or ``async with``.

    Blocks nest: a call belongs to the innermost one. What the block raises is passed on.

    Parameters
    ----------
    name : str, optional
        Shown in the view and kept in the journal.
    tags : mapping of str to str, optional
        Sent along with every call to a Databricks gateway (this changes the requests).
    request_id : bool
        Send a ``client_request_id`` of our own along, to the same (this changes the requests).
    display : bool, optional
        Show the trace. By default in notebooks only; ``True`` elsewhere prints the text tree.
    live : bool, optional
        Draw the view while the block runs; as the option ``live`` says if left out.
    to : str, optional
        Tracking URI of MLflow where the traces are to be stored, ``mlflow`` for where that points
        at, ``off`` for nowhere; as the option ``to`` says if left out. Storing happens in the
        background, and nothing is lost while the store is away; see `nbext.push`.
    experiment : str, optional
        Name or path of the experiment there.

    Returns
    -------
    Block
        Gives a `Capture` to ``as``.

    Raises
    ------
    TypeError
        A name, tags or place that are no text, or a switch that is neither True nor False.
    ValueError
        `to` is no tracking URI.

    Examples
    --------
    >>> with trace("nothing yet") as capture:
    ...     pass
    >>> len(capture)
    0
    """
    for option, text in {"name": name, "to": to, "experiment": experiment}.items():
        if text is not None and not isinstance(text, str):
            raise TypeError(f"{option}: expected text, got {text!r}")
    for option, switch in {"display": display, "live": live}.items():
        if switch is not None and not isinstance(switch, bool):
            raise TypeError(f"{option}: expected True, False or None, got {switch!r}")
    if not isinstance(request_id, bool):
        raise TypeError(f"request_id: expected True or False, got {request_id!r}")
    if tags is not None and not (
        isinstance(tags, Mapping) and all(isinstance(text, str) for pair in tags.items() for text in pair)
    ):
        raise TypeError(f"tags: expected a dict of text to text, got {tags!r}")
    if to is not None:
        from ..sinks.mlflow.target import check

        check(to)
    return Block(name, dict(tags or {}), request_id, display, live, to=to, experiment=experiment)


class Block:
    """The context manager `trace` gives; every time it is entered a new capture begins."""

    def __init__(
        self,
        name: str | None,
        tags: dict[str, str],
        request_id: bool,
        display: bool | None,
        live: bool | None,
        *,
        to: str | None = None,
        experiment: str | None = None,
    ) -> None:
        self.name = name
        self.tags = tags
        self.request_id = request_id
        self.display = display
        self.live = live
        self.to = to
        self.experiment = experiment
        self._runs: list[Run] = []

    def __enter__(self) -> Capture:
        run = session.open(
            name=self.name,
            cell=_cell(),
            tags=self.tags,
            request_id=self.request_id,
            display=_in_notebook() if self.display is None else self.display,
            live=self.live,
            to=self.to,
            experiment=self.experiment,
        )
        self._runs.append(run)
        return run.capture

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._runs.pop().close(error)

    # In a coroutine nothing may wait on the disk: the loop has other tasks.

    async def __aenter__(self) -> Capture:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._runs.pop().close(error, wait=False)


def _in_notebook() -> bool:
    from ..display.hosts import host

    return host().name not in ("terminal", "python")


def _cell() -> int | None:
    """Give the execution count of the cell being run, if there is one."""
    import sys

    # Without IPython imported there is no cell; importing it would cost half a second for nothing.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return None
    running = getattr(shell.displayhook, "exec_result", None)
    return getattr(running, "execution_count", None)

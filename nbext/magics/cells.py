"""Ties captures to the cells of a shell: what a cell opened is closed when the cell ends, however it ends."""

from __future__ import annotations

import hashlib
import sys
import threading
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from ..kernel.session import session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..kernel.run import Run


class Cell:
    """A cell being run, and its capture if it is traced."""

    def __init__(self, info: Any) -> None:
        self.info = info
        self.run: Run | None = None
        self.asked = False
        self.judges: list[Any] = []

    def close(self, error: BaseException | None = None) -> None:
        """End the capture of the cell."""
        run, self.run = self.run, None
        if run is not None:
            run.close(error)
            if self.judges and error is None:
                judge(run.capture, self.judges)


def judge(capture: Any, judges: list[Any]) -> None:
    """Judge what a cell got; what goes wrong is one line under it, and the trace stays."""
    from ..evaluation import evaluate

    if not len(capture):
        return
    try:
        evaluate(capture, scorers=judges)
    except Exception as error:
        text = str(error).partition("\n")[0] or type(error).__name__
        print(f"--judge: {text}", file=sys.stderr)


def keys_of(info: Any) -> frozenset[str]:
    """Give what tells another execution of a cell: its id, where the front end sends it, and its code."""
    first, _, rest = str(info.raw_cell or "").strip().partition("\n")
    # Other options of the magic do not make it another cell.
    code = rest if first.startswith("%%gateway_trace") else f"{first}\n{rest}"
    keys = {f"code {hashlib.sha256(code.strip().encode()).hexdigest()[:16]}"} if code.strip() else set()
    cell_id = getattr(info, "cell_id", None)
    return frozenset(keys | ({f"cell {cell_id}"} if cell_id else set()))


class Cells:
    """The cells being run, innermost last: a cell can run another (``%run``, ``run_cell``).

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.always = False
        self._ahead = 1
        self._running_number()
        # Subshells run cells on threads of their own, at the same time.
        self._local = threading.local()

    @property
    def _stack(self) -> list[Cell]:
        stack: list[Cell] = self._local.__dict__.setdefault("stack", [])
        return stack

    # ── events of the shell ───────────────────────────────────────────────

    def pre_run_cell(self, info: Any) -> None:
        """Open the capture of a cell when every cell is traced."""
        cell = Cell(info)
        self._stack.append(cell)
        if self.always:
            self._open_quietly(cell)

    def post_run_cell(self, result: Any) -> None:
        """Close what the cell opened. No result: an interrupt came between the cells' own handlers."""
        stack = self._stack
        info = getattr(result, "info", None)
        at = next(
            (i for i, cell in enumerate(stack) if cell.info is info),
            len(stack) - 1 if result is None else None,
        )
        if at is not None:
            while len(stack) > at >= 0:
                stack.pop().close(getattr(result, "error_in_exec", None))

    def post_execute(self) -> None:
        """Close what a silent cell opened: the shell tells of its end in no other way."""
        stack = self._stack
        if stack and stack[-1].info.silent:
            stack.pop().close()

    # ── commands ──────────────────────────────────────────────────────────

    def trace(
        self,
        *,
        name: str | None,
        tags: Mapping[str, str],
        request_id: bool,
        live: bool | None,
        quiet: bool,
        to: str | None = None,
        experiment: str | None = None,
        judges: Sequence[str] = (),
    ) -> None:
        """Trace the rest of the cell being run.

        Raises
        ------
        UsageError
            No cell is being run.
        """
        cell = self._current()
        if cell is None:
            raise UsageError(
                "%%gateway_trace goes at the top of a cell; in plain code use `with nbext.trace():`"
            )
        if cell.asked:
            # Once per turn of a %%timeit; it is one cell all the same.
            return
        cell.close()
        cell.asked = True
        # A name the user has given a value stands for that, any other for MLflow's own scorer.
        cell.judges = [self.shell.user_ns.get(name, name) for name in judges]
        cell.run = session.open(
            name=name,
            cell=self._number(cell),
            tags=tags,
            request_id=request_id,
            display=not (quiet or cell.info.silent),
            live=live,
            keys=keys_of(cell.info),
            to=to,
            experiment=experiment,
        )

    def switch(self, on: bool) -> None:
        """Trace every cell, or none, from here on."""
        self.always = on
        cell = self._current()
        if cell is None or cell.asked:
            return
        if not on:
            cell.close()
        elif cell.run is None:
            self._open_quietly(cell)

    def close(self) -> None:
        """End all captures that are open."""
        self.always = False
        while self._stack:
            self._stack.pop().close()

    def _open_quietly(self, cell: Cell) -> None:
        """Open a capture that nobody sees unless the cell makes a call."""
        cell.run = session.open(
            cell=self._number(cell), display=not cell.info.silent, early=False, keys=keys_of(cell.info)
        )

    def _current(self) -> Cell | None:
        if not self._stack:
            # Loaded by the cell that is running: it began before we could see it begin.
            running = getattr(self.shell.displayhook, "exec_result", None)
            if running is None:
                return None
            self._stack.append(Cell(running.info))
        return self._stack[-1]

    def _number(self, cell: Cell) -> int:
        running = self._running_number()
        if running is not None:
            return running
        count: int = self.shell.execution_count
        return count - self._ahead if cell.info.store_history else count

    def _running_number(self) -> int | None:
        """Give the number of the cell being run; None before its code runs."""
        running = getattr(self.shell.displayhook, "exec_result", None)
        number: int | None = getattr(running, "execution_count", None)
        if running is not None and number is not None and running.info.store_history:
            # Older IPython counts on when a cell ends, newer when it begins.
            self._ahead = self.shell.execution_count - number
        return number

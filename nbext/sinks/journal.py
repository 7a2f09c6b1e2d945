"""The journal: the embedded store, one file of JSON lines per kernel beside the notebook.

A finished call takes two steps. `Journal.record` puts the raw bytes of each attempt where they
outlive this process, in some microseconds, before the user's code goes on; `Journal.append` writes
the line once the call has been read and its secrets taken out, and the raw bytes go. A kernel
killed in between has lost nothing: `nbext.sources.journal.read` makes the lines of what was left.
"""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.journal_rows import call_row, row_line, span_row
from .spool import Spool

if TYPE_CHECKING:
    from ..model.attempt import Attempt
    from ..model.call import Call
    from ..model.capture import Capture
    from ..model.span import Span

FOLDER = ".nbext"


class JournalWarning(UserWarning):
    """The journal cannot be written; tracing goes on in memory."""


class Journal:
    """An append-only file of finished calls and spans. All methods may be called from any thread.

    Nothing is created before the first line. When writing fails there is one `JournalWarning`, and
    no further try: what was captured is still in memory.

    Parameters
    ----------
    folder : str or Path
        The ``.nbext`` folder, or the folder to make one in.
    """

    def __init__(self, folder: str | Path) -> None:
        folder = Path(folder).expanduser().absolute()
        self.folder = folder if folder.name == FOLDER else folder / FOLDER
        self.path = self.folder / f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}-{os.urandom(2).hex()}.jsonl"
        self.problem: str | None = None
        self.lines = 0
        self._lock = threading.RLock()
        self._file: int | None = None
        self._spool = Spool(self.path)

    def prepare(self, attempt: Attempt) -> None:
        """Do what can be done for `record` while the answer is on its way."""
        if self.problem is None:
            self._spool.prepare(attempt)

    def record(self, attempt: Attempt) -> None:
        """Make an attempt that has ended outlive this process; its call is still to be appended."""
        if self.problem is not None:
            return
        if self._file is None:
            # The frames are found by way of the journal: it has to be there, if only empty.
            try:
                with self._lock:
                    self._file = self._file if self._file is not None else self._open()
            except OSError as error:
                self._give_up(error)
                return
        self._spool.put(attempt)

    def append(self, call: Call, capture: Capture | None = None) -> None:
        """Write the line of a finished call.

        Parameters
        ----------
        call : Call
            Its secrets already taken out, as `nbext.model.assemble` does.
        capture : Capture, optional
            Whose name and start are kept with it.
        """
        self._write(call_row(call, capture))
        self._spool.settle(call.call_id)

    def append_span(self, span: Span, capture: Capture | None = None) -> None:
        """Write the line of a finished application span."""
        self._write(span_row(span, capture))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None
            self._spool.close()

    def _write(self, row: dict[str, Any]) -> None:
        if self.problem is not None:
            return
        line = row_line(row)
        try:
            with self._lock:
                self._write_line(line)
                self.lines += 1
        except OSError as error:
            self._give_up(error)

    def _write_line(self, line: bytes) -> None:
        if self._file is None:
            self._file = self._open()
        size = os.fstat(self._file).st_size
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            # A full disk takes half a line, which would spoil the next one.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, size)
            raise

    def _open(self) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)

    def _give_up(self, error: OSError) -> None:
        with self._lock:
            if self.problem is not None:
                return
            self.problem = f"{error.strerror or error} ({self.path})"
        self._spool.close()
        message = (
            f"nbext cannot write its journal {self.path}: {error.strerror or error}. "
            "Tracing goes on in memory; export what you need, "
            "or set journal_folder to a folder that can be written."
        )
        try:
            warnings.warn(message, JournalWarning, stacklevel=2)
        except JournalWarning:
            # Warnings turned into errors must not reach the user's call.
            return

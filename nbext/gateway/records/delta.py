"""Appending delivered rows to local Delta tables."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any

from .schemas import schemas

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Row = dict[str, Any]
Batch = dict[str, list[Row]]

_EVERY_S = 1.0
# This one is a list of what there is, not a log.
_REPLACED = frozenset({"served_entities"})


class DeltaWriter:
    """Writes rows as they are delivered, at most one commit per table and second.

    Parameters
    ----------
    paths : dict
        Table name to the folder of its Delta table.
    take : callable
        Hands over the delivered rows that are not written yet, by table.
    give_back : callable
        Takes back rows that could not be written.

    Raises
    ------
    ImportError
        If deltalake or pyarrow is missing.
    """

    def __init__(
        self, paths: dict[str, Path], take: Callable[[], Batch], give_back: Callable[[Batch], None]
    ) -> None:
        try:
            # deltalake would import the first on its first write, too late when the interpreter is ending.
            import concurrent.futures.thread  # noqa: F401

            import deltalake
            import pyarrow as pa
        except ImportError as missing:
            raise ImportError(
                f'writing Delta tables needs {missing.name}: pip install "nbext[tables]"', name=missing.name
            ) from missing
        self._pa, self._deltalake = pa, deltalake
        self._paths, self._take, self._give_back = paths, take, give_back
        self._schemas = schemas()
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._warned = False
        self._thread = threading.Thread(target=self._run, name="nbext-gateway-tables", daemon=True)
        self._thread.start()

    def _write(self, name: str, rows: list[Row]) -> None:
        table = self._pa.Table.from_pylist(rows, schema=self._schemas[name])
        path = self._paths[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        self._deltalake.write_deltalake(str(path), table, mode="overwrite" if name in _REPLACED else "append")

    def flush(self) -> None:
        """Write what has been delivered.

        Raises
        ------
        OSError
            If a table cannot be written; the rows are kept for the next try.
        """
        with self._writing:
            batch = self._take()
            for name in list(batch):
                try:
                    self._write(name, batch[name])
                except Exception as problem:
                    self._give_back(batch)
                    raise OSError(f"could not write {self._paths[name]}: {problem}") from problem
                del batch[name]

    def close(self) -> None:
        """Stop, after writing what has been delivered."""
        self._stop.set()
        self._thread.join(10)
        self.flush()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            self._try_flush()

    def _try_flush(self) -> None:
        try:
            self.flush()
        except OSError as problem:
            if not self._warned:
                self._warned = True
                warnings.warn(f"{problem}; will try again every second", RuntimeWarning, stacklevel=2)

"""What is handed to a join: calls, and a table that may not be there yet."""

from __future__ import annotations

import contextlib
import hashlib
import math
import time
from typing import TYPE_CHECKING, Any

from ..engines import EngineError, NoTableError
from ..sources.inference_table.flavour import TableError
from ..sources.inference_table.times import span_of
from .captured import Capture
from .progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engines import Relation
    from .inference import InferenceTable

# Between looks: soon at first, for a row may come in seconds, then as rarely as the tables are written.
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 15.0


def pauses(end: float) -> Iterator[float]:
    """Give how long to wait before each further look, until `end` on the clock of `time.monotonic`."""
    pause = _FIRST_WAIT_S
    while (left := end - time.monotonic()) > 0:
        yield min(pause, left)
        pause = min(pause * 1.5, _LONGEST_WAIT_S)


def capture_of(given: Any) -> Capture:
    """Give what was handed to a join as one capture."""
    from ..frames.gather import calls_of
    from ..model.capture import Capture as ModelCapture

    if isinstance(given, ModelCapture):
        return Capture.of(given)
    if isinstance(given, (list, tuple)) and len(given) == 1 and isinstance(given[0], ModelCapture):
        return Capture.of(given[0])
    calls = calls_of(given)
    key = hashlib.md5("".join(call.call_id for call in calls).encode(), usedforsecurity=False)
    return Capture.of(Capture.of_calls(calls, id=key.hexdigest()[:16]))


def each_table(given: Any) -> list[Any]:
    """Give the tables that were handed over, one or several.

    Raises
    ------
    TableError
        There is none.
    """
    # Rows are no tables: who hands over those is told how to make a frame of them.
    if not isinstance(given, (list, tuple)) or (given and isinstance(given[0], dict)):
        return [given]
    if not given:
        raise TableError("join: expected a table or several, got an empty list")
    return list(given)


def seconds_of(wait: Any) -> float:
    """Read how long to look again: a span of time, or seconds; None is not at all.

    Raises
    ------
    TableError
        It is neither.
    """
    if wait is None:
        return 0.0
    if isinstance(wait, (int, float)) and not isinstance(wait, bool) and 0 <= wait < math.inf:
        return float(wait)
    try:
        return span_of(wait).total_seconds()
    except TableError as error:
        if isinstance(wait, str):
            raise
        raise TableError(
            f"wait={wait!r} is no span of time: expected '10m', a timedelta or seconds"
        ) from error


def awaited(given: Any, end: float) -> InferenceTable:
    """Give a table; one at a path is there only when its first row is written.

    Parameters
    ----------
    given : InferenceTable, str, Path or frame
    end : float
        Until when to look again, on the clock of `time.monotonic`.

    Raises
    ------
    EngineError
        It cannot be read, or still is not there.
    """
    progress = None
    try:
        for pause in pauses(end):
            try:
                return _table_of(given)
            except NoTableError:  # noqa: PERF203  # each look is one
                progress = progress or progress_bar(f"Waiting for a table at {given}")
                if progress is not None:
                    progress(0, None)
                time.sleep(pause)
        return _table_of(given)
    finally:
        if progress is not None:
            progress(0, 0)


def _table_of(given: Any) -> InferenceTable:
    from .inference import InferenceTable, inference_table

    table = given if isinstance(given, InferenceTable) else inference_table(given)
    if table.usage is None and table.engine.name != "DuckDB":
        # In a workspace the usage tables have fixed names; who may not read them is told so.
        with contextlib.suppress(EngineError, TableError):
            table = table.with_usage()
    return table


def trace_table(table: InferenceTable, given: Any) -> Relation:
    """Give the gateway's unified trace table.

    Raises
    ------
    TableError
        It has not the columns by which a trace tells its request.
    """
    relation = table.engine.relation(given)
    here = {column.lower() for column in relation.columns}
    lacking = [name for name in ("trace_id", "attributes") if name not in here]
    if lacking:
        raise TableError(
            f"traces: {relation.name} is no unified trace table: it has no column {lacking[0]}; "
            f"it has {', '.join(list(relation.columns)[:8]) or 'no columns'}"
        )
    return relation

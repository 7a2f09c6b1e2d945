"""A Delta table of your own calls in the shape of a route-A inference table, read with the same verbs.

Columns and their order are those of a Databricks AI Gateway inference table (serving endpoints);
what only the gateway knows is NULL. Some columns of the client follow, among them how the call
ended: no column of the gateway tells a connection that failed or an answer that was broken off.
Format: https://github.com/delta-io/delta/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import os
import re
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.journal_rows import call_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

    from ..model.call import Call
    from ..model.capture import Capture

_SERVING = (
    "databricks_request_id", "request_date", "client_request_id", "request_time", "status_code",
    "sampling_fraction", "execution_duration_ms", "request", "response", "logging_error_codes",
    "served_entity_id", "requester",
)  # fmt: skip
_CLIENT = (
    "trace_id", "call_id", "parent_span_id", "capture_id", "capture_name", "endpoint", "api", "url",
    "status", "error_type", "error_message",
)  # fmt: skip
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_CATALOG_NAME = re.compile(r"`?[^\W\d]\w*`?\.`?[^\W\d]\w*`?\.`?\w+`?")
# Columns of a table of others that an error names.
_SHOWN = 8
# Two appends to one table at a time would only make one of them begin anew.
_writing = threading.Lock()


class DeltaError(RuntimeError):
    """The table cannot be written; the message is one line with the way out."""


def to_delta(captures: Iterable[Capture], path: str | Path, *, only: Iterable[str] | None = None) -> Path:
    """Append the finished calls of captures to a Delta table, made if it is not there.

    A call keeps the request id the gateway gave it, else its own id: appended twice, it is still
    read once. A stream that went on after it had been appended takes the place of what it was.

    Parameters
    ----------
    captures : iterable of Capture
    path : str or Path
        Folder of the table.
    only : iterable of str, optional
        Ids of the calls to append. Default: all that have ended.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ImportError
        deltalake or pyarrow is missing.
    DeltaError
        The folder holds something else, or cannot be written.
    """
    folder = folder_of(path)
    wanted = None if only is None else set(only)
    rows = [
        _row(call, capture)
        for capture in captures
        for call in capture.calls
        if call.status != "running" and (wanted is None or call.call_id in wanted)
    ]
    deltalake, pyarrow = _packages()
    if folder.is_file() or (
        folder.is_dir() and any(folder.iterdir()) and not (folder / "_delta_log").is_dir()
    ):
        raise DeltaError(
            f"{folder} is there and is no Delta table; give a new folder or a table to append to"
        )
    table = pyarrow.Table.from_pylist(rows, schema=_schema())
    try:
        with _writing:
            folder.parent.mkdir(parents=True, exist_ok=True)
            mode = None
            if _is_ours(deltalake, folder):
                mode = "merge"
                _drop_unfinished(deltalake, folder, rows)
            deltalake.write_deltalake(str(folder), table, mode="append", schema_mode=mode)
    except Exception as error:
        others = _other_columns(deltalake, folder, table.column_names)
        if others is not None:
            raise DeltaError(
                f"{folder} is a Delta table of other columns ({others}); give a new folder, or a table "
                "that to_delta made"
            ) from error
        reason = " ".join(str(error).split())[:300]
        raise DeltaError(f"could not append {len(rows)} calls to {folder}: {reason}") from error
    return folder


def _drop_unfinished(deltalake: Any, folder: Path, rows: list[dict[str, Any]]) -> None:
    """Take out what these calls were when their streams lay open and nobody read them."""
    import pyarrow.dataset as ds

    again = {row["call_id"]: row["request_time"] for row in rows if row["status"] != "interrupted"}
    table = deltalake.DeltaTable(str(folder))
    if not again or not _knows_status(table):
        return
    first, last = min(again.values()), max(again.values())
    here = (
        (ds.field("request_time") >= first)
        & (ds.field("request_time") <= last)
        & (ds.field("status") == "interrupted")
        & ds.field("call_id").isin(list(again))
    )
    found = table.to_pyarrow_dataset().to_table(columns=["call_id"], filter=here)
    ids = ", ".join("'" + str(call_id).replace("'", "''") + "'" for call_id in found["call_id"].to_pylist())
    if ids:
        table.delete(f"status = 'interrupted' AND call_id IN ({ids})")


def _knows_status(table: Any) -> bool:
    return any(field.name == "status" for field in table.schema().fields)


def folder_of(path: str | Path) -> Path:
    """Give the folder that is meant.

    Raises
    ------
    DeltaError
        It is the name of a table in a catalog, or a place on the network: no folder of this machine.
    """
    if not isinstance(path, (str, os.PathLike)) or not str(path).strip():
        raise DeltaError(f"to_delta({path!r}): expected the folder of a Delta table")
    given = os.fspath(path)
    if not isinstance(path, os.PathLike) and _CATALOG_NAME.fullmatch(given) and not Path(given).exists():
        raise DeltaError(
            f"{given} looks like a table of a catalog, which to_delta cannot write: give a folder such as "
            f"'./{given}', and on Databricks one below /Volumes"
        )
    if _SCHEME.match(given):
        raise DeltaError(
            f"{given} is no folder of this machine: give one, and on Databricks one below /Volumes or /dbfs"
        )
    return Path(given).expanduser()


def _other_columns(deltalake: Any, folder: Path, ours: list[str]) -> str | None:
    """Name the columns of a table that is there, if they are not ours."""
    try:
        theirs = [field.name for field in deltalake.DeltaTable(str(folder)).schema().fields]
    except Exception:  # what went wrong then is something else
        return None
    if set(theirs) == set(ours):
        return None
    return ", ".join(theirs[:_SHOWN]) + (", …" if len(theirs) > _SHOWN else "")


def _packages() -> tuple[Any, Any]:
    try:
        import deltalake
        import pyarrow as pa
    except ImportError as missing:
        raise ImportError(
            f'writing a Delta table needs {missing.name}: pip install "nbext[tables]"', name=missing.name
        ) from missing
    return deltalake, pa


def _is_ours(deltalake: Any, folder: Path) -> bool:
    """Tell a table of ours, perhaps of an earlier version, from one that gets no columns added."""
    if not (folder / "_delta_log").is_dir():
        return False
    there = {field.name for field in deltalake.DeltaTable(str(folder)).schema().fields}
    return {*_SERVING, "call_id", "capture_id"} <= there


def _row(call: Call, capture: Capture) -> dict[str, Any]:
    row = call_row(call, capture)
    received = datetime.fromtimestamp(call.start_ns // 1000 / 1e6, timezone.utc)
    # What the server said it took; for others, what the client saw.
    duration = row["execution_duration_ms"]
    if duration is None and call.duration_ms is not None:
        duration = round(call.duration_ms)
    row |= {
        "databricks_request_id": row["databricks_request_id"] or call.call_id,
        "request_date": received.date(),
        "request_time": received,
        "execution_duration_ms": duration,
        "url": call.url,
        "error_type": call.error_type,
        "error_message": call.error_message,
    }
    return {name: _whole(row[name]) for name in (*_SERVING, *_CLIENT)}


def _whole(value: Any) -> Any:
    """Half a surrogate pair has no UTF-8; Arrow would refuse the whole table for it."""
    if type(value) is str:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _schema() -> pa.Schema:
    import pyarrow as pa

    special = {
        "request_date": pa.date32(),
        "request_time": pa.timestamp("us", tz="UTC"),
        "status_code": pa.int32(),
        "sampling_fraction": pa.float64(),
        "execution_duration_ms": pa.int64(),
        "logging_error_codes": pa.list_(pa.string()),
    }
    return pa.schema([(name, special.get(name, pa.string())) for name in (*_SERVING, *_CLIENT)])

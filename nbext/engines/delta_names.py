"""Columns and partitions of a Delta table whose files and folders call them otherwise.

A table on which a column was ever renamed or dropped keeps in its log what its files call each column.
Format: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#column-mapping
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STORED = "delta.columnMapping.physicalName"


def stored_names(table: Any) -> dict[str, str]:
    """Give what the files of a table call its columns, by their names; nothing if they call them the same.

    Older tables are so without saying it among their features.
    """
    if table.metadata().configuration.get("delta.columnMapping.mode", "none") == "none":
        return {}
    return {field.name: str(field.metadata.get(_STORED, field.name)) for field in table.schema().fields}


def partitions_of(table: Any, files: Sequence[str | None], paths: Sequence[str]) -> Any:
    """Give the partition values of each file as an Arrow table; None if the table has no partitions."""
    import pyarrow as pa

    columns = table.metadata().partition_columns
    if not columns:
        return None
    actions = pa.table(table.get_add_actions(flatten=True))
    at = {path: row for row, path in enumerate(actions.column("path").to_pylist())}
    rows = actions.take([at[path] for path in paths])
    values = {column: rows.column(f"partition.{column}") for column in columns}
    return pa.table({"nbext_file": pa.array(files, pa.string()), **values})


def selected(names: dict[str, str], partitions: Sequence[str], here: Iterable[str]) -> str:
    """Give the list of a SELECT that calls columns as the table does, without those that no file has yet."""
    told = {name: name if name in partitions else stored for name, stored in names.items()}
    known = {*here, *partitions}
    kept = {name: stored for name, stored in told.items() if stored in known}
    return ", ".join(f"{quoted(stored)} AS {quoted(name)}" for name, stored in kept.items())


def quoted(name: str) -> str:
    """Write a column's name as SQL does."""
    return '"' + name.replace('"', '""') + '"'

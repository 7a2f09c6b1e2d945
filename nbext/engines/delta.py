"""How DuckDB reads a Delta table with no extension: `deltalake` knows the files, DuckDB scans them.

Format: https://github.com/delta-io/delta/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from .delta_names import partitions_of, quoted, selected, stored_names
from .engine import EngineError, NoTableError
from .refusal import refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .duckdb import DuckDBEngine

_numbers = itertools.count(1)


def scan_of(path: str, engine: DuckDBEngine) -> tuple[str, int | None]:
    """Give the SELECT that scans the newest version of a Delta table, and its row count if the log tells it.

    Local files are scanned by DuckDB itself, with filters and projections pushed into Parquet.
    Partition values come from the paths or the log, deleted rows from the deletion vectors. Tables on
    object stores are read through `deltalake`.
    """
    table = _open(path)
    uris, paths = _in_order(table)
    files = [_local(uri, table) for uri in uris]
    names = stored_names(table)
    if any(file is None for file in files) or not (names or _plain_partitions(table, files)):
        return _through_deltalake(table, engine, mapped=bool(names)), _row_count(table)
    if not files:
        return _empty(table, engine), 0
    deleted = _deleted(table) if "deletionVectors" in (table.protocol().reader_features or ()) else None
    values = partitions_of(table, files, paths) if names else None
    rows = _row_count(table, 0 if deleted is None else len(deleted))
    return _scan(table, engine, files, names, {"gone": deleted, "parts": values}), rows


# How rows of files are joined with what the log says of them.
_JOINS = {
    "gone": "ANTI JOIN {} AS gone ON data.filename = gone.file AND data.file_row_number = gone.position",
    "parts": "JOIN {} AS parts ON data.filename = parts.nbext_file",
}


def _scan(
    table: Any,
    engine: DuckDBEngine,
    files: Sequence[str | None],
    names: dict[str, str],
    beside: dict[str, Any],
) -> str:
    """Give the SELECT over files, beside tables of what the log says of them."""
    from .duckdb import literal

    partitions = table.metadata().partition_columns
    options = ["union_by_name=true"]
    if names:
        options.append("hive_partitioning=false")
    elif partitions:
        types = ", ".join(f"{quoted(c)}: {_sql_type(table, c)}" for c in partitions)
        options += ["hive_partitioning=true", f"hive_types={{{types}}}"]
    plain = f"read_parquet({literal(files)}, {', '.join(options)})"
    joins = []
    for kind, given in beside.items():
        if given is not None:
            name = f"nbext_{kind}_{next(_numbers)}"
            engine.register(name, given)
            joins.append(_JOINS[kind].format(name))
    scan = plain if not joins else f"{plain[:-1]}, filename=true, file_row_number=true)"
    columns = "* EXCLUDE (filename, file_row_number)" if joins else "*"
    if names:
        described = engine.connection.execute(f"DESCRIBE SELECT * FROM {plain}").fetchall()
        columns = selected(names, partitions, [str(row[0]) for row in described])
    return f"SELECT {columns} FROM {' '.join([f'{scan} AS data', *joins])}"


def _open(path: str) -> Any:
    try:
        import deltalake
    except ImportError as error:
        raise EngineError('reading Delta tables needs deltalake: pip install "nbext[tables]"') from error
    try:
        return deltalake.DeltaTable(path)
    except deltalake.exceptions.TableNotFoundError as error:
        raise NoTableError(str(refused(error, path))) from error
    except Exception as error:
        raise refused(error, path) from error


def _in_order(table: Any) -> tuple[list[str], list[str]]:
    """Files, and what the log calls them, by the first moment in them; else as written.

    So the rows of a log come in order.
    """
    uris: list[str] = table.file_uris()
    actions = table.get_add_actions(flatten=True)
    paths = actions.column("path").to_pylist()
    if len(paths) != len(uris) or not all(
        unquote(uri).endswith(unquote(path)) for uri, path in zip(uris, paths, strict=True)
    ):
        return uris, paths
    stored = stored_names(table)
    times = [f.name for f in table.schema().fields if "timestamp" in str(f.type)]
    moments = [f"min.{stored.get(name, name)}" for name in times]
    known = next((name for name in moments if name in actions.schema.names), "modification_time")
    first = actions.column(known).to_pylist()
    if None in first:
        first = actions.column("modification_time").to_pylist()
    ordered = sorted(zip(first, paths, uris, strict=True))
    return [uri for *_, uri in ordered], [path for _, path, _ in ordered]


def _local(uri: str, table: Any) -> str | None:
    """Give the path of a local file; what is not plain in it may come as it is or in percent signs.

    Those of the table's folder and those in the name of a partition are not the same: the latter may
    be the name of the folder on disk.
    """
    if "://" in uri:
        parts = urlsplit(uri)
        if parts.scheme != "file":
            return None
        uri = parts.path
    folder = urlsplit(table.table_uri).path
    below = unquote(folder) + uri.removeprefix(folder)
    return next((path for path in (uri, below) if Path(path).exists()), unquote(uri))


def _plain_partitions(table: Any, files: list[str | None]) -> bool:
    """Tell whether partition values can be read off the paths."""
    return all(
        f"/{column}=" in f"/{file}" for column in table.metadata().partition_columns for file in files if file
    )


def _row_count(table: Any, deleted: int = 0) -> int | None:
    """Rows by the log's statistics; None where a file has none."""
    actions = table.get_add_actions(flatten=True)
    if "num_records" not in actions.schema.names:
        return None
    counts = actions.column("num_records").to_pylist()
    return None if None in counts else sum(counts) - deleted


def _deleted(table: Any) -> Any:
    """Positions of deleted rows by file, as an Arrow table; None when nothing is deleted."""
    import pyarrow as pa

    files: list[str] = []
    positions: list[int] = []
    for batch in table.deletion_vectors():
        rows = pa.record_batch(batch)
        for uri, kept in zip(
            rows.column("filepath").to_pylist(), rows.column("selection_vector").to_pylist(), strict=True
        ):
            gone = [i for i, keep in enumerate(kept) if not keep]
            files += [_local(uri, table) or uri] * len(gone)
            positions += gone
    if not files:
        return None
    return pa.table({"file": pa.array(files, pa.string()), "position": pa.array(positions, pa.int64())})


def _through_deltalake(table: Any, engine: DuckDBEngine, *, mapped: bool) -> str:
    import pyarrow as pa

    name = f"nbext_delta_{next(_numbers)}"
    try:
        # A dataset can be scanned again and again, with filters pushed into it. It knows neither deletion
        # vectors, which it refuses, nor mapped columns, which it gives empty.
        given = pa.table(table.scan()) if mapped else table.to_pyarrow_dataset()
    except Exception:
        given = pa.table(table.scan())
    engine.register(name, given)
    return f"SELECT * FROM {name}"


def _empty(table: Any, engine: DuckDBEngine) -> str:
    import pyarrow as pa

    name = f"nbext_empty_{next(_numbers)}"
    engine.register(name, pa.schema(table.schema().to_arrow()).empty_table())
    return f"SELECT * FROM {name}"


def _sql_type(table: Any, column: str) -> str:
    types = {field.name: str(getattr(field.type, "type", "string")) for field in table.schema().fields}
    return {"date": "DATE", "integer": "INTEGER", "long": "BIGINT"}.get(
        types.get(column, "string"), "VARCHAR"
    )


def is_delta(path: str | Path) -> bool:
    """Tell whether a folder holds a Delta log."""
    return (Path(path) / "_delta_log").is_dir()

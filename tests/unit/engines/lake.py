"""Delta tables as Databricks writes them and `deltalake` does not: renamed columns, deletion vectors."""

from __future__ import annotations

import base64
import json
import struct
import uuid
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_TYPES: dict[str, Any] = {
    "string": "string",
    "date32[day]": "date",
    "timestamp[us, tz=UTC]": "timestamp",
    "int32": "integer",
    "int64": "long",
    "double": "double",
}
_LIST = {"type": "array", "elementType": "string", "containsNull": True}
# The letters of ZeroMQ's base 85, and of Python's, in the order of what they stand for.
_Z85 = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_B85 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"


def write_mapped(
    path: Path, parts: Sequence[pa.Table], *, partition: str | None = None, features: Sequence[str] = ()
) -> None:
    """Write a table whose files call every column otherwise.

    Parameters
    ----------
    path : Path
    parts : sequence of pyarrow.Table
        A file each; of the last one's columns the earlier ones may lack some.
    partition : str, optional
        A column with one value in each part.
    features : sequence of str
        Of the reader; none is the older protocol, which knows renamed columns too.
    """
    schema = parts[-1].schema
    stored = {name: f"col-{uuid.uuid4()}" for name in schema.names}
    log = _Log(path, schema, stored, partition, features)
    for part in parts:
        values = {} if partition is None else {stored[partition]: str(part.column(partition)[0])}
        kept = part if partition is None else part.drop_columns([partition])
        log.add(kept.rename_columns([stored[name] for name in kept.column_names]), values)
    log.write()


def write_deleted(path: Path, rows: pa.Table, deleted: Sequence[int]) -> None:
    """Write a table of one file, of which some rows are deleted, by their places."""
    log = _Log(path, rows.schema, {}, None, ["deletionVectors"])
    log.add(rows, {}, deleted=deleted)
    log.write()


class _Log:
    def __init__(
        self,
        path: Path,
        schema: pa.Schema,
        stored: Mapping[str, str],
        partition: str | None,
        features: Sequence[str],
    ) -> None:
        self.path = path
        (path / "_delta_log").mkdir(parents=True)
        fields = [
            {
                "name": field.name,
                "type": _TYPES.get(str(field.type), _LIST),
                "nullable": True,
                "metadata": _mapping(at, stored[field.name]) if stored else {},
            }
            for at, field in enumerate(schema, 1)
        ]
        protocol: dict[str, Any] = {"minReaderVersion": 2, "minWriterVersion": 5}
        if features:
            named = {"readerFeatures": list(features), "writerFeatures": list(features)}
            protocol = {"minReaderVersion": 3, "minWriterVersion": 7, **named}
        last = str(len(fields))
        mode = {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": last} if stored else {}
        if "deletionVectors" in features:
            mode["delta.enableDeletionVectors"] = "true"
        meta = {
            "id": str(uuid.uuid4()),
            "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": fields}),
            "partitionColumns": [] if partition is None else [partition],
            "configuration": mode,
            "createdTime": 1,
        }
        self.actions: list[dict[str, Any]] = [{"protocol": protocol}, {"metaData": meta}]

    def add(self, rows: pa.Table, values: dict[str, str], *, deleted: Sequence[int] = ()) -> None:
        # In a folder that says nothing, as such tables have.
        name = f"{uuid.uuid4().hex[:2]}/part-{len(self.actions)}.parquet"
        (self.path / name).parent.mkdir(exist_ok=True)
        pyarrow.parquet.write_table(rows, self.path / name)
        action = {
            "path": name,
            "partitionValues": values,
            "size": (self.path / name).stat().st_size,
            "modificationTime": 1,
            "dataChange": True,
            "stats": json.dumps({"numRecords": rows.num_rows}),
        }
        if deleted:
            data = _bitmap(deleted)
            padded = data + bytes(-len(data) % 4)
            action["deletionVector"] = {
                "storageType": "i",
                "pathOrInlineDv": base64.b85encode(padded).translate(bytes.maketrans(_B85, _Z85)).decode(),
                "sizeInBytes": len(data),
                "cardinality": len(deleted),
            }
        self.actions.append({"add": action})

    def write(self) -> None:
        text = "\n".join(map(json.dumps, self.actions))
        (self.path / "_delta_log" / f"{0:020}.json").write_text(text)


def _mapping(number: int, stored: str) -> dict[str, Any]:
    return {"delta.columnMapping.id": number, "delta.columnMapping.physicalName": stored}


def _bitmap(places: Sequence[int]) -> bytes:
    """Places below 65,536 as a roaring bitmap in an array of one."""
    magic, cookie = 1681511377, 12346
    head = struct.pack("<iqi", magic, 1, 0) + struct.pack("<II", cookie, 1)
    container = struct.pack("<HH", 0, len(places) - 1) + struct.pack("<I", 16)
    return head + container + struct.pack(f"<{len(places)}H", *sorted(places))

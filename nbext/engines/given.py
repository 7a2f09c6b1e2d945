"""What can be given as a table; what cannot is refused before an engine stumbles over it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .engine import EngineError

EXPECTED = (
    "catalog.schema.table, a path to a Delta table or Parquet files, "
    "or a frame of pandas, Arrow, Polars or Spark"
)
_READERS = {
    ".csv": "pandas.read_csv({})",
    ".tsv": "pandas.read_csv({}, sep='\\t')",
    ".json": "pandas.read_json({})",
    ".jsonl": "pandas.read_json({}, lines=True)",
    ".ndjson": "pandas.read_json({}, lines=True)",
}
# The same of a file whose footer is encrypted.
_MAGIC = (b"PAR1", b"PARE")


def check(source: Any) -> None:
    """Refuse what is no table at all.

    Raises
    ------
    EngineError
        It is empty, neither text nor frame, or a file of another format.
    """
    if isinstance(source, str) and not source.strip():
        raise EngineError(f"{source!r} names no table: expected {EXPECTED}")
    if source is None or isinstance(source, (bool, int, float, complex, bytes, bytearray)):
        raise EngineError(f"{_shown(source)} is no table: expected {EXPECTED}")
    if isinstance(source, (str, Path)) and _of_another_format(source):
        reader = _reader(source)
        way = f"read it with {reader} and give the frame" if reader else f"expected {EXPECTED}"
        raise EngineError(f"{source} is no Parquet file: {way}")


def check_name(source: Any) -> None:
    """Refuse what is no name, where only names are known.

    Raises
    ------
    EngineError
        It is a frame or the like.
    """
    check(source)
    if not isinstance(source, (str, Path)):
        raise EngineError(
            f"a SQL warehouse cannot see {a_kind(source)}: expected catalog.schema.table, "
            "or leave out engine= to read a frame here"
        )


def no_frame(source: Any) -> EngineError:
    """Say that an engine cannot read an object as a frame."""
    more = "; make a frame of rows with pandas.DataFrame(rows)" if isinstance(source, (list, dict)) else ""
    return EngineError(f"{a_kind(source)} is no table: expected {EXPECTED}{more}")


def a_kind(source: Any) -> str:
    """Name the type of an object as a sentence does."""
    name = type(source).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _shown(source: Any) -> str:
    text = repr(source)
    return text if len(text) <= 60 else a_kind(source)


def _of_another_format(source: str | Path) -> bool:
    """Tell by the first bytes of a file here, by the name of one elsewhere."""
    if "://" in str(source):
        return _reader(source) is not None
    path = Path(source)
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(4) not in _MAGIC
    except (OSError, ValueError):
        # The engine says better why it cannot be read.
        return False


def _reader(source: str | Path) -> str | None:
    """Give the call that reads a file of another format, by its name; a compressed one the same."""
    text = str(source)
    name = Path(text.lower())
    kind = Path(name.stem).suffix if name.suffix in (".gz", ".bz2", ".zst", ".xz", ".zip") else name.suffix
    reader = _READERS.get(kind)
    return None if reader is None else reader.format(repr(text))

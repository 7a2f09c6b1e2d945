"""Opens a file of traces: a journal, a JSON export, a self-contained page, OTLP. Read, never executed."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.capture import Capture
from ..model.serial import call_from_dict, span_from_dict
from . import journal, otlp

if TYPE_CHECKING:
    from collections.abc import Callable

_PAGE_DATA = re.compile(r'<script type="application/json" id="captures">(.*?)</script>', re.DOTALL)


def open_path(path: str | Path) -> list[Capture]:
    """Read captures from a file.

    Parameters
    ----------
    path : str or Path
        ``.html`` (a page that `to_html` wrote), ``.json`` (an export, or OTLP/JSON as nbext and the
        file exporter of OpenTelemetry's collector write it), ``.jsonl`` (an export, a journal, or OTLP/JSON
        line by line), ``.binpb`` (OTLP as protobuf), or a folder of journals.

    Returns
    -------
    list of Capture

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is none of these, or it is damaged.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    if path.is_dir():
        return journal.read(path)
    readers: dict[str, Callable[[Path], list[Capture]]] = {
        ".html": _read_page,
        ".htm": _read_page,
        ".json": _read_json,
        ".jsonl": _read_lines,
        **dict.fromkeys(otlp.BINARY, otlp.read_binary),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ValueError(f"expected a file that ends in .html, .json, .jsonl or .binpb, got {path.name!r}")
    return reader(path)


def captures_of_export(data: Any, name: str) -> list[Capture]:
    """Make captures of the parsed JSON of an export.

    Raises
    ------
    ValueError
        It is none.
    """
    if (
        not isinstance(data, dict)
        or data.get("format") != "nbext"
        or not isinstance(data.get("captures"), list)
    ):
        raise ValueError(
            f'{name} is no export of nbext: expected an object with "format": "nbext", or OTLP/JSON'
        )
    if data.get("v") != 1:
        raise ValueError(f"{name} is of version {data.get('v')!r}; this nbext reads version 1: update it")
    return [_capture(item, name) for item in data["captures"]]


def _read_json(path: Path) -> list[Capture]:
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        # A collector names its files so, and writes a line for each batch.
        if _begins_as_otlp(path):
            return otlp.read_lines(path)
        raise ValueError(f"{path.name} is no JSON: {error}") from None
    if otlp.is_otlp(data):
        return otlp.captures_of([data], path.name)
    return captures_of_export(data, path.name)


def _read_lines(path: Path) -> list[Capture]:
    return otlp.read_lines(path) if _begins_as_otlp(path) else journal.read(path)


def _begins_as_otlp(path: Path) -> bool:
    with path.open("rb") as file:
        return otlp.is_otlp_line(file.read(200))


def _read_page(path: Path) -> list[Capture]:
    found = _PAGE_DATA.search(path.read_text(encoding="utf-8", errors="replace"))
    if found is None:
        raise ValueError(
            f"{path.name} is no page of nbext: it holds no captures; expected one that to_html wrote"
        )
    try:
        stored = json.loads(found[1])
        data = json.loads(gzip.decompress(base64.b64decode(stored["z"])))
    except (ValueError, KeyError, TypeError, OSError, EOFError) as error:
        raise ValueError(f"the captures in {path.name} are damaged: {error}") from None
    return captures_of_export(data, path.name)


def _capture(item: Any, name: str) -> Capture:
    try:
        capture = Capture.of_calls(
            [call_from_dict(call) for call in item["calls"]],
            id=item["id"],
            start_ns=item["start_ns"],
            name=item.get("name"),
            cell=item.get("cell"),
        )
        capture.app_spans = [span_from_dict(span) for span in item.get("spans", ())]
        capture.tags = dict(item.get("tags") or {})
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"a capture in {name} is damaged: {error}") from None
    capture.end_ns = item.get("end_ns", capture.end_ns)
    capture.other_requests = item.get("other_requests", 0)
    capture.failures = item.get("failures", 0)
    capture.first_failure = item.get("first_failure")
    return capture

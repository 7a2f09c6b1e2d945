"""Results too large for an answer: chunks behind links into the workspace's own storage, as Arrow.

A link holds its own signature and lives for some minutes. It is asked for without the workspace's
credentials, which the storage must never see.
Source: https://docs.databricks.com/api/workspace/statementexecution, "disposition": EXTERNAL_LINKS.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from ..engine import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

_SECONDS = 120
_GONE = (401, 403, 404, 410)


def batches_of(result: Any, chunk: Callable[[int], Any]) -> Iterator[pa.RecordBatch]:
    """Read the chunks of a result one after another, so that memory holds one.

    Parameters
    ----------
    result : databricks.sdk.service.sql.ResultData
        The first chunk.
    chunk : callable
        Asks for a chunk anew by its index: links come one by one, and run out.

    Raises
    ------
    EngineError
        The storage cannot be reached from here, or does not give what the link promised.
    """
    while result is not None and result.external_links:
        last = result.external_links[-1]
        for link in result.external_links:
            yield from _read(link, chunk)
        result = None if last.next_chunk_index is None else chunk(last.next_chunk_index)


def _read(link: Any, chunk: Callable[[int], Any]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    try:
        data = _bytes_of(link)
    except urllib.error.HTTPError as error:
        if error.code not in _GONE:
            raise _unreachable(link, error) from error
        # It ran out while the chunks before it were worked on.
        fresh = [one for one in chunk(link.chunk_index).external_links or () if one.external_link]
        try:
            data = _bytes_of(fresh[0])
        except (OSError, IndexError) as again:
            raise _unreachable(link, again) from again
    except OSError as error:
        raise _unreachable(link, error) from error
    try:
        with pa.ipc.open_stream(data) as reader:
            yield from reader
    except pa.ArrowInvalid as error:
        raise EngineError(
            f"chunk {link.chunk_index} of the result is no Arrow stream: {' '.join(str(error).split())[:200]}"
        ) from error


def _bytes_of(link: Any) -> bytes:
    url = link.external_link
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise EngineError(f"chunk {link.chunk_index} of the result has a link that is not https")
    request = urllib.request.Request(url, headers=dict(link.http_headers or {}))
    with urllib.request.urlopen(request, timeout=_SECONDS) as response:
        data: bytes = response.read()
    return data


def _unreachable(link: Any, error: Exception) -> EngineError:
    # The address itself is a key to the data: only its host is said.
    host = (link.external_link or "").partition("://")[2].partition("/")[0].partition("?")[0]
    said = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else type(error).__name__
    return EngineError(
        f"could not fetch chunk {link.chunk_index} of the result from {host or 'the storage'} ({said}): "
        "the result is too large to come inline, and the workspace's storage must be reachable from here; "
        "narrow the question with .since, .where or .limit, or use a Spark session"
    )

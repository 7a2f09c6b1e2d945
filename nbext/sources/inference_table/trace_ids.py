"""Trace and call ids of many requests at once: UUIDs of one length are a table of letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .letters import letters_of
from .rows import trace_id_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

# A UUID as it is written, and where its parts lie in it and in a trace id.
_LENGTH = 36
_DASHES = (8, 13, 18, 23)
_PARTS = ((0, 8, 0), (9, 13, 8), (14, 18, 12), (19, 23, 16), (24, 36, 20))
_TRACE, _CALL = 32, 16


def ids_of(requests: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Give trace ids and call ids, see `Row.trace_id`; a request without an id has none here."""
    import pyarrow as pa
    import pyarrow.compute as pc

    letters = _uuids(requests)
    if letters is not None:
        return _texts(letters), _texts(letters[:, :_CALL])
    traces = pa.array(
        [None if one is None else trace_id_of(one) for one in requests.to_pylist()], pa.large_string()
    )
    return traces, pc.utf8_slice_codeunits(traces, 0, _CALL)


def _uuids(requests: pa.Array) -> np.ndarray[Any, Any] | None:
    """Trace ids as letters, a row each; None where one is no UUID with dashes."""
    import numpy as np

    letters, bounds = letters_of(requests)
    if not len(requests) or not (np.diff(bounds) == _LENGTH).all():
        return None
    given = letters.reshape(-1, _LENGTH)
    if not all((given[:, at] == ord("-")).all() for at in _DASHES):
        return None
    made = np.empty((len(given), _TRACE), np.uint8)
    for start, end, to in _PARTS:
        # In lower case; digits have that bit already.
        np.bitwise_or(given[:, start:end], 0x20, out=made[:, to : to + end - start])
    # What became a digit or a letter of another sign is none.
    return made if _hexadecimal()[made].all() and not (given < ord("-")).any() else None


def _hexadecimal() -> np.ndarray[Any, Any]:
    import numpy as np

    known = np.zeros(256, bool)
    known[list(b"0123456789abcdef")] = True
    return known


def _texts(letters: np.ndarray[Any, Any]) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    count, length = letters.shape
    bounds = np.arange(0, (count + 1) * length, length, dtype=np.int64)
    data = pa.py_buffer(np.ascontiguousarray(letters).data)
    return pa.Array.from_buffers(pa.large_string(), count, [None, pa.py_buffer(bounds.data), data])

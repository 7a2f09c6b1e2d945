"""The texts of a column as they lie in memory: end to end, with the places where each begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def letters_of(texts: pa.Array) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Give the UTF-8 of a column without copying it.

    Parameters
    ----------
    texts : pyarrow.StringArray or pyarrow.LargeStringArray

    Returns
    -------
    letters : numpy.ndarray of uint8
    bounds : numpy.ndarray of int
        One more than there are texts: text ``n`` is ``letters[bounds[n]:bounds[n + 1]]``. A missing
        text has no letters.

    See Also
    --------
    https://arrow.apache.org/docs/format/Columnar.html#variable-size-binary-layout
    """
    import numpy as np
    import pyarrow as pa

    kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    _, offsets, values = texts.buffers()
    if values is None or offsets is None:
        return np.empty(0, np.uint8), np.zeros(len(texts) + 1, kind)
    bounds = np.frombuffer(offsets, kind)[texts.offset : texts.offset + len(texts) + 1]
    if not len(bounds):
        return np.empty(0, np.uint8), np.zeros(1, kind)
    return np.frombuffer(values, np.uint8)[bounds[0] : bounds[-1]], bounds - bounds[0]

"""Two captures as `WireCompare` of `renderers/src/wire/compare.ts`."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import Any

from ..cut import fit

Wire = dict[str, Any]


def compare_payload(a: Wire, b: Wire, labels: tuple[str, str], max_bytes: int | None = None) -> Wire:
    """Give the payload of two plain wires; the page finds out itself which spans belong together.

    Parameters
    ----------
    a, b : Wire
        The earlier and the later run, nothing cut.
    labels : tuple of str
        What each is called: ``run 3``.
    max_bytes : int, optional
        Most bytes of both together.
    """
    half = None if max_bytes is None else max_bytes // 2
    return {
        "v": 1,
        "kind": "compare",
        # The same two captures are the same comparison, however often it is shown.
        "uid": hashlib.sha256(f"{a['uid']} {b['uid']}".encode()).hexdigest()[:16],
        "state": "done",
        "a": {"label": labels[0], "wire": _with_state(fit(a, half)[1])},
        "b": {"label": labels[1], "wire": _with_state(fit(b, half)[1])},
        "saved": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _with_state(wire: Wire) -> Wire:
    return {**wire, "state": "done"}

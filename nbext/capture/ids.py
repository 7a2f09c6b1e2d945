"""Span and trace ids."""

from __future__ import annotations

import os

# Made in advance, as a system call for each takes longer than all the rest of beginning a record.
_ready: list[str] = []
_BATCH = 256


def new_ids() -> tuple[str, str]:
    """Return a span id (16 hex digits) and a trace id (32), neither all zeros."""
    try:
        ids = _ready.pop()
    except IndexError:
        ids = _more()
    return ids[:16], ids[16:]


def _more() -> str:
    digits = os.urandom(24 * _BATCH).hex()
    made = [digits[start : start + 48] for start in range(0, len(digits), 48)]
    made = [ids for ids in made if ids[:16].strip("0") and ids[16:].strip("0")]
    _ready.extend(made[1:])
    return made[0]


if hasattr(os, "register_at_fork"):
    # A forked process must not give out the same ones.
    os.register_at_fork(after_in_child=_ready.clear)

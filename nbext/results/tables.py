"""What is filtered and selected in the table a frame was shown as."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from ..kernel.session import new_capture_id

if TYPE_CHECKING:
    import pandas as pd

    from ..display.living import LivingModel


class Table:
    """The table of a frame, for as long as the frame lives.

    Attributes
    ----------
    uid : str
        Id of its view.
    conditions : list of dict
        What it is filtered by, see `FrameCondition` of `renderers/src/wire/frame.ts`.
    code : str
        The same as pandas text.
    model : LivingModel or None
        The kernel's end of its view.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = weakref.ref(frame)
        self.uid = new_capture_id()
        self.conditions: list[dict[str, Any]] = []
        self.code = ""
        self.model: LivingModel | None = None

    def take_filter(self, ask: Any) -> int:
        """Take in a `FrameFilterAsk`; say how many rows fit.

        Raises
        ------
        LookupError
            The frame is gone.
        ValueError
            A condition does not fit the frame.
        """
        from ..display.frame.conditions import filtered

        frame = self._frame()
        if frame is None:
            raise LookupError("The kernel has forgotten the frame; keep it in a variable.")
        conditions = [dict(condition) for condition in ask["conditions"]]
        fitting = len(filtered(frame, conditions))
        self.conditions, self.code = conditions, str(ask.get("code", ""))
        return fitting


# By the frame's identity: a frame cannot be hashed, and its `attrs` go on to frames made of it.
_tables: dict[int, Table] = {}


def table_of(frame: pd.DataFrame) -> Table:
    """Give the table of a frame: there is one."""
    key = id(frame)
    known = _tables.get(key)
    if known is None:
        known = _tables[key] = Table(frame)
        weakref.finalize(frame, _tables.pop, key, None).atexit = False
    return known

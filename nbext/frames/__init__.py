"""Calls, spans, messages, tool calls and attempts as pandas DataFrames.

Columns are declared in `nbext.frames.columns` and can be chosen, renamed and added to by the
user; pandas is imported when a frame is made, not before.
"""

from .column import Column
from .columns import ATTEMPTS, CALLS, MESSAGES, SPANS, TOOL_CALLS, judged
from .tables import attempts_df, calls_df, describe, messages_df, spans_df, tool_calls_df

__all__ = [
    "ATTEMPTS",
    "CALLS",
    "MESSAGES",
    "SPANS",
    "TOOL_CALLS",
    "Column",
    "attempts_df",
    "calls_df",
    "describe",
    "judged",
    "messages_df",
    "spans_df",
    "tool_calls_df",
]

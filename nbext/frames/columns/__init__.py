"""The declared columns, a list per grain."""

from .attempts import ATTEMPTS
from .calls import CALLS
from .messages import MESSAGES
from .spans import SPANS
from .tool_calls import TOOL_CALLS

__all__ = ["ATTEMPTS", "CALLS", "MESSAGES", "SPANS", "TOOL_CALLS"]

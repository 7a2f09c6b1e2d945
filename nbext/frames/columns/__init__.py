"""The declared columns, a list per grain."""

from .assessments import judged
from .attempts import ATTEMPTS
from .calls import CALLS
from .messages import MESSAGES
from .spans import SPANS
from .tool_calls import TOOL_CALLS
from .traces import TRACES

__all__ = ["ATTEMPTS", "CALLS", "MESSAGES", "SPANS", "TOOL_CALLS", "TRACES", "judged"]

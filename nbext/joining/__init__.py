"""The two ends of a call: what this kernel sent and received, and what the gateway logged of it."""

from .find import Found, find
from .refresh import refreshed
from .several import together

__all__ = ["Found", "find", "refreshed", "together"]

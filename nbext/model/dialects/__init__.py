"""The model APIs, one file each, and which of them a call speaks."""

from .choose import (
    ALL,
    CHAT,
    EMBEDDINGS,
    UNKNOWN,
    dialect_of,
    dialect_of_event,
    dialect_of_response,
    dialect_of_url,
    has_the_form,
    is_chunk,
)

__all__ = [
    "ALL",
    "CHAT",
    "EMBEDDINGS",
    "UNKNOWN",
    "dialect_of",
    "dialect_of_event",
    "dialect_of_response",
    "dialect_of_url",
    "has_the_form",
    "is_chunk",
]

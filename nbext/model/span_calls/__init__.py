"""Calls that only a span tells of: one that was stored, or of a model that no HTTP request of ours asked."""

from .failure import failure_in
from .innermost import innermost, one_call_each
from .read import CHUNK_EVENT, with_call

__all__ = ["CHUNK_EVENT", "failure_in", "innermost", "one_call_each", "with_call"]

"""Traces that MLflow stores, from its API and from its tables in Unity Catalog."""

from .errors import TraceStoreError
from .read import TraceQuery, TraceStore
from .stored import StoredTrace
from .tables import TraceTable

__all__ = ["StoredTrace", "TraceQuery", "TraceStore", "TraceStoreError", "TraceTable"]

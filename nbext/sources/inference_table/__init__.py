"""Inference tables: what the gateway logged, asked where it lies, as the same calls a kernel records."""

from .flavour import LEGACY, SERVING, UNITY, Flavour, TableError
from .rows import Row, call_of_row, row_of
from .table import InferenceTable

__all__ = [
    "LEGACY",
    "SERVING",
    "UNITY",
    "Flavour",
    "InferenceTable",
    "Row",
    "TableError",
    "call_of_row",
    "row_of",
]

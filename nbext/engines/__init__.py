"""Who runs the SQL: one statement, asked where the data is, answered in Arrow batches."""

from .carry import sql_of
from .choose import choose
from .engine import Engine, EngineError, Progress, Relation
from .refusal import SAID

__all__ = ["SAID", "Engine", "EngineError", "Progress", "Relation", "choose", "sql_of"]

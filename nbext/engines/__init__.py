"""Who runs the SQL: one statement, asked where the data is, answered in Arrow batches."""

from .carry import sql_of
from .choose import choose
from .engine import Engine, EngineError, NoTableError, Progress, Relation
from .refusal import SAID

__all__ = ["SAID", "Engine", "EngineError", "NoTableError", "Progress", "Relation", "choose", "sql_of"]

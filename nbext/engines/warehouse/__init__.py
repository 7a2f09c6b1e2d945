"""Databricks SQL warehouses, by connector or by the Statement Execution API."""

from .choose import warehouse_engine
from .connector import ConnectorEngine
from .statements import StatementEngine

__all__ = ["ConnectorEngine", "StatementEngine", "warehouse_engine"]

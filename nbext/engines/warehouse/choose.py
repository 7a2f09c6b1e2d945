"""Which way to a warehouse."""

from __future__ import annotations

import os
from typing import Any

from ..engine import Engine, EngineError
from .statements import StatementEngine

# What Databricks' own tools read, and MLflow's name for the same thing.
_VARIABLES = ("DATABRICKS_WAREHOUSE_ID", "MLFLOW_TRACING_SQL_WAREHOUSE_ID")


def warehouse_engine(warehouse: str | None, profile: str | None, source: Any) -> Engine:
    """Give the engine for a SQL warehouse named in code or in the environment.

    Raises
    ------
    EngineError
        No warehouse is named, or databricks-sdk is missing.
    """
    warehouse = warehouse or next((os.environ[v] for v in _VARIABLES if os.environ.get(v)), None)
    if warehouse is None:
        raise EngineError(
            f"{source}: a Unity Catalog table is read through the notebook's Spark session, "
            "and there is none; name a SQL warehouse: warehouse='<id>' or DATABRICKS_WAREHOUSE_ID"
        )
    try:
        from databricks.sdk import WorkspaceClient
    except ImportError as error:
        raise EngineError(
            'asking a SQL warehouse needs databricks-sdk: pip install "nbext[databricks]"'
        ) from error
    try:
        client = WorkspaceClient(profile=profile)
    except ValueError as error:
        raise EngineError(f"could not log in to Databricks: {error}") from error
    return StatementEngine(client, warehouse)

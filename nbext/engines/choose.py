"""Which engine a source is asked through."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from .engine import Engine, EngineError

# catalog.schema.table, each part plain or in backquotes; also schema.table for Spark's own catalog.
_TABLE_NAME = re.compile(r"(`[^`]+`|[\w-]+)(\.(`[^`]+`|[\w-]+)){1,2}")


def choose(
    source: Any, *, engine: Any = None, warehouse: str | None = None, profile: str | None = None
) -> Engine:
    """Choose who runs the SQL for a source.

    What the user named comes first. A path or a frame is read in this process; a table's name needs
    the notebook's Spark session or, failing that, a SQL warehouse.

    Parameters
    ----------
    source : str, Path or frame
    engine : Engine, SparkSession, DB-API connection or {"duckdb", "spark", "warehouse"}, optional
    warehouse : str, optional
        Id of a Databricks SQL warehouse.
    profile : str, optional
        Of the Databricks configuration file.

    Raises
    ------
    EngineError
        Nothing here can read the source.
    """
    from .duckdb import DuckDBEngine
    from .spark import SparkEngine, running_session

    if engine is not None:
        return _named(engine, warehouse, profile)
    if hasattr(source, "createOrReplaceTempView"):
        return SparkEngine(source.sparkSession)
    if not is_table_name(source):
        return DuckDBEngine()
    session = running_session() or _in_notebook("spark")
    if session is not None:
        return SparkEngine(session)
    return _warehouse(warehouse, profile, source)


def is_table_name(source: Any) -> bool:
    """Tell ``catalog.schema.table`` from a path: a name has no slash and no such file exists."""
    return (
        isinstance(source, str)
        and _TABLE_NAME.fullmatch(source) is not None
        and not source.endswith((".parquet", ".delta"))
        and not Path(source).exists()
    )


def _named(engine: Any, warehouse: str | None, profile: str | None) -> Engine:
    from .duckdb import DuckDBEngine
    from .spark import SparkEngine, running_session

    if engine == "duckdb":
        return DuckDBEngine()
    if engine == "spark":
        session = running_session() or _in_notebook("spark")
        if session is None:
            raise EngineError(
                "engine='spark': no Spark session is running; start one, or pass the session itself"
            )
        return SparkEngine(session)
    if engine == "warehouse":
        return _warehouse(warehouse, profile, "the table")
    if isinstance(engine, str):
        raise EngineError(
            f"engine={engine!r}: expected 'duckdb', 'spark', 'warehouse', a Spark session or a connection"
        )
    if hasattr(engine, "query") and hasattr(engine, "relation"):
        return engine  # type: ignore[no-any-return]
    if hasattr(engine, "createDataFrame"):
        return SparkEngine(engine)
    if hasattr(engine, "cursor"):
        from .warehouse import ConnectorEngine

        return ConnectorEngine(engine)
    raise EngineError(f"engine: cannot run SQL with a {type(engine).__name__}")


def _warehouse(warehouse: str | None, profile: str | None, source: Any) -> Engine:
    from .warehouse import warehouse_engine

    return warehouse_engine(warehouse, profile, source)


def _in_notebook(name: str) -> Any:
    """Give the notebook's `spark` variable, which Databricks sets, if there is one."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    value = running.user_ns.get(name) if running is not None else None
    return value if hasattr(value, "createDataFrame") else None

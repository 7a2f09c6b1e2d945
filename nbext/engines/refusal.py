"""What an engine complains of, in one line with the way out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .engine import EngineError

if TYPE_CHECKING:
    from sqlglot import exp

# Under this key of its `meta`, a condition of a statement says how the user wrote it.
SAID = "nbext_said"
# How Databricks says what is missing, whichever way it is asked: "User does not have USE SCHEMA on Schema
# 'main.llm'." of Unity Catalog, "… permission READ_METADATA,USAGE on database `default`." of the metastore.
# Source: https://docs.databricks.com/en/error-messages/insufficient-permissions-error-class.html
_MISSING = re.compile(
    r"does not have (?:permission )?(?P<what>[A-Z_, ]{3,80}?) on (?P<kind>[A-Za-z ]{3,30})"
    r" ['`](?P<name>[^'`]{1,200})"
)
# The warehouse itself, before any table is looked at; "endpoint" is its older name.
_NO_WAREHOUSE = re.compile(
    r"\bwarehouse \S{1,80} (?:was not found|does not exist)|not a valid (?:endpoint|warehouse) id", re.I
)
_NOT_YOUR_WAREHOUSE = re.compile(
    r"\b(?:permissions?|authorized|access|use)\b[^.'`]{0,40}\bSQL (?:warehouse|endpoint)\b", re.I
)
_NO_DELTA = re.compile(r"failed to find (?:the )?data source: delta\b", re.I)
_CREDENTIALS = re.compile(
    r"credential|permission|forbidden|access ?denied|unauthori[sz]ed|not authorized", re.I
)
_PERMISSION = re.compile(r"permission|insufficient_privileges|not authorized", re.I)
_NOT_FOUND = re.compile(
    r"not_found|not found|does not exist|no such file|no files found|single_part_namespace", re.I
)
_TOKEN = re.compile(r"invalid access token", re.I)
# Where each store's credentials are looked for. Source: https://docs.rs/object_store
_VARIABLES = {
    "s3": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION",
    "gs": "GOOGLE_SERVICE_ACCOUNT",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
_STORES = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"} | dict.fromkeys(
    ("az", "adl", "abfs", "abfss", "azure"), "az"
)
# DuckDB's and Spark's words for values that do not fit what is done with them.
_VALUES = re.compile(
    r"^(?:(?:Conversion|Binder|Out of Range|Mismatch Type) Error\b|\[(?:CAST_|DATATYPE_MISMATCH|CANNOT_PARSE"
    r"|DIVIDE_BY_ZERO|ARITHMETIC_OVERFLOW|NUMERIC_VALUE_OUT_OF_RANGE))"
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LONGEST = 300
_TABLE = "the table"


def one_line(error: BaseException) -> str:
    """Give what an engine complains of, without its stack.

    That is the first line, with the next if it only announces that: ``…:``, py4j's ``An error
    occurred while calling o41.load.`` before the Java exception, or a cause behind an arrow.
    """
    lines = [line.strip() for line in _COLOURS.sub("", str(error)).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    text, *others = lines
    if others and text.startswith("An error occurred while calling ") and others[0].startswith(":"):
        # ": org.apache.spark.SparkException: [ERROR_CLASS] …"
        text = re.sub(r"^:\s*(?:[\w$]+\.)+[\w$]+:\s*", "", others[0]).lstrip(": ")
    elif others and (text.endswith(":") or others[0].startswith("↳")):
        text = f"{text} {others[0]}".replace(" ↳", ":")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def refused(error: BaseException, name: str) -> EngineError:
    """Put an engine's complaint in words that say what to do next."""
    text, way = one_line(error), _way_out(error, name)
    return EngineError(f"could not read {name}: {text}" + (f" — {way}" if way else ""))


def failed(error: BaseException, statement: exp.Expr | str | None) -> EngineError:
    """Put in words why a statement failed: where values do not fit, the user's conditions are named."""
    found = error if isinstance(error, EngineError) else refused(error, _TABLE)
    said = str(found).removeprefix(f"could not read {_TABLE}: ")
    if statement is None or isinstance(statement, str) or not _VALUES.search(said):
        return found
    conditions = dict.fromkeys(node.meta[SAID] for node in statement.walk() if SAID in node.meta)
    if not conditions:
        return found
    named = " or ".join(f"where({condition!r})" for condition in conditions)
    return EngineError(
        f"{named} cannot be told of every row: {said} — compare numbers with numbers, and texts with texts "
        "in single quotes"
    )


def lacks_delta(error: BaseException) -> bool:
    """Tell whether a Spark session complains that it knows no Delta tables."""
    return _NO_DELTA.search(str(error)) is not None


def _way_out(error: BaseException, name: str) -> str | None:  # noqa: PLR0911  # one a cause
    # The names of classes in a stack say nothing of the cause.
    said = "\n".join(line for line in str(error).splitlines() if not line.lstrip().startswith("at "))
    if _NO_WAREHOUSE.search(said):
        return "check the id of the SQL warehouse: warehouse='<id>' or DATABRICKS_WAREHOUSE_ID"
    missing = _MISSING.search(said)
    if missing:
        return f"ask for {missing['what']} on {missing['kind'].lower()} {missing['name']}"
    if _NOT_YOUR_WAREHOUSE.search(said):
        return "ask for CAN USE on the SQL warehouse, or name another: warehouse='<id>'"
    if _TOKEN.search(said):
        return "log in to Databricks again, or name another profile='<name>'"
    if lacks_delta(error):
        return "this Spark session has no Delta Lake: add delta-spark to it, or read with engine='duckdb'"
    scheme, remote, _ = name.partition("://")
    if remote and _CREDENTIALS.search(said):
        variables = _VARIABLES.get(_STORES.get(scheme.lower(), ""))
        return f"give credentials for {scheme}://" + (
            f": {variables} in the environment" if variables else ""
        )
    if _PERMISSION.search(said):
        return f"ask for SELECT on {name} (and USE CATALOG, USE SCHEMA above it)"
    if _NOT_FOUND.search(said):
        return "check the name: catalog.schema.table, or a path to a Delta table or Parquet files"
    return None

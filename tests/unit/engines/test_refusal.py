"""What engines complain of, in one line with the way out."""

from __future__ import annotations

import pytest

from nbext.engines.refusal import one_line, refused

JAVA = """An error occurred while calling o3379.load.
: org.apache.spark.SparkClassNotFoundException: [DATA_SOURCE_NOT_FOUND] Failed to find the data source: \
delta. Make sure the provider name is correct. SQLSTATE: 42K02
\tat org.apache.spark.sql.errors.QueryExecutionErrors$.dataSourceNotFoundError(QueryExecutionErrors.scala:770)
\tat org.apache.hadoop.security.AccessControlException.permission(Permission.java:1)
"""
KERNEL = """Kernel error -> Operation not supported
          \x1b[31m↳\x1b[0m an error occurred while loading credentials
           \x1b[31m↳\x1b[0m failed to load IMDS session token
              \x1b[31m↳\x1b[0m IMDS is disabled or the caller has insufficient permissions.
"""


def test_the_cause_behind_py4j() -> None:
    found = str(refused(RuntimeError(JAVA), "/data/log"))
    assert found.startswith("could not read /data/log: [DATA_SOURCE_NOT_FOUND] Failed to find")
    assert found.endswith("no Delta Lake: add delta-spark to it, or read with engine='duckdb'")


def test_the_cause_behind_an_arrow() -> None:
    assert one_line(OSError(KERNEL)) == (
        "Kernel error -> Operation not supported: an error occurred while loading credentials"
    )


def test_a_line_that_only_announces() -> None:
    assert one_line(RuntimeError("[X] Insufficient privileges:\nUser does not\nmore")) == (
        "[X] Insufficient privileges: User does not"
    )
    assert one_line(RuntimeError("first\nsecond")) == "first"
    assert one_line(RuntimeError()) == "RuntimeError"
    assert len(one_line(RuntimeError("x" * 1000))) == 300


@pytest.mark.parametrize(
    ("said", "name", "way"),
    [
        (
            "The warehouse 1234abcd was not found.",
            "main.llm.t",
            "check the id of the SQL warehouse: warehouse=",
        ),
        ("SQL warehouse 1234 does not exist.", "main.llm.t", "check the id of the SQL warehouse: warehouse="),
        ("1234 is not a valid endpoint id.", "main.llm.t", "check the id of the SQL warehouse: warehouse="),
        ("You do not have permission to use the SQL Warehouse.", "main.llm.t", "ask for CAN USE on the SQL"),
        ("You are not authorized to use this SQL Endpoint.", "main.llm.t", "ask for CAN USE on the SQL"),
        ("Invalid access token.", "main.llm.t", "log in to Databricks again"),
        (KERNEL, "s3://logs/t", "give credentials for s3://: AWS_ACCESS_KEY_ID"),
        ("403 Forbidden", "abfss://a@b/t", "give credentials for abfss://: AZURE_STORAGE_ACCOUNT_NAME"),
        # A table may be called so too.
        (
            "[TABLE_OR_VIEW_NOT_FOUND] The table or view `main`.`warehouse`.`t`",
            "main.warehouse.t",
            "check the name",
        ),
        (
            "User does not have SELECT on Table 'main.warehouse.t'.",
            "main.warehouse.t",
            "ask for SELECT on table main",
        ),
        ("not authorized", "main.warehouse.t", "ask for SELECT on main.warehouse.t (and USE CATALOG"),
    ],
)
def test_the_way_out(said: str, name: str, way: str) -> None:
    found = str(refused(RuntimeError(said), name))
    assert f" — {way}" in found
    assert "\n" not in found


def test_no_way_out_is_made_up() -> None:
    assert str(refused(RuntimeError("Max retries exceeded"), "t")) == "could not read t: Max retries exceeded"

"""What a process needs to log in to Databricks where only the notebook's own process can."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .target import Target


def login_for(target: Target) -> dict[str, str]:
    """Give environment variables that log a new process in as this one is; none where it can do so itself.

    Elsewhere host and token come from the environment or a profile, which are there for every
    process. In a notebook on Databricks they come from the notebook, by `databricks.sdk`.
    """
    in_notebook = "DATABRICKS_RUNTIME_VERSION" in os.environ
    if target.uri != "databricks" or not in_notebook or "DATABRICKS_TOKEN" in os.environ:
        return {}
    try:
        from databricks.sdk.core import Config

        config = Config()
        header = config.authenticate().get("Authorization", "")
    except Exception:  # MLflow then says what is missing, in its own words
        return {}
    if not header.startswith("Bearer "):
        return {}
    return {"DATABRICKS_HOST": str(config.host), "DATABRICKS_TOKEN": header.removeprefix("Bearer ")}

"""A tracking store with its tables and nothing in them, made once for a whole run of the tests."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_MAKE = "import sys, mlflow; mlflow.MlflowClient(sys.argv[1]).get_experiment('0')"


def clean_environment() -> dict[str, str]:
    """The environment without what another test or the user has set of MLflow."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "OTEL_"))}


def new_database(tmp_path_factory: pytest.TempPathFactory, path: Path) -> Path:
    """Give a new store at `path`: a copy, as making one takes MLflow seconds of computing."""
    base = tmp_path_factory.getbasetemp()
    # Tests that run side by side share it.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = shared / "mlflow-empty.db"
    with (shared / "mlflow-empty.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            new = made.with_suffix(".new")
            uri = f"sqlite:///{new}"
            subprocess.run(
                [sys.executable, "-c", _MAKE, uri], env=clean_environment(), check=True, capture_output=True
            )
            new.rename(made)
    return Path(shutil.copy(made, path))

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.unit.mlflow_export.stores import Server, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory) -> Path:
    """A tracking store with its tables and nothing in them: making those takes MLflow ten seconds."""
    path = tmp_path_factory.mktemp("mlflow") / "empty.db"
    code = "import sys, mlflow; mlflow.MlflowClient(sys.argv[1]).get_experiment('0')"
    subprocess.run(
        [sys.executable, "-c", code, f"sqlite:///{path}"], env=environment(), check=True, capture_output=True
    )
    return path


@pytest.fixture(scope="module")
def server(empty_store: Path, tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    running = Server(shutil.copy(empty_store, folder / "store.db"), artifacts=folder / "artifacts")
    running.start()
    yield running
    running.kill()

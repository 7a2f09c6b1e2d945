from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import openai
import pytest

import nbext
from nbext import settings
from nbext.kernel.session import session
from tests.unit.mlflow_export.stores import Proxy, Server, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory) -> Path:
    """A tracking store with its tables and nothing in them: making those takes MLflow ten seconds."""
    path = tmp_path_factory.mktemp("mlflow") / "empty.db"
    code = "import sys, mlflow; mlflow.MlflowClient(sys.argv[1]).get_experiment('0')"
    subprocess.run(
        [sys.executable, "-c", code, f"sqlite:///{path}"], env=environment(), check=True, capture_output=True
    )
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Path:
    return shutil.copy(empty_database, tmp_path / "store.db")


@pytest.fixture
def store(database: Path) -> str:
    """The tracking URI of a store of its own."""
    return f"sqlite:///{database}"


@pytest.fixture(scope="session")
def server(empty_database: Path, tmp_path_factory) -> Iterator[Server]:
    server = Server(shutil.copy(empty_database, tmp_path_factory.mktemp("server") / "store.db"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    proxy = Proxy(server.port)
    yield proxy
    proxy.close()


@pytest.fixture(scope="session")
def gateway():
    with nbext.gateway.serve() as running:
        yield running


@pytest.fixture
def client(gateway) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=gateway.base_url, api_key="x", max_retries=0) as client:
        yield client


@pytest.fixture(autouse=True)
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to work in, with a journal of its own; what was started is ended."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    before = {
        name: getattr(settings.current(), name) for name in ("journal_folder", "to", "experiment", "journal")
    }
    nbext.configure(journal_folder=str(tmp_path), to="", experiment="", journal=True)
    session.clear()
    yield tmp_path
    exporter = session.exports._exporter
    if exporter is not None:
        exporter.close()
    session._exports = None
    session.clear()
    nbext.configure(**before)

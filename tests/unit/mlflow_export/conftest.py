from __future__ import annotations

from typing import TYPE_CHECKING

import openai
import pytest

import nbext
from nbext import settings
from nbext.kernel.session import session
from tests.mlflow_store import new_database
from tests.unit.mlflow_export.stores import Proxy, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path_factory, tmp_path: Path) -> Path:
    return new_database(tmp_path_factory, tmp_path / "store.db")


@pytest.fixture
def store(database: Path) -> str:
    """The tracking URI of a store of its own."""
    return f"sqlite:///{database}"


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    server = Server(new_database(tmp_path_factory, tmp_path_factory.mktemp("server") / "store.db"))
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

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mlflow_store import new_database
from tests.unit.mlflow_export.stores import Server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    running = Server(new_database(tmp_path_factory, folder / "store.db"), artifacts=folder / "artifacts")
    running.start()
    yield running
    running.kill()

"""A gateway that answers, MLflow with a database of its own, and a client."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING

import mlflow
import pytest
from openai import OpenAI

from nbext.gateway import serve
from tests.mlflow_store import new_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.gateway import Gateway


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    with serve(speed=float("inf"), retry_after_s=0.02) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database for all; each test has an experiment of its own."""
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    return f"sqlite:///{new_database(tmp_path_factory, tmp_path_factory.mktemp('mlflow') / 'm.db')}"


@pytest.fixture(scope="module", autouse=True)
def store(database: str) -> None:
    mlflow.set_tracking_uri(database)


@pytest.fixture(autouse=True)
def experiment(request: pytest.FixtureRequest, store: None) -> str:
    name = request.node.name
    mlflow.set_experiment(name)
    return name


@pytest.fixture
def client(gateway: Gateway) -> OpenAI:
    return OpenAI(base_url=gateway.base_url, api_key="demo", max_retries=2)


@pytest.fixture
def autolog() -> Iterator[None]:
    mlflow.openai.autolog()
    yield
    mlflow.openai.autolog(disable=True)


def stored() -> list[mlflow.entities.Trace]:
    """The traces of the test's experiment, in the order they began."""
    end = time.monotonic() + 5
    while True:
        # Of earlier versions it comes back with spans still on their way.
        mlflow.flush_trace_async_logging()
        found = mlflow.search_traces(return_type="list")
        if (found and all(map(is_whole, found))) or time.monotonic() > end:
            return list(reversed(found))
        time.sleep(0.1)


def is_whole(trace: mlflow.entities.Trace) -> bool:
    told = json.loads(trace.info.trace_metadata.get("mlflow.trace.sizeStats", "{}"))
    return trace.info.state.value != "IN_PROGRESS" and len(trace.data.spans) >= told.get("num_spans", 1)

"""A gateway that answers, MLflow with a database of its own, and a client."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import mlflow
import pytest
from openai import OpenAI

from nbext.gateway import serve

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
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/m.db"


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
    mlflow.flush_trace_async_logging()
    return list(reversed(mlflow.search_traces(return_type="list")))

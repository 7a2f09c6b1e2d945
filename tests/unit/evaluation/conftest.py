from __future__ import annotations

import pytest

from nbext.feedback.post import post
from tests.unit.mlflow_export.conftest import (  # noqa: F401  # fixtures
    client,
    database,
    gateway,
    kernel,
    store,
)


@pytest.fixture(autouse=True)
def posts(kernel):  # noqa: F811
    yield post
    post.close()


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """No judge is set by the machine's own environment."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "DATABRICKS_TOKEN"):
        monkeypatch.delenv(name, raising=False)

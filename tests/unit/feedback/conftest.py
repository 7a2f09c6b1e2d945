from __future__ import annotations

import pytest

from nbext.feedback.post import post
from tests.unit.mlflow_export.conftest import (  # noqa: F401  # fixtures
    client,
    database,
    gateway,
    kernel,
    server,
    store,
)


@pytest.fixture(autouse=True)
def posts(kernel):  # noqa: F811
    yield post
    post.close()

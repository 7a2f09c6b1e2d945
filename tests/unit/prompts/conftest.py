from tests.unit.mlflow_export.conftest import (  # noqa: F401  # fixtures
    client,
    database,
    gateway,
    kernel,
    store,
)

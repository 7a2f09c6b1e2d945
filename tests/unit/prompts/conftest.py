from tests.unit.mlflow_export.conftest import (  # noqa: F401  # fixtures
    client,
    database,
    empty_database,
    gateway,
    kernel,
    store,
)

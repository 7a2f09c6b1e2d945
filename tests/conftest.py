"""What several areas of the tests share."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# The same examples at each run, however slow the machine: what is red here is red everywhere.
# To look further: pytest --hypothesis-profile explore.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile("same")

# Kernels and other processes started by tests import the package of this tree.
ROOT = Path(__file__).parent.parent
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.fixture(autouse=True)
def journals_stay_out_of_the_tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests trace in the folder they run in; their journals belong elsewhere."""
    from nbext.settings import current

    options = current()
    before = options.journal_folder
    options.journal_folder = str(tmp_path_factory.getbasetemp() / "journals")
    yield
    options.journal_folder = before


MLFLOW_PLACE = ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME")


@pytest.fixture(scope="module", autouse=True)
def mlflow_is_left_as_found() -> Iterator[None]:
    """A store or an experiment set in one module would take the traces of the next."""
    before = {name: os.environ.get(name) for name in MLFLOW_PLACE}
    yield
    if (mlflow := sys.modules.get("mlflow")) is not None:
        mlflow.set_tracking_uri(before["MLFLOW_TRACKING_URI"])
        mlflow.tracking.fluent._active_experiment_id = before["MLFLOW_EXPERIMENT_ID"]
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value

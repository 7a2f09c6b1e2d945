"""What several areas of the tests share."""

from __future__ import annotations

import os
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

"""What several areas of the tests share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Kernels and other processes started by tests import the package of this tree.
ROOT = Path(__file__).parent.parent
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.fixture(autouse=True)
def journals_stay_out_of_the_tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests trace in the folder they run in; their journals belong elsewhere."""
    from nbext import settings

    options = settings.current()
    before = options.journal_folder
    options.journal_folder = str(tmp_path_factory.getbasetemp() / "journals")
    yield
    options.journal_folder = before

"""The notebook on inference tables runs from its first cell to its last, and shows what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from nbext.display.pack import unpack

from .kernel import MIME

NOTEBOOK = Path(__file__).parents[2] / "example_notebooks" / "inference_tables.ipynb"


@pytest.mark.notebook
def test_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbclient import NotebookClient

    monkeypatch.setenv("NBEXT_DEMO_TABLES", str(tmp_path / "tables"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    cells: dict[str, Any] = {cell["id"]: cell for cell in notebook.cells}

    def data(name: str) -> Any:
        return next(output["data"] for output in reversed(cells[name].outputs) if "data" in output)

    def text(name: str) -> str:
        return data(name)["text/plain"]

    assert "route A: AI Gateway for serving endpoints" in text("table")
    assert "endpoint_usage" in text("usage")
    overview = data("overview")
    assert overview[MIME]["kind"] == "overview"
    assert "429" in overview["text/html"]
    assert "support" in text("overview-tags")
    joined = unpack(data("join")[MIME])
    assert (joined["joined"]["matched"], joined["joined"]["pending"]) == (3, 0)
    assert "3 of 3 calls found" in text("join")
    halves = [span["call"]["server"] for span in joined["spans"]]
    assert [half["rows"] for half in halves] == [1, 2, 1]
    unity = unpack(data("unity-join")[MIME])["spans"][0]["call"]["server"]
    assert [attempt["status_code"] for attempt in unity["attempts"]] == [429, 200]
    assert unity["fallback"] is True

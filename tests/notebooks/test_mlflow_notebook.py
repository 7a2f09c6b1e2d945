"""The example notebook about MLflow runs as it is, against the stand-in gateway and a store in a file."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import nbext

from .kernel import MIME

pytestmark = pytest.mark.notebook

NOTEBOOK = Path(__file__).parents[2] / "example_notebooks" / "mlflow.ipynb"


def outputs(notebook, start: str) -> list:
    return next(cell.outputs for cell in notebook.cells if cell.source.startswith(start))


def text(found: list) -> str:
    return "".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in found)


def test_it_runs(tmp_path, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    package = str(Path(nbext.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", package)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [o for o in outputs(notebook, "%%gateway_trace --name recipe") if MIME in o.get("data", {})]
    assert len(shown) == 1
    assert not any(
        "iframe" in str(o) for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs
    )
    assert "failed 0" in text(outputs(notebook, "call = nbext.last"))
    calls = text(outputs(notebook, "traces = nbext.mlflow_traces"))
    assert "short and right" in calls
    judged = text(outputs(notebook, "from mlflow.genai import scorer"))
    assert "yes" in judged
    assert "True" in text(outputs(notebook, "nbext.last.calls_df(columns="))

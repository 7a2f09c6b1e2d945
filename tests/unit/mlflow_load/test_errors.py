"""What stands in the way of loading is said in one line, with the way out."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import mlflow
import pytest

import nbext
from nbext.sinks.mlflow import reasons
from nbext.sources.mlflow import TraceStoreError, errors

STORE = "sqlite:///no-such-folder/store.db"


def test_too_old(monkeypatch):
    monkeypatch.setattr(mlflow, "__version__", "3.2.0")
    with pytest.raises(TraceStoreError) as raised:
        nbext.mlflow_traces(uri=STORE, experiment="x")
    assert str(raised.value) == (
        f"MLflow 3.2.0 is too old; pip install -U 'mlflow>={errors.OLDEST}', then restart the kernel"
    )


def test_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(TraceStoreError, match=r"^MLflow is not installed; pip install 'nbext\[mlflow\]'$"):
        nbext.mlflow_traces(uri=STORE, experiment="x")


@pytest.mark.parametrize("uri", ["databricks", "databricks://no-such-profile"])
def test_not_logged_in(monkeypatch, tmp_path, uri):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CONFIG_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(TraceStoreError) as raised:
        nbext.mlflow_traces(uri=uri, experiment="/Users/me/churn")
    assert str(raised.value) == (
        f"{uri} wants a login; log in with `databricks auth login` "
        "or set DATABRICKS_HOST and DATABRICKS_TOKEN"
    )


def test_what_is_claimed_is_what_is_tested():
    """Older ones than the claimed are refused only where nothing would work."""
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    claimed = re.search(r'^mlflow = \["mlflow>=([\d.]+)"\]', text, re.MULTILINE)
    tested = re.search(r'"mlflow==([\d.]+)"', text)
    assert tested[1].startswith(f"{claimed[1]}.")
    assert errors.OLDEST == reasons.OLDEST
    assert [int(n) for n in reasons.OLDEST.split(".")] <= [int(n) for n in claimed[1].split(".")]

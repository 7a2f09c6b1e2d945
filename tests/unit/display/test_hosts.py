"""Every host: how it is recognised, and what it is shown."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import IPython
import pytest

from nbext.display.hosts import HOSTS, host

SIGNS = ("DATABRICKS_RUNTIME_VERSION", "COLAB_RELEASE_TAG", "VSCODE_PID", "JPY_SESSION_NAME", "NBEXT_HOST")


@pytest.fixture
def nowhere(monkeypatch):
    for name in SIGNS:
        monkeypatch.delenv(name, raising=False)
    for name in ("marimo", "google.colab"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(IPython, "get_ipython", lambda: None)
    return monkeypatch


def shell(monkeypatch, *, kernel=True, **names):
    fake = SimpleNamespace(kernel=object() if kernel else None, user_ns=names)
    monkeypatch.setattr(IPython, "get_ipython", lambda: fake)


def test_plain_python(nowhere):
    assert host().name == "python"


def test_terminal(nowhere):
    shell(nowhere, kernel=False)
    assert host().name == "terminal"


def test_a_kernel_that_nobody_watches(nowhere):
    shell(nowhere)
    assert host().name == "kernel"
    assert host().esm is None


def test_jupyter(nowhere):
    shell(nowhere)
    nowhere.setenv("JPY_SESSION_NAME", "/home/me/analysis.ipynb")
    assert host().name == "jupyter"


@pytest.mark.parametrize("by", ["variable", "namespace"])
def test_vscode(nowhere, by):
    shell(nowhere, **({"__vsc_ipynb_file__": "/a.ipynb"} if by == "namespace" else {}))
    if by == "variable":
        nowhere.setenv("VSCODE_PID", "123")
    assert host().name == "vscode"


def test_a_terminal_of_vscode_is_a_terminal(nowhere):
    shell(nowhere, kernel=False)
    nowhere.setenv("VSCODE_PID", "123")
    assert host().name == "terminal"


@pytest.mark.parametrize("by", ["variable", "module"])
def test_colab(nowhere, by):
    shell(nowhere)
    if by == "variable":
        nowhere.setenv("COLAB_RELEASE_TAG", "release-colab")
    else:
        nowhere.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    assert host().name == "colab"


def test_databricks(nowhere):
    shell(nowhere)
    nowhere.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    assert host().name == "databricks"


def test_marimo(nowhere):
    marimo = ModuleType("marimo")
    marimo.running_in_notebook = lambda: True
    nowhere.setitem(sys.modules, "marimo", marimo)
    assert host().name == "marimo"


def test_marimo_that_is_only_imported_is_no_host(nowhere):
    marimo = ModuleType("marimo")
    marimo.running_in_notebook = lambda: False
    nowhere.setitem(sys.modules, "marimo", marimo)
    assert host().name == "python"


def test_a_host_can_be_named(nowhere):
    nowhere.setenv("NBEXT_HOST", "colab")
    assert host().name == "colab"
    nowhere.setenv("NBEXT_HOST", "no such host")
    assert host().name == "python"


def test_a_kept_widget_needs_a_living_one():
    for one in HOSTS.values():
        assert not one.widget_kept or one.widget_live
        assert not one.widget_live or one.esm == "viewer"

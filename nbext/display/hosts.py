"""What shows an output, and what each of these can do. One table, one look."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any, Literal

Name = Literal["jupyter", "vscode", "colab", "databricks", "marimo", "kernel", "terminal", "python"]


@dataclass(frozen=True, slots=True)
class Host:
    """What a host can do.

    Attributes
    ----------
    name : str
    esm : str or None
        Which module a living view sends: ``registry`` announces the model to our JupyterLab
        extension, which has the viewer; ``viewer`` brings the viewer along. None: no living view.
    widget_live : bool
        The widget is what draws while the cell runs.
    widget_kept : bool
        The widget stays in the final output. Only where it is drawn without its kernel's state
        being gone leaving an error or an empty box.
    updates : bool
        An output can be replaced after it was shown.
    max_bytes : int or None
        Most the host takes as one output, whatever the setting.
    """

    name: Name
    esm: Literal["registry", "viewer"] | None = None
    widget_live: bool = False
    widget_kept: bool = False
    updates: bool = True
    max_bytes: int | None = None


HOSTS: dict[str, Host] = {
    host.name: host
    for host in (
        # Our MIME type wins over the widget there, and stays interactive without a kernel.
        Host("jupyter", esm="registry"),
        # Without a kernel VS Code falls back to the HTML beside the widget (vscode-jupyter 12611).
        Host("vscode", esm="viewer", widget_live=True, widget_kept=True),
        # Neither keeps a widget's state: reopened, the widget would be an empty box.
        Host("colab", esm="viewer", widget_live=True, max_bytes=10_000_000),
        Host("databricks", esm="viewer", widget_live=True, max_bytes=8_000_000),
        # An output there is a part of its cell's value: shown once, at the end, and also in exports
        # without a kernel, where a widget would be an empty box.
        Host("marimo", updates=False),
        # nbclient, papermill, qtconsole: nobody answers, and nbclient would store the widget in the file.
        Host("kernel"),
        Host("terminal", updates=False),
        Host("python", updates=False),
    )
}


def host() -> Host:
    """Find out where outputs are shown; ``NBEXT_HOST`` in the environment overrules."""
    told = os.environ.get("NBEXT_HOST", "")
    return HOSTS.get(told) or HOSTS[_name()]


def _name() -> Name:
    marimo = sys.modules.get("marimo")
    shell = _shell()
    if marimo is not None and _true(getattr(marimo, "running_in_notebook", None)):
        return "marimo"
    if "DATABRICKS_RUNTIME_VERSION" in os.environ:
        return "databricks"
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ:
        return "colab"
    if getattr(shell, "kernel", None) is None:
        return "python" if shell is None else "terminal"
    return _kernel_name(shell)


def _kernel_name(shell: Any) -> Name:
    if "__vsc_ipynb_file__" in shell.user_ns or "VSCODE_PID" in os.environ:
        return "vscode"
    # Set by jupyter_server for the kernels of its sessions, which is what JupyterLab and Notebook start.
    return "jupyter" if "JPY_SESSION_NAME" in os.environ else "kernel"


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _true(function: Any) -> bool:
    try:
        return bool(function and function())
    except Exception:  # a host's own failure says nothing about us
        return False

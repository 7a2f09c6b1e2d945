"""A real JupyterLab or Notebook 7 with a page in it, driven as a person would."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "test-artifacts"
CHROMIUM = os.environ.get("NBEXT_CHROMIUM", "/usr/bin/chromium")
# Without the background flags the browser looks for its maker's hosts at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


def notebook(*cells: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """Make a notebook of code cells."""
    if metadata is None:
        metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": metadata,
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{i}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for i, source in enumerate(cells)
        ],
    }


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@dataclass
class Server:
    """A running Jupyter server. `app` is ``lab`` or ``notebook``."""

    app: str
    url: str
    root: Path

    def api(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def write(self, name: str, content: dict[str, Any]) -> None:
        (self.root / name).write_text(json.dumps(content), encoding="utf-8")

    def read(self, name: str) -> dict[str, Any]:
        return json.loads((self.root / name).read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    def trust(self, name: str) -> None:
        """Sign a notebook, as `jupyter trust` does."""
        command = [sys.executable, "-m", "jupyter", "trust", str(self.root / name)]
        subprocess.run(command, env=environment(self.root), check=True, capture_output=True)

    def stop_kernels(self) -> None:
        for session in self.api("sessions"):
            self.api(f"sessions/{session['id']}", "DELETE")


def environment(root: Path) -> dict[str, str]:
    """Variables of a server for `root`, with folders of its own for all that Jupyter keeps."""
    home = root.parent / f"{root.name}-home"
    return {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "run"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "PYTHONPATH": str(ROOT),
    }


@contextlib.contextmanager
def serve(app: str, root: Path) -> Iterator[Server]:
    """Start a server without a token, on loopback, with settings of its own."""
    port = free_port()
    env = environment(root)
    home = Path(env["HOME"])
    home.mkdir(parents=True, exist_ok=True)
    # Its question about news would lie over what a test wants to see.
    asked = home / "settings" / "@jupyterlab" / "apputils-extension"
    asked.mkdir(parents=True, exist_ok=True)
    (asked / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False})
    )
    command = [
        sys.executable,
        "-m",
        "jupyter",
        app,
        "--no-browser",
        "--allow-root",
        "--expose-app-in-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        "--ServerApp.disable_check_xsrf=True",
        f"--ServerApp.root_dir={root}",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if app == "notebook":
        command = [c for c in command if not c.startswith("--LabApp")]
    log = (root.parent / f"{root.name}-{app}.log").open("w")
    process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, cwd=root)
    server = Server(app, f"http://127.0.0.1:{port}", root)
    try:
        _wait_until_up(server, process)
        yield server
    finally:
        with contextlib.suppress(Exception):
            server.stop_kernels()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _wait_until_up(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            log = (server.root.parent / f"{server.root.name}-{server.app}.log").read_text()
            raise RuntimeError(f"jupyter {server.app} ended at once:\n{log[-3000:]}")
        try:
            server.api("status")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"jupyter {server.app} did not answer in 30 s")


class Notebook:
    """An open notebook in a page.

    Parameters
    ----------
    page : Page
    server : Server
    name : str
        File name below the server's root.
    """

    def __init__(self, page: Page, server: Server, name: str) -> None:
        self.page = page
        self.server = server
        self.name = name
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda r: self.requests.append(r.url))
        page.on("pageerror", lambda e: self.errors.append(str(e)))

    def open(self) -> Notebook:
        path = f"lab/tree/{self.name}?reset" if self.server.app == "lab" else f"notebooks/{self.name}"
        self.page.goto(f"{self.server.url}/{path}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.page.wait_for_function("window.jupyterapp && window.jupyterapp.shell.currentWidget")
        return self

    def without_kernel(self) -> None:
        """Answer the question for a kernel with "none", where it is asked."""
        ask = self.page.locator(".jp-Dialog")
        with contextlib.suppress(Exception):
            ask.wait_for(state="visible", timeout=5_000)
        if ask.count():
            self.page.keyboard.press("Escape")
            ask.wait_for(state="detached")

    def restart_kernel(self) -> None:
        """Restart the kernel without a question, and wait until it answers again."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )
        self.wait_for_kernel()

    def command(self, name: str, args: dict[str, Any] | None = None) -> None:
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args)", [name, args or {}]
        )

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            """() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel
                 ?.connectionStatus === 'connected'""",
            timeout=60_000,
        )

    def run_all(self, timeout: float = 120) -> None:
        """Run every cell and wait for the last one."""
        self.wait_for_kernel()
        self.command("notebook:run-all-cells")
        self.wait_until_idle(timeout)

    def run_cell(self, index: int, timeout: float = 60, *, wait: bool = True) -> None:
        self.wait_for_kernel()
        self.page.evaluate(
            "i => { const n = window.jupyterapp.shell.currentWidget.content; n.activeCellIndex = i; }", index
        )
        self.page.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-cell'); }")
        if wait:
            self.wait_until_idle(timeout)

    def wait_until_idle(self, timeout: float = 60) -> None:
        self.page.wait_for_timeout(100)
        self.page.wait_for_function(
            """() => { const w = window.jupyterapp.shell.currentWidget;
                 return w.sessionContext?.session?.kernel?.status === 'idle' &&
                   [...w.content.model.cells].every(c => c.executionState !== 'running'); }""",
            timeout=timeout * 1000,
        )
        self.page.wait_for_timeout(200)

    def save(self) -> dict[str, Any]:
        """Save, wait for the file, and give its content."""
        before = (self.server.root / self.name).stat().st_mtime_ns
        self.command("docmanager:save")
        for _ in range(100):
            if (self.server.root / self.name).stat().st_mtime_ns != before:
                break
            self.page.wait_for_timeout(50)
        self.page.wait_for_timeout(200)
        return self.server.read(self.name)

    def theme(self, name: str) -> None:
        self.command("apputils:change-theme", {"theme": name})
        light = "true" if "Light" in name else "false"
        self.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{light}'")
        self.page.wait_for_timeout(300)

    def output(self, cell: int) -> Any:
        """The output area of a cell, as a locator."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".jp-OutputArea-output")

    def view(self, cell: int) -> Any:
        """Our view under a cell."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".nbext-view")

    def shot(self, name: str, cell: int | None = None) -> Path:
        """Take a screenshot, of the page or of one cell with its output."""
        SHOTS.mkdir(exist_ok=True)
        path = SHOTS / f"{re.sub(r'[^a-z0-9-]+', '-', name.lower())}.png"
        if cell is None:
            self.page.screenshot(path=path)
        else:
            self.page.locator(".jp-Notebook .jp-Cell").nth(cell).screenshot(path=path)
        return path

    def foreign_requests(self) -> list[str]:
        """Requests that went anywhere but to the server."""
        own = ("data:", "blob:", self.server.url, self.server.url.replace("http", "ws", 1))
        return [url for url in self.requests if not url.startswith(own)]


def launch(playwright: Any) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)  # type: ignore[no-any-return]

"""A real MLflow server on a database of its own; its AI Gateway may call models on this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.mlflow_store import new_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


@contextmanager
def mlflow_server(tmp_path_factory: pytest.TempPathFactory, seconds: float = 90) -> Iterator[str]:
    """Run a server; give its address."""
    folder = tmp_path_factory.mktemp("server")
    new_database(tmp_path_factory, folder / "m.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "server.log").open("wb") as log:
        options = {
            "host": "127.0.0.1",
            "port": str(port),
            "backend-store-uri": f"sqlite:///{folder}/m.db",
            "artifacts-destination": str(folder / "a"),
            "workers": "1",
        }
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "mlflow",
                "server",
                *(f"--{key}={value}" for key, value in options.items()),
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={
                **{key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")},
                "MLFLOW_GATEWAY_API_BASE_ALLOWED_SCHEMES": "http,https",
                "MLFLOW_GATEWAY_API_BASE_ALLOW_PRIVATE_IPS": "true",
                # With it, the spans the gateway adds to a caller's trace are forgotten before they are sent.
                "MLFLOW_USE_BATCH_SPAN_PROCESSOR": "false",
                # Several more processes, for what is not tested.
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            },
        )
    try:
        _wait_for(url, time.monotonic() + seconds, folder)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _wait_for(url: str, deadline: float, folder: Path) -> None:
    while True:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=2).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                log = (folder / "server.log").read_text("utf-8", "replace")
                raise TimeoutError(f"the MLflow server did not start:\n{log[-2000:]}") from None
            time.sleep(0.2)

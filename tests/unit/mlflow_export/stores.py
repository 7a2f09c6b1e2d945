"""A real tracking server on loopback, a proxy in front of it that misbehaves, and what a store holds."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.mlflow_store import clean_environment as environment

if TYPE_CHECKING:
    from pathlib import Path


def stored(uri: str, experiment: str) -> list[dict]:
    """Give the traces of an experiment as MLflow reads them."""
    import mlflow

    client = mlflow.MlflowClient(uri)
    found, token = [], None
    number = client.get_experiment_by_name(experiment).experiment_id
    while True:
        page = client.search_traces(locations=[number], max_results=100, page_token=token)
        found += [json.loads(trace.to_json()) for trace in page]
        token = page.token
        if not token:
            return found


def hex_ids(traces: list[dict]) -> list[str]:
    return sorted(trace["info"]["trace_id"].removeprefix("tr-") for trace in traces)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """``mlflow server`` on a file of SQLite; may be killed and started again."""

    def __init__(self, database: Path, *, artifacts: Path | None = None) -> None:
        self.database = database
        # Kept by the server itself, as it does by default; else in a folder that clients write to.
        self._artifacts = artifacts
        self.port = free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--backend-store-uri", f"sqlite:///{self.database}", "--workers", "1"]
        if self._artifacts is not None:
            command += ["--artifacts-destination", str(self._artifacts)]
        else:
            command += ["--default-artifact-root", str(self.database.parent / "artifacts")]
        self._process = subprocess.Popen(
            command,
            env=environment() | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + 90
        while time.monotonic() < end:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{self.uri}/health", timeout=2) as answer,
            ):
                if answer.status == 200:
                    return
            time.sleep(0.2)
        raise AssertionError("mlflow server did not start")

    def kill(self) -> None:
        if self._process is not None:
            # It and the workers it started.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


class Proxy:
    """Passes requests on to a server, unless it is told to be slow or to refuse."""

    def __init__(self, port: int) -> None:
        self.status: int | None = None
        self.delay = 0.0
        self.posts = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                time.sleep(proxy.delay)
                proxy.posts += self.command == "POST"
                if proxy.status is not None:
                    self.reply(proxy.status, b"no", "text/plain")
                    return
                try:
                    upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                    kept = {
                        k: v for k, v in self.headers.items() if k.lower() not in ("host", "accept-encoding")
                    }
                    upstream.request(self.command, self.path, body, kept)
                    answer = upstream.getresponse()
                    self.reply(
                        answer.status, answer.read(), answer.headers.get("content-type") or "text/plain"
                    )
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = answer

            def reply(self, status: int, data: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.uri = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

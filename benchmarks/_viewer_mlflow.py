"""MLflow's inline display in the viewer benchmark: a frame that fetches the trace from a tracking server."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from typing import Any

from _viewer_result import Result, median_of, renderer_bytes

from tests.browser.jupyter import CHROMIUM, FLAGS, free_port


@contextlib.contextmanager
def mlflow_server() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        uri = f"http://127.0.0.1:{port}"
        command = [
            *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)),
            *("--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/m.db"),
        ]
        env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            for _ in range(600):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{uri}/health", timeout=2).close()
                    break
                time.sleep(0.1)
            yield uri
        finally:
            process.terminate()
            process.wait(20)


def mlflow_result(playwright: Any, uri: str, wire: dict[str, Any], runs: int) -> Result:
    """Log the trace, then show it as a notebook would."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    experiment = mlflow.set_experiment("viewer").experiment_id
    trace_id = _log(wire)
    source = (
        f"{uri}/static-files/lib/notebook-trace-renderer/index.html?trace_id={trace_id}"
        f"&experiment_id={experiment}&version={mlflow.__version__}"
    )
    results = [_mlflow_once(playwright, source, wire) for _ in range(runs)]
    return median_of(results)


def _log(wire: dict[str, Any]) -> str:
    import mlflow

    made: dict[str, Any] = {}
    start = wire["start"]
    ns = lambda ms: int((start + ms) * 1e6)  # noqa: E731
    for span in wire["spans"]:
        parent = made.get(span.get("parent", ""))
        inputs = (span.get("call") or {}).get("messages") or span.get("inputs")
        made[span["id"]] = mlflow.start_span_no_context(
            span["name"], span["type"], parent_span=parent, inputs=inputs, start_time_ns=ns(span["at"])
        )
    for span in reversed(wire["spans"][1:]):
        outputs = (span.get("call") or {}).get("answers") or span.get("outputs")
        made[span["id"]].end(outputs=outputs, end_time_ns=ns(span["at"] + span["ms"]))
    root = made[wire["spans"][0]["id"]]
    root.end(end_time_ns=ns(wire["ms"]))
    mlflow.flush_trace_async_logging()
    return str(root.trace_id)


def _mlflow_once(playwright: Any, source: str, wire: dict[str, Any]) -> Result:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    try:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(60_000)
        # Once for its bundle, so that only the drawing is counted.
        page.goto(source)
        page.wait_for_function("document.body.innerText.includes('eval_batch')")
        moved: list[int] = []
        page.on("response", lambda r: moved.append(int(r.headers.get("content-length") or 0)))
        start = time.perf_counter()
        page.goto(source)
        page.wait_for_function("document.body.innerText.includes('eval_batch')")
        paint = (time.perf_counter() - start) * 1000
        cdp = page.context.new_cdp_session(page)
        cdp.send("Performance.enable")
        metrics = {m["name"]: m["value"] for m in cdp.send("Performance.getMetrics")["metrics"]}
        elements = page.evaluate("document.querySelectorAll('*').length")
        heap, process = int(metrics["JSHeapUsedSize"]), renderer_bytes(browser)
        return Result("MLflow", len(wire["spans"]), paint, 0, elements, 0, None, heap, process, sum(moved))
    finally:
        browser.close()

"""MLflow's configuration and display are as the user has them when nothing is traced."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import mlflow
from mlflow.tracing.config import get_config
from mlflow.tracing.display import IPythonTraceDisplayHandler

import nbext

if TYPE_CHECKING:
    from pathlib import Path

    from openai import OpenAI


def mask(span: Any) -> None:
    if span.inputs:
        span.set_inputs("masked")


@mlflow.trace
def work(what: str) -> str:
    return what


def test_the_users_processors_stay_and_come_first() -> None:
    theirs = [mask]
    with mlflow.tracing.configure(span_processors=theirs):
        before = get_config().span_processors
        with nbext.trace(display=False) as outer, nbext.trace(display=False) as inner:
            work("secret")
            assert get_config().span_processors[0] is mask
        assert get_config().span_processors is before
        assert before == theirs == [mask]
    assert [span.inputs for span in inner.spans] == ["masked"]
    assert outer.spans == []


def test_what_the_user_sets_meanwhile_stays() -> None:
    before = get_config().span_processors
    try:
        with nbext.trace(display=False):
            mlflow.tracing.configure(span_processors=[mask])
            work("a")
        assert get_config().span_processors == [mask]
    finally:
        mlflow.tracing.configure(span_processors=before)
    # And a block of theirs that ends when ours is over leaves nothing of ours behind.
    theirs = None
    with nbext.trace(display=False):
        theirs = mlflow.tracing.configure(span_processors=[mask])
        theirs.__enter__()
    theirs.__exit__(None, None, None)
    with nbext.trace(display=False) as capture:
        work("b")
    assert [span.outputs for span in capture.spans] == ["b"]
    assert len([p for p in get_config().span_processors if p.__name__ == "nbext_spans"]) <= 1


def test_processors_set_meanwhile_do_not_hide_what_follows_a_call(client: OpenAI) -> None:
    before = get_config().span_processors
    try:
        with nbext.trace(display=False) as capture:
            mlflow.tracing.configure(span_processors=[mask])
            with mlflow.start_span("agent"):
                client.embeddings.create(model="demo-embed", input="x")
        assert [span.name for span in capture.spans] == ["agent", "Embeddings"]
        assert get_config().span_processors == [mask]
    finally:
        mlflow.tracing.configure(span_processors=before)


def test_the_display_is_silent_and_comes_back() -> None:
    handler = IPythonTraceDisplayHandler
    assert handler.disabled is False
    with nbext.trace(display=False):
        assert handler.disabled
        with nbext.trace(display=False):
            assert handler.disabled
        assert handler.disabled
    assert handler.disabled is False


def test_what_the_user_says_of_the_display_stays() -> None:
    handler = IPythonTraceDisplayHandler
    mlflow.tracing.disable_notebook_display()
    try:
        with nbext.trace(display=False):
            pass
        assert handler.disabled is True
    finally:
        mlflow.tracing.enable_notebook_display()
    with nbext.trace(display=False):
        mlflow.tracing.disable_notebook_display()
    try:
        assert handler.disabled is True
    finally:
        mlflow.tracing.enable_notebook_display()
    with nbext.trace(display=False):
        mlflow.tracing.enable_notebook_display()
        assert handler.disabled is False
    assert handler.disabled is False


IMPORTED_IN_THE_BLOCK = """
import sys, nbext
with nbext.trace(display=False) as capture:
    assert "mlflow" not in sys.modules
    import mlflow
    mlflow.set_tracking_uri("sqlite:///" + sys.argv[1] + "/m.db")
    with mlflow.start_span("work", span_type="TOOL") as span:
        span.set_outputs(42)
print([(span.name, span.type, span.outputs, span.status) for span in capture.spans])
display = mlflow.tracing.display.IPythonTraceDisplayHandler
print(mlflow.tracing.config.get_config().span_processors, display.disabled)
"""


def test_imported_while_tracing(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTED_IN_THE_BLOCK, str(tmp_path)],
        cwd=tmp_path,
        # MLflow tells its children which experiment it is at; in their database there is none such.
        env={key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.stdout.splitlines() == ["[('work', 'TOOL', 42, 'ok')]", "[] False"], ran.stderr

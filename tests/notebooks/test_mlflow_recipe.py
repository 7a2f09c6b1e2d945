"""MLflow's documented recipe works as printed, with our view under the cell and MLflow's nowhere twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mlflow_server import mlflow_server

from .kernel import trace_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kernel import Kernel

pytestmark = pytest.mark.notebook

RECIPE = """
import mlflow, os
from openai import OpenAI
{uri}
mlflow.set_experiment("recipe")
mlflow.openai.autolog()
client = OpenAI(base_url=os.environ["GATEWAY"], api_key="demo")
answer = client.chat.completions.create(
    model="demo-chat", messages=[{{"role": "user", "content": "What is 2 + 2?"}}]
)
"""
STORED = """
mlflow.flush_trace_async_logging()
mlflow.tracing.disable_notebook_display()
traces = mlflow.search_traces(return_type="list")
mlflow.tracing.enable_notebook_display()
print([[(s.span_id, s.attributes["gateway.request_id"]) for s in t.data.spans] for t in traces])
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mlflow_server(tmp_path_factory) as url:
        yield url


def test_the_recipe(kernel: Kernel, server: str) -> None:
    for uri in (
        "",
        'mlflow.set_tracking_uri("sqlite:///recipe.db")',
        f"mlflow.set_tracking_uri({server!r})",
    ):
        ran = kernel.run("%%gateway_trace\n" + RECIPE.format(uri=uri))
        assert ran.reply["status"] == "ok", ran.error
        (view,) = ran.views
        (span,) = trace_of(view)["spans"]
        assert (span["name"], span["type"], span["call"]["code"]) == ("Completions", "CHAT_MODEL", 200)
        request_id = span["call"]["facts"]["request_id"]
        stored = kernel.run(STORED)
        assert stored.stdout.splitlines()[-1] == f"[[({span['id']!r}, {request_id!r})]]", stored.error
        assert stored.views == []


def test_mlflows_own_view_comes_back(kernel: Kernel, server: str) -> None:
    kernel.run(RECIPE.format(uri=f"mlflow.set_tracking_uri({server!r})"))
    call = "with mlflow.start_span('plain'): pass\nmlflow.flush_trace_async_logging()"
    untraced = kernel.run(call)
    assert ["iframe" in view.data.get("text/html", "") for view in untraced.views] == [True]
    traced = kernel.run("%%gateway_trace\n" + call)
    (view,) = traced.views
    assert "iframe" not in view.data["text/html"]
    assert [span["name"] for span in trace_of(view)["spans"]] == ["plain"]
    # A trace that is exported only when its cell is over is not shown by the next one either.
    late = kernel.run("%%gateway_trace\nwith mlflow.start_span('late'): pass")
    assert len(late.views) == 1
    after = kernel.run("mlflow.flush_trace_async_logging()\nimport time; time.sleep(0.5)")
    assert after.views == []
    assert ["iframe" in view.data.get("text/html", "") for view in kernel.run(call).views] == [True]

"""Exported traces in MLflow's own pages: the chat, the tokens, the status, the gateway's facts."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import openai
import pytest

import nbext
from nbext import settings
from nbext.kernel.session import session
from tests.mlflow_store import new_database
from tests.unit.mlflow_export.stores import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTION = "Why is the sky blue?"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, gateway: str) -> Iterator[tuple[str, nbext.Capture]]:
    """Address of an experiment's page in a real tracking server, and what was exported to it."""
    import mlflow

    folder = tmp_path_factory.mktemp("mlflow_ui")
    server = Server(new_database(tmp_path_factory, folder / "store.db"))
    server.start()
    before = settings.current().journal_folder
    nbext.configure(journal_folder=str(folder))
    client = openai.OpenAI(base_url=gateway, api_key="x", max_retries=0)
    with nbext.trace("ui", to=server.uri, experiment="ui") as capture:
        client.chat.completions.create(model="demo-chat", messages=[{"role": "user", "content": QUESTION}])
        with contextlib.suppress(openai.NotFoundError):
            client.chat.completions.create(model="no-such", messages=[{"role": "user", "content": QUESTION}])
    assert nbext.push(timeout=120) == nbext.PushResult(exported=2)
    number = mlflow.MlflowClient(server.uri).get_experiment_by_name("ui").experiment_id
    yield f"{server.uri}/#/experiments/{number}/traces", capture
    session.exports._exporter.close()
    session._exports = None
    nbext.configure(journal_folder=before)
    server.kill()


def test_mlflow_shows_the_chat_the_tokens_and_the_facts(browser, exported, tmp_path):
    address, capture = exported
    call, failed = capture.calls
    page = browser.new_page(viewport={"width": 1500, "height": 950})
    page.goto(f"{address}?selectedEvaluationId=tr-{call.trace_id}")
    chat = page.get_by_text(QUESTION, exact=True).last
    chat.wait_for(timeout=60_000)
    page.get_by_text(call.completion[:40]).last.wait_for()
    body = page.locator("body")
    assert "Completions" in body.inner_text()
    # Role names are what MLflow writes over the messages of a chat, and only of one it can read.
    page.get_by_text("User", exact=True).first.wait_for()
    page.get_by_text("Assistant", exact=True).first.wait_for()
    assert str(call.usage.total_tokens) in body.inner_text()
    page.screenshot(path=tmp_path / "chat.png")
    page.get_by_text("Attributes", exact=True).first.click()
    page.get_by_text(call.facts.request_id).first.wait_for()
    page.screenshot(path=tmp_path / "attributes.png")
    page.close()

    page = browser.new_page(viewport={"width": 1500, "height": 950})
    page.goto(f"{address}?selectedEvaluationId=tr-{failed.trace_id}")
    page.get_by_text(failed.error_message).first.wait_for(timeout=60_000)
    page.screenshot(path=tmp_path / "error.png")
    page.close()

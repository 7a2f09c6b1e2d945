"""A verdict given in the page reaches MLflow; what people and judges said stands at the call, saved too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.mlflow_store import new_database
from tests.unit.mlflow_export.stores import Server as Mlflow
from tests.unit.mlflow_export.stores import stored

from .cells import load
from .jupyter import notebook
from .view import View, expect_no_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .jupyter import Notebook, Server

PUSH = "import nbext\nprint(nbext.push())"
JUDGE = """import mlflow
@mlflow.genai.scorer
def short(outputs):
    return mlflow.entities.Feedback(value=len(outputs) < 10_000, rationale=f"{len(outputs) > 0} words")
print(nbext.evaluate(nbext.last, scorers=[short]))"""


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mlflow]:
    server = Mlflow(new_database(tmp_path_factory, tmp_path_factory.mktemp("mlflow") / "store.db"))
    server.start()
    yield server
    server.kill()


def told(server: Mlflow) -> dict[str, tuple]:
    """What the store holds of the one trace: value, who, and why."""
    (trace,) = stored(server.uri, "said")
    found = {}
    for one in trace["info"].get("assessments", []):
        value = one.get("feedback") or one.get("expectation")
        found[one["assessment_name"]] = (value["value"], one["source"]["source_type"], one.get("rationale"))
    return found


def test_a_verdict_and_a_judge(
    lab: Server, open_notebook: Callable[..., Notebook], gateway: str, mlflow: Mlflow
) -> None:
    traced = f"%%gateway_trace --name judged --to {mlflow.uri} --experiment said\nreply = ask('What is 2+2?')"
    book = open_notebook(lab, "feedback.ipynb", notebook(load(gateway), traced, PUSH, JUDGE))
    for cell in (0, 1, 2):
        book.run_cell(cell, timeout=120)
    expect(book.output(2).first).to_contain_text("exported 1 · pending 0 · failed 0")
    view = View(book.view(1))
    view.open_call()
    view.find(".nb-one").get_by_role("button", name="Good answer").click()
    form = view.find(".nb-fb")
    form.get_by_label("Comment").fill("Exactly what I wanted.")
    form.get_by_label("Score, 0 to 1").fill("0.9")
    form.get_by_label("Expected answer").fill("4")
    expect(form).to_contain_text(f"goes to: MLflow {mlflow.uri}")
    book.shot("feedback-form", 1)
    form.get_by_role("button", name="Save").click()
    expect(view.find(".nb-fb")).to_contain_text(f"Goes to {mlflow.uri}")

    # The badges are there at once, and the store has it soon.
    badges = view.find(".nb-judges .nb-pill")
    expect(badges.filter(has_text="feedback")).to_be_visible()
    expect(badges.filter(has_text="score")).to_contain_text("0.9")
    badges.filter(has_text="feedback").click()
    expect(view.find(".nb-judges .nb-verdict")).to_contain_text("Exactly what I wanted.")
    end = time.monotonic() + 90
    while len(found := told(mlflow)) < 3 and time.monotonic() < end:
        book.page.wait_for_timeout(500)
    assert found == {
        "feedback": (True, "HUMAN", "Exactly what I wanted."),
        "score": (0.9, "HUMAN", None),
        "expected_response": ("4", "HUMAN", None),
    }

    book.run_cell(3, timeout=180)
    judged = badges.filter(has_text="short")
    expect(judged).to_be_visible()
    judged.click()
    expect(view.find(".nb-judges .nb-verdict").last).to_contain_text("True words")
    book.shot("feedback-judged", 1)
    assert told(mlflow)["short"] == (True, "CODE", "True words")
    expect_no_failure(book.page)

    # Where the store shows it, one press away; and all of it in the saved notebook, with no kernel.
    link = view.find(".nb-note a")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    content = book.save()
    for one in content["cells"]:
        one["metadata"]["trusted"] = True
    content["metadata"] = {}
    lab.write("feedback-saved.ipynb", content)
    lab.trust("feedback-saved.ipynb")
    lab.stop_kernels()
    saved = open_notebook(lab, "feedback-saved.ipynb")
    saved.without_kernel()
    view = View(saved.view(1))
    view.open_call()
    for name in ("feedback", "score", "short"):
        expect(view.find(".nb-judges .nb-pill").filter(has_text=name)).to_be_visible()
    saved.shot("feedback-saved", 1)
    with saved.page.expect_popup() as opened:
        view.find(".nb-note a").click()
    opened.value.get_by_text("What is 2+2?").first.wait_for(timeout=60_000)
    opened.value.close()

"""An overview and a joined call in a real JupyterLab: drawn, answering, and still there without a kernel."""

from __future__ import annotations

import json
import math
import random
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

import nbext.gateway

from .cells import load
from .jupyter import notebook
from .view import expect_no_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .jupyter import Notebook, Server

MODELS = {
    "support-chat": ("us.anthropic.claude-haiku-4-5-20251001-v1:0", 700, 0.5),
    "rag-answer": ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 1300, 0.2),
    "classify": ("meta-llama-3.3-70b-instruct-121024", 200, 0.18),
    "sql-agent": ("gpt-4o-2024-08-06", 2800, 0.12),
}


def logged(path: Path) -> None:
    """A week of a gateway's traffic: busy by day, a storm of 429s on its second day."""
    import pyarrow as pa
    import pyarrow.parquet

    dice = random.Random(7)
    start = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0) - timedelta(
        days=6, hours=20
    )
    rows = []
    for hour in range(24 * 7 - 5):
        day = 20 + 80 * max(0.0, math.sin((hour % 24 - 7) / 24 * 2 * math.pi))
        for _ in range(int(day * dice.uniform(0.8, 1.2))):
            endpoint = dice.choices(list(MODELS), [share for _, _, share in MODELS.values()])[0]
            model, usual, _ = MODELS[endpoint]
            storm = 32 <= hour <= 36 and endpoint == "rag-answer" and dice.random() < 0.7
            code = 429 if storm or dice.random() < 0.006 else dice.choices([200, 500], [99.4, 0.6])[0]
            moment = start + timedelta(hours=hour, seconds=dice.uniform(0, 3600))
            sent, made = dice.randint(200, 2500), dice.randint(20, 300)
            usage = {"prompt_tokens": sent, "completion_tokens": made, "total_tokens": sent + made}
            answer = {"role": "assistant", "content": f"Answer {len(rows)}."}
            body: dict[str, Any] = {
                "error_code": "REQUEST_LIMIT_EXCEEDED",
                "message": "Exceeded the rate limit.",
            }
            if code == 200:
                choice = {"index": 0, "message": answer, "finish_reason": "stop"}
                body = {
                    "id": f"c{len(rows)}",
                    "object": "chat.completion",
                    "model": model,
                    "choices": [choice],
                    "usage": usage,
                }
            question = {"role": "user", "content": f"Question {len(rows)}"}
            rows.append(
                {
                    "databricks_request_id": f"{len(rows):08x}-0000-4000-8000-000000000000",
                    "request_date": moment.date(),
                    "request_time": moment,
                    "status_code": code,
                    "sampling_fraction": 1.0,
                    "execution_duration_ms": int(usual * dice.lognormvariate(0, 0.5)) if code == 200 else 3,
                    "request": json.dumps({"model": endpoint, "messages": [question]}),
                    "response": json.dumps(body),
                    "served_entity_id": f"{list(MODELS).index(endpoint):032x}",
                    "requester": f"{dice.choice(['ana', 'ben', 'chi'])}@example.com",
                }
            )  # fmt: skip
    pa.parquet.write_table(pa.Table.from_pylist(rows), path)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with nbext.gateway.serve(tables=tmp_path_factory.mktemp("tables"), refusals=1, retry_after_s=0.3) as gw:
        yield gw


# Words of the axis of time that leave it, and would be cut.
_WIDER = """axis => {
    const right = box => box.getBoundingClientRect().right;
    return [...axis.children].filter(word => right(word) > right(axis) + 1).map(word => word.textContent);
}"""


def test_an_overview_is_drawn_filtered_and_saved(
    lab: Server, open_notebook: Callable[..., Notebook], tmp_path: Path
) -> None:
    logged(tmp_path / "support_payload")
    setup = (
        f"%load_ext nbext\nimport nbext\ntable = nbext.inference_table({str(tmp_path / 'support_payload')!r})"
    )
    book = open_notebook(lab, "overview.ipynb", notebook(setup, "table.overview(days=7)"))
    book.run_all()
    view = book.view(1)
    expect(view.locator(".nb-overview")).to_be_visible(timeout=30_000)
    expect(view).to_contain_text("support_payload")
    expect(view).to_contain_text("rag-answer")
    book.shot("overview-light", 1)
    assert view.locator(".xt").evaluate(_WIDER) == []
    # A press on a group asks the kernel, and Enter lists the calls behind it.
    view.get_by_text("rag-answer").first.click()
    view.get_by_role("button", name="Show these calls").click()
    expect(view.locator(".nb-behind")).to_contain_text("500 of 1,", timeout=60_000)
    book.page.wait_for_timeout(1000)
    book.shot("overview-filtered", 1)
    book.theme("JupyterLab Dark")
    book.shot("overview-dark", 1)
    book.theme("JupyterLab Light")
    saved = book.save()
    data = saved["cells"][1]["outputs"][0]["data"]
    assert data["application/vnd.nbext.trace.v1+json"]["kind"] == "overview"
    assert "rag-answer" in "".join(data["text/html"])
    expect_no_failure(book.page)
    assert book.errors == []


def test_a_joined_call_shows_both_ends(
    lab: Server, open_notebook: Callable[..., Notebook], tables: Any
) -> None:
    folder = str(tables.tables["unity_payload"].parent)
    setup = load(tables.unity_url) + f"import nbext, time\nfolder = {folder!r}"
    one = (
        "%%gateway_trace --name support\nreply = ask('What did the customer ask for?', model='demo-fallback')"
    )
    join = "nbext.last.join(nbext.inference_table(folder + '/unity_payload').with_usage(folder), wait='30s')"
    book = open_notebook(lab, "join.ipynb", notebook(setup, one, join))
    book.run_cell(0)
    book.run_cell(1)
    tables.deliver()
    book.run_cell(2)
    view = book.view(2)
    expect(view).to_be_visible(timeout=30_000)
    view.locator("header, .nb-head, .nb-card, article").first.click()
    gateway = view.get_by_role("tab", name="Gateway")
    expect(gateway).to_be_visible()
    gateway.click()
    expect(view).to_contain_text("this kernel", timeout=30_000)
    expect(view).to_contain_text("system.ai.claude-sonnet-4-5")
    expect(view).to_contain_text("request_id")
    book.shot("joined-light", 2)
    expect_no_failure(book.page)
    assert book.errors == []

"""Takes the pictures of README.md and DESIGN.md: a real JupyterLab runs cells against the stand-in gateway.

    python renderers/screenshots/take.py

Writes ``renderers/screenshots/*.png``, cropped to a cell and its output, with few colours so that each
stays under 150 kB. Needs what the browser tests need: JupyterLab, Playwright, Chromium, Pillow, mlflow.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402

from tests.browser.jupyter import Notebook, launch, notebook, serve  # noqa: E402
from tests.browser.test_tables import logged  # noqa: E402
from tests.browser.view import View  # noqa: E402

HERE = Path(__file__).parent
MOST_BYTES = 150_000
# Twice the dots, as most screens have.
SCALE = 2

SETUP = """%load_ext nbext
import asyncio, json, time
import mlflow, nbext, nbext.gateway
from mlflow.entities import SpanType
from openai import AsyncOpenAI, BadRequestError, OpenAI

mlflow.set_tracking_uri("sqlite:///traces.db")
# Where the pictures are taken is nobody's business.
nbext.configure(to="off")
gw = nbext.gateway.serve(speed=1.5)
client = OpenAI(base_url=gw.base_url, api_key="demo")
many = AsyncOpenAI(base_url=gw.base_url, api_key="demo")

# The first span makes the store; that is no part of the picture.
with mlflow.start_span("warm up"):
    pass

def chat(words, model="databricks-claude-sonnet-4-5", system=None, **options):
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": words})
    return client.chat.completions.create(model=model, messages=messages, **options)

def read(stream):
    return [chunk.choices[0].delta.content for chunk in stream if chunk.choices]

def tool(name, seconds, kind=SpanType.TOOL, error=None, **inputs):
    with mlflow.start_span(name, span_type=kind) as span:
        span.set_inputs(inputs)
        time.sleep(seconds)
        if error:
            raise LookupError(error)
        span.set_outputs({"rows": 12})

SYSTEM = "You are a churn analyst. Answer only from query results, name the table of each figure. " * 6

async def churn_agent(question):
    with mlflow.start_span("churn_agent", span_type=SpanType.AGENT) as agent:
        agent.set_inputs({"question": question})
        with mlflow.start_span("plan"):
            read(chat(f"Plan the steps: {question}", system=SYSTEM, stream=True))
        with mlflow.start_span("gather"):
            def docs():
                with mlflow.start_span("search_docs", span_type=SpanType.RETRIEVER) as span:
                    span.set_inputs({"query": "churn definition and segments"})
                    client.embeddings.create(model="demo-embed", input=["churn definition and segments"])
                    tool("vector_query", 0.2, k="8")
            def missing():
                try:
                    tool("run_sql", 0.2, query="reasons by region", error="TABLE_OR_VIEW_NOT_FOUND: churn_q3")
                except LookupError:
                    pass
            await asyncio.gather(
                asyncio.to_thread(docs),
                asyncio.to_thread(tool, "run_sql", 0.8, query="churn by region and month"),
                asyncio.to_thread(tool, "run_sql", 0.6, query="support tickets by region"),
                asyncio.to_thread(missing),
            )
        with mlflow.start_span("repair"):
            chat("The table churn_q3 is not there. Which one has reasons?", "demo-429-then-ok", SYSTEM)
            tool("run_sql", 0.35, query="churn_by_quarter, 2026Q3")
        with mlflow.start_span("analyse"):
            read(chat("Which region lost most, and why?", "databricks-gpt-oss-120b", SYSTEM, stream=True))
        with mlflow.start_span("check"):
            await asyncio.gather(
                asyncio.to_thread(chat, "Is every figure in a query result?", "databricks-llama-4-maverick"),
                asyncio.to_thread(chat, "Is this on topic?", "databricks-claude-haiku-4-5"),
                asyncio.to_thread(tool, "no_pii", 0.006, SpanType.TOOL, pattern="regex"),
            )
        with mlflow.start_span("write"):
            tool("read_style", 0.03, SpanType.RETRIEVER, file="house_style.md")
            report = read(chat("Write the report in five sentences.", system=SYSTEM, stream=True))
            with mlflow.start_span("save_note", span_type=SpanType.TOOL) as span:
                span.set_inputs({"file": "churn_q3.md"})
                tool("write_file", 0.03, size="1.9 kB")
                tool("notify", 0.02, channel="#churn")
        agent.set_outputs({"report": report})
        return report
"""
AGENT = """%%gateway_trace --name churn_agent
report = await churn_agent("Which region lost the most customers in Q3, and why?")"""
ONE = """%%gateway_trace
reply = chat("Why can two jobs write to one Delta table at once?", "databricks-claude-haiku-4-5")"""
FIFTY = """%%gateway_trace
tickets = ["I was charged twice", "The export crashes", "How to add a user?", "Wrong invoice", "SSO is down"]

async def label(n):
    text = f"{tickets[n % 5]} (ticket {n}): billing, bug or how-to?"
    return await many.chat.completions.create(
        model="databricks-claude-haiku-4-5", messages=[{"role": "user", "content": text}])

replies = await asyncio.gather(*map(label, range(50)))"""
BLOCKED = """%%gateway_trace
try:
    chat("Tell ana@example.com that card 4111 1111 1111 1111 was declined.", "demo-guardrail")
except BadRequestError as error:
    print("the client saw", type(error).__name__)"""
DIFF = "%gateway_trace diff"
FRAME = "calls = nbext.calls_df()\ncalls.gateway.show()"
REPLAY = """again = nbext.captures[2].calls[0].replay(model="databricks-claude-sonnet-4-5", temperature=0)
again"""
OVERVIEW = """table = nbext.inference_table("support_payload")
table.overview(days=7)"""
LOGGED = """unity = nbext.gateway.serve(tables="tables", refusals=1, retry_after_s=0.4, speed=1.5)
support = OpenAI(base_url=unity.unity_url, api_key="demo")
with nbext.trace("support", display=False) as asked:
    question = {"role": "user", "content": "What did the customer ask for, and by when?"}
    support.chat.completions.create(model="demo-fallback", messages=[question])
unity.deliver()"""
JOIN = """asked.join(nbext.inference_table("tables/unity_payload").with_usage("tables"), wait="30s")"""
CELLS = [SETUP, AGENT, ONE, FIFTY, BLOCKED, DIFF, FRAME, REPLAY, OVERVIEW, LOGGED, JOIN]
# The agent twice, so that there is something to compare.
ORDER = [0, 1, 1, 5, 2, 3, 4, 6, 7, 8, 9, 10]


def save(name: str, png: bytes) -> None:
    """Store a picture with as few colours as keep it small."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64):
        data = io.BytesIO()
        image.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            data, "PNG", optimize=True
        )
        if data.tell() <= MOST_BYTES:
            break
    path = HERE / f"{name}.png"
    path.write_bytes(data.getvalue())
    print(f"{data.tell() / 1000:6.0f} kB  {image.width} × {image.height}  {path.name}")


def cell_of(book: Notebook, index: int) -> Any:
    """Give a cell with its outputs."""
    return book.page.locator(".jp-Notebook .jp-Cell").nth(index)


def shoot(book: Notebook, name: str, index: int, *, output_only: bool = False) -> None:
    """Take one picture."""
    cell = cell_of(book, index)
    target = cell.locator(".nbext-view") if output_only else cell
    target.scroll_into_view_if_needed()
    book.page.mouse.move(2, 2)
    book.page.wait_for_timeout(400)
    save(name, target.screenshot(scale="device"))


def press(target: Any) -> None:
    """Press without the pointer: a real one activates the cell, and the notebook scrolls under it."""
    target.dispatch_event("click")


def agent_with_detail(book: Notebook) -> None:
    """Open the call that was repeated."""
    view = View(book.view(1))
    press(view.row("attempts").locator("b").first)
    expect(view.detail).to_be_visible()


def take(book: Notebook) -> None:
    """Take all pictures."""
    for theme, word in (("JupyterLab Light", "light"), ("JupyterLab Dark", "dark")):
        book.theme(theme)
        shoot(book, f"agent-{word}", 1)
        shoot(book, f"one-call-{word}", 2)
    book.theme("JupyterLab Light")
    agent_with_detail(book)
    shoot(book, "agent-detail-light", 1)
    book.theme("JupyterLab Dark")
    shoot(book, "agent-detail-dark", 1)
    book.theme("JupyterLab Light")
    shoot(book, "fifty-calls-light", 3)
    shoot(book, "blocked-light", 4)
    press(View(book.view(4)).find(".nb-one"))
    shoot(book, "blocked-open-light", 4)
    press(View(book.view(2)).find(".nb-one"))
    shoot(book, "one-call-open-light", 2)
    forms(book)


def forms(book: Notebook) -> None:
    """Take the pictures of what is no trace."""
    compared = View(book.view(5))
    # Which parents are unfolded hangs on what took longer this time.
    press(compared.find(".nb-head .nb-menu button").first)
    press(compared.find("[role=menuitem]", has_text="Unfold all"))
    press(compared.rows.filter(has_text="claude-haiku").first.locator("b").first)
    expect(compared.detail).to_be_visible()
    shoot(book, "compare-light", 5)
    table = View(book.view(6))
    press(table.find("tbody tr[aria-rowindex]").nth(2))
    expect(table.detail).to_be_visible()
    shoot(book, "frame-light", 6)
    shoot(book, "replay-light", 7)
    joined = View(book.view(10))
    press(joined.find(".nb-one, .nb-head").first)
    press(joined.find("[role=tab]", has_text="Gateway").first)
    shoot(book, "joined-light", 10)
    shoot(book, "overview-light", 8)
    book.theme("JupyterLab Dark")
    shoot(book, "overview-dark", 8)
    shoot(book, "compare-dark", 5)


def main() -> None:
    """Run the cells, then take the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(folder) / "root"
        root.mkdir()
        logged(root / "support_payload")
        with serve("lab", root) as server:
            browser = launch(playwright)
            context = browser.new_context(viewport={"width": 1400, "height": 1200}, device_scale_factor=SCALE)
            page = context.new_page()
            page.set_default_timeout(60_000)
            server.write("pictures.ipynb", notebook(*CELLS))
            book = Notebook(page, server, "pictures.ipynb").open()
            # The file browser and the bar with buttons over a cell are no part of the picture.
            book.command("application:toggle-left-area")
            page.add_style_tag(content=".jp-cell-toolbar, .jp-toolbar-overlap { display: none !important; }")
            for index in ORDER:
                book.run_cell(index, 180)
            # No cell is the active one.
            page.add_style_tag(content=".jp-Collapser { visibility: hidden; }")
            take(book)
            browser.close()


if __name__ == "__main__":
    main()

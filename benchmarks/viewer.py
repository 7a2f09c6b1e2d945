"""How fast a trace is drawn and used: nbext's view, wigglystuff's TraceView, MLflow's inline display.

    python benchmarks/viewer.py [--spans 10 500 2000 10000 50000] [--runs 3] [--mlflow 10 500]

One run, one machine, headless Chromium, viewers by turns; each figure is the median over fresh pages.
The script is loaded, the data is in the page and the page is at rest when the clock starts; it stops
when the first row has been painted. nbext is drawn as JupyterLab does it, by the prebuilt extension from
the stored form of an output; TraceView by its own module from its traits. MLflow's display needs a
tracking server, and fetches the trace itself: its clock starts with the frame. All rows are unfolded
before the scrolling; "rows" are the most that were in the page while it went on. "Its CPU" is the work of
the page's own thread, up to the first paint and per frame of the scrolling. The line of plain text says
what a frame takes on this machine at the least: without it a slow scroll says nothing of a view.

Ends with 1 where a budget is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from _viewer_mlflow import mlflow_result, mlflow_server  # noqa: E402
from _viewer_result import FRAMES, Clock, Result, median_of, renderer_bytes  # noqa: E402
from _viewer_scripts import LAB, MEASURES, TRACEVIEW  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from nbext.display.pack import dumps, pack  # noqa: E402
from tests.browser.jupyter import CHROMIUM, FLAGS  # noqa: E402
from tests.browser.traces import agent_runs  # noqa: E402

ORIGIN = "http://bench.invalid/"
SIZES = [10, 500, 2_000, 10_000, 50_000]


def traits_of(wire: dict[str, Any]) -> dict[str, Any]:
    """Give the same spans as TraceView takes them, messages among the attributes."""
    spans = []
    for span in wire["spans"]:
        call = span.get("call") or {}
        attributes = {
            "gen_ai.request.model": call.get("model"),
            "gen_ai.input.messages": json.dumps(call.get("messages")) if call else None,
            "gen_ai.output.messages": json.dumps(call.get("answers")) if call else None,
            "inputs": json.dumps(span["inputs"]) if "inputs" in span else None,
        }
        start = wire["start"] + span["at"]
        spans.append(
            {
                "span_id": span["id"],
                "parent_id": span.get("parent"),
                "trace_id": "f" * 32,
                "name": span["name"],
                "service": "agent",
                "kind": "internal",
                "start_ms": start,
                "end_ms": start + span["ms"],
                "status": "error" if span.get("status") == "error" else "ok",
                "status_message": (span.get("error") or {}).get("message", ""),
                "attributes": {key: value for key, value in attributes.items() if value is not None},
                "events": [],
                "links": [],
            }
        )
    from wigglystuff import TraceView

    state = TraceView(spans=spans, height=600).get_state()
    return {key: value for key, value in state.items() if not key.startswith("_")}


def viewers(wire: dict[str, Any]) -> dict[str, tuple[str, dict[str, bytes], Any]]:
    """Per viewer: the script that begins it, the files it needs, its data."""
    folder = ROOT / "renderers" / "labextension" / "static"
    [entry] = folder.glob("remoteEntry.*.js")
    found: dict[str, tuple[str, dict[str, bytes], Any]] = {
        "nbext": (LAB, {"bundle.js": entry.read_bytes()}, pack(wire))
    }
    with contextlib.suppress(ImportError):
        import wigglystuff

        static = Path(wigglystuff.__file__).parent / "static"
        files = {name: (static / name).read_bytes() for name in ("traceview.js", "traceview.css")}
        found["TraceView"] = (TRACEVIEW, files, traits_of(wire))
    return found


def measure(
    playwright: Any, viewer: str, spans: int, script: str, files: dict[str, bytes], data: Any
) -> Result:
    """Draw once in a browser of its own."""
    with opened_page(playwright, script, files) as (page, browser):
        page.evaluate("data => ready(data)", data)
        cdp = page.context.new_cdp_session(page)
        clock = Clock(cdp)
        paint = page.evaluate("measure()")
        paint_cpu = clock.lap()
        elements = page.evaluate("root().querySelectorAll('*').length")
        notice = page.evaluate("notice()")
        page.evaluate("openAll()")
        clock.lap()
        scroll = page.evaluate("scroll()")
        scroll_cpu = clock.lap() / FRAMES
        click = page.evaluate("clicks()")
        cdp.send("HeapProfiler.collectGarbage")
        metrics = {m["name"]: m["value"] for m in cdp.send("Performance.getMetrics")["metrics"]}
        return Result(
            viewer,
            spans,
            paint,
            page.evaluate("mounted"),
            elements,
            scroll,
            click,
            int(metrics["JSHeapUsedSize"]),
            renderer_bytes(browser),
            len(dumps(data).encode()),
            paint_cpu,
            scroll_cpu,
            notice,
        )


def plain_page(playwright: Any) -> Result:
    """Scroll lines of text in an otherwise empty page."""
    with opened_page(playwright, "", {}) as (page, browser):
        clock = Clock(page.context.new_cdp_session(page))
        scroll = page.evaluate("plain()")
        cpu = clock.lap() / FRAMES
        return Result("plain text", 0, 0, 0, 500, scroll, None, 0, renderer_bytes(browser), 0, None, cpu)


@contextlib.contextmanager
def opened_page(playwright: Any, script: str, files: dict[str, bytes]) -> Any:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    try:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(180_000)
        page.route("**/*", lambda route: _answer(route, files))
        page.goto(ORIGIN)
        page.evaluate("code => { (0, eval)(code); }", script + MEASURES)
        yield page, browser
    finally:
        browser.close()


def _answer(route: Any, files: dict[str, bytes]) -> None:
    name = route.request.url.removeprefix(ORIGIN)
    if name == "":
        tags = "<script src=bundle.js></script>" if "bundle.js" in files else ""
        style = "<link rel=stylesheet href=traceview.css>" if "traceview.css" in files else ""
        body = f"<!doctype html><meta charset=utf-8>{style}<body>{tags}</body>"
        route.fulfill(content_type="text/html", body=body)
    elif name in files:
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        route.fulfill(content_type=kind, body=files[name])
    else:
        route.abort()


# ── the table and the budgets ──


def table(results: list[Result]) -> str:
    lines = [
        f"{'viewer':10} {'spans':>6} {'first paint':>11} {'its CPU':>8} {'rows':>6} {'elements':>8} "
        f"{'scroll p95':>10} {'its CPU':>8} {'click':>8} {'JS heap':>8} {'process':>8} {'moved':>9}"
    ]
    for r in results:
        paint = _ms(r.paint or None, 8)
        lines.append(
            f"{r.viewer:10} {r.spans or '–':>6} {paint} {_ms(r.paint_cpu, 5)} {r.rows or '–':>6} "
            f"{r.elements:>8,.0f} {_ms(r.scroll or None, 7)} {_ms(r.scroll_cpu, 5, 1)} {_ms(r.click, 5)} "
            f"{r.heap / 1e6:>5.1f} MB {r.process / 1e6:>5.0f} MB {size(r.moved):>9}"
        )
    return "\n".join(lines)


def _ms(value: float | None, width: int, digits: int = 0) -> str:
    return f"{'–':>{width + 3}}" if value is None else f"{value:>{width},.{digits}f} ms"


def size(count: float) -> str:
    return f"{count / 1e6:.2f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def ratios(results: list[Result]) -> list[str]:
    """Say what ours is of the peer's, by the clock and by the work of the page's thread."""
    by = {(r.viewer, r.spans): r for r in results}
    lines = []
    for ours in results:
        peer = by.get(("TraceView", ours.spans))
        if ours.viewer != "nbext" or not peer:
            continue
        parts = [f"first paint {ours.paint / peer.paint:.2f}"]
        if ours.paint_cpu and peer.paint_cpu:
            parts.append(f"its CPU {ours.paint_cpu / peer.paint_cpu:.2f}")
        if ours.click and peer.click:
            parts.append(f"click {ours.click / peer.click:.2f}")
        parts.append(f"moved {ours.moved / peer.moved:.2f}")
        lines.append(f"{ours.spans:>6,} spans, nbext of TraceView: " + ", ".join(parts))
    return lines


def budgets(results: list[Result]) -> list[tuple[str, bool]]:
    """Hold the results against what a view may cost, where the run has the figures for it."""
    by = {(r.viewer, r.spans): r for r in results}
    found: list[tuple[str, bool]] = []

    def check(words: str, value: float | None, most: float) -> None:
        # What was not measured because nothing came is missed, too.
        given = "nothing came" if value is None else f"{value:,.2f}"
        found.append((f"{words}: {given}, at most {most:,.2f}", value is not None and value <= most))

    for spans, ratio, moved in ((10, 0.8, 60_000), (500, 0.5, 200_000)):
        ours, peer = by.get(("nbext", spans)), by.get(("TraceView", spans))
        if ours and peer:
            check(f"first paint at {spans}, of TraceView's", ours.paint / peer.paint, ratio)
        if ours:
            check(f"kB moved at {spans}", ours.moved / 1000, moved / 1000)
    for r in results:
        if r.viewer == "nbext":
            check(f"ms from click to detail at {r.spans:,}", r.click, 14 if r.spans <= 10 else 50)
            check(f"mounted rows at {r.spans:,}", r.rows, 100)
            check(f"ms scroll p95 at {r.spans:,}", r.scroll, 32)
    large = by.get(("nbext", 10_000))
    if large:
        check("ms first paint at 10,000", large.paint, 300)
    huge = by.get(("nbext", 50_000))
    if huge:
        found.append((f"notice at 50,000: {huge.notice or 'none'}", bool(huge.notice)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--spans", type=int, nargs="+", default=SIZES)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--most-peer", type=int, default=10_000, help="largest size for TraceView")
    parser.add_argument("--mlflow", type=int, nargs="*", default=[10, 500], help="sizes; none: left out")
    given = parser.parse_args()
    with sync_playwright() as playwright:
        results = [median_of([plain_page(playwright) for _ in range(3)])]
        for spans in given.spans:
            results += drawn(playwright, spans, given.runs, given.most_peer)
        if given.mlflow:
            with mlflow_server() as uri:
                results += [
                    mlflow_result(playwright, uri, agent_runs(spans), min(2, given.runs))
                    for spans in given.mlflow
                ]
    print(table(sorted(results, key=lambda r: (r.spans, r.viewer != "nbext"))))
    print("", *ratios(results), "", sep="\n")
    checked = budgets(results)
    for words, met in checked:
        print(f"{'ok    ' if met else 'MISSED'} {words}")
    if not all(met for _, met in checked):
        sys.exit(1)


def drawn(playwright: Any, spans: int, runs: int, most_peer: int) -> list[Result]:
    """Draw in all viewers by turns, so that what else the machine does meets each alike."""
    chosen = {
        viewer: given
        for viewer, given in viewers(agent_runs(spans)).items()
        if viewer == "nbext" or spans <= most_peer
    }
    times = runs if spans <= 2_000 else min(runs, 3)
    taken: dict[str, list[Result]] = {viewer: [] for viewer in chosen}
    for _ in range(times):
        for viewer, (script, files, data) in chosen.items():
            taken[viewer].append(measure(playwright, viewer, spans, script, files, data))
    results = [median_of(each) for each in taken.values()]
    for result in results:
        print(f"{result.viewer} {spans:,}: first paint {result.paint:.0f} ms", file=sys.stderr)
    return results


if __name__ == "__main__":
    main()

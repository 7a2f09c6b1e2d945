"""``python -m nbext gateway``: the stand-in in a process of its own."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import TYPE_CHECKING, get_args

from .options import Options, StreamForm
from .server import Gateway, serve

if TYPE_CHECKING:
    from types import FrameType

_DEFAULTS = Options()

# Nobody looks into the memory of a process that only answers.
_KEPT = 1000


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    found = argparse.ArgumentParser(
        prog="python -m nbext gateway",
        description=(
            "A stand-in for a Databricks AI gateway on 127.0.0.1, to try and test with. "
            "No model answers, nothing leaves this machine, and any API key will do."
        ),
    )
    add = found.add_argument
    add("--port", type=int, default=8765, help="port on 127.0.0.1; 0 takes a free one (default: 8765)")
    add("--table", metavar="DIR", help="append inference-table rows (route A) to a Delta table there")
    add("--tables", metavar="DIR", help="append all five tables to Delta tables in this folder")
    add("--speed", type=float, default=_DEFAULTS.speed, help="how much faster to answer; inf never waits")
    add("--seed", type=int, help="make request ids the same in every run")
    add(
        "--delay", type=float, default=_DEFAULTS.delay_s, metavar="S", help="seconds until a row is delivered"
    )
    add("--sampling", type=float, default=1.0, metavar="SHARE", help="share of requests that get a row")
    add("--duplicates", type=float, default=0.0, metavar="SHARE", help="share of rows delivered twice")
    add(
        "--stream-form",
        choices=get_args(StreamForm),
        default=_DEFAULTS.stream_form,
        help="how streamed answers are stored (default: %(default)s)",
    )
    return found


def main(argv: list[str]) -> int:
    """Run the stand-in until it is interrupted. Returns the exit code."""
    given = parser().parse_args(argv)
    try:
        options = Options(
            speed=given.speed,
            seed=given.seed,
            delay_s=given.delay,
            sampling_fraction=given.sampling,
            duplicate_fraction=given.duplicates,
            stream_form=given.stream_form,
            keep=_KEPT,
        )
        gateway = serve(given.port, table=given.table, tables=given.tables, options=options)
    except (ImportError, OSError, ValueError) as problem:
        print(f"nbext gateway: {problem}", file=sys.stderr)
        return 2
    with gateway:
        print(banner(gateway), flush=True)
        _until_stopped()
        print(f"\nstopped after {len(gateway.exchanges):,} requests", flush=True)
    return 0


def banner(gateway: Gateway) -> str:
    """Say what is running and how to call it."""
    lines = [
        f"Stand-in gateway on {gateway.host}: for trying and testing, no model answers here.",
        "",
        f"  route A    OpenAI(base_url={gateway.base_url!r}, api_key='demo')",
        f"  route B    OpenAI(base_url={gateway.unity_url!r}, api_key='demo')",
        f"  Anthropic  Anthropic(base_url={gateway.anthropic_url!r}, auth_token='demo')",
        "  models     demo-chat, demo-embed, demo-slow, demo-429-then-ok, demo-guardrail, databricks-…",
        f"             all of them: {gateway.host}/",
        *(f"  table      {path}" for path in gateway.tables.values()),
        "",
        "Ctrl-C stops it.",
    ]
    return "\n".join(lines)


def _until_stopped() -> None:
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    stopped.wait()

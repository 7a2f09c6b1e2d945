"""Calls through the stand-in, and the rows it logs of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import openai
import pytest

import nbext
import nbext.gateway

if TYPE_CHECKING:
    from pathlib import Path

ROUTES = {"serving": "payload", "unity": "unity_payload"}


def client(gw: Any, route: str, **options: Any) -> openai.OpenAI:
    url = gw.base_url if route == "serving" else gw.unity_url
    return openai.OpenAI(base_url=url, api_key=gw.api_key, **{"max_retries": 2, **options})


def ask(to: openai.OpenAI, model: str, text: str = "Say hello.", **options: Any) -> None:
    """One call; what the gateway refuses is part of the test."""
    streamed = options.pop("streamed", False)
    try:
        if "embed" in model:
            to.embeddings.create(model=model, input=text, **options)
        elif streamed:
            for _ in to.chat.completions.create(
                model=model, messages=[{"role": "user", "content": text}], stream=True, **options
            ):
                pass
        else:
            to.chat.completions.create(model=model, messages=[{"role": "user", "content": text}], **options)
    except openai.OpenAIError:
        pass


def traced(gw: Any, route: str, asks: list[dict[str, Any]], *, threads: int = 1, **options: Any) -> Any:
    """Make calls in a capture and have their rows delivered."""
    to = client(gw, route, **options)
    with nbext.trace("join", display=False) as capture:
        if threads == 1:
            for one in asks:
                ask(to, **one)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda one: ask(to, **one), asks))
    return capture


@pytest.fixture
def serve(tmp_path: Any) -> Any:
    """Start stand-ins that write their tables into a folder of the test."""
    running = []

    def start(**options: Any) -> Any:
        folder = options.pop("folder", None) or tmp_path / f"tables{len(running)}"
        gw = nbext.gateway.serve(tables=folder, **{"speed": float("inf"), "retry_after_s": 0.01, **options})
        running.append(gw)
        return gw

    yield start
    for gw in running:
        gw.close()


def table_of(gw: Any, route: str, *, usage: bool = False) -> Any:
    gw.deliver()
    table = nbext.inference_table(gw.tables[ROUTES[route]])
    return table.with_usage(gw.tables) if usage else table


def with_a_row(serve: Any, folder: Path, **options: Any) -> Any:
    """Start a stand-in whose table is there already, with somebody else's row."""
    first = serve(folder=folder)
    traced(first, "serving", [{"model": "demo-chat", "text": "Somebody else"}])
    first.close()
    return serve(folder=folder, **options)

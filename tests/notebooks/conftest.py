"""A stand-in gateway for all, a kernel for each file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.gateway import Gateway

SETUP = """
import asyncio, os
from openai import AsyncOpenAI, OpenAI
client = OpenAI(base_url=os.environ["GATEWAY"], api_key="demo", max_retries=2)
unity = OpenAI(base_url=os.environ["UNITY"], api_key="demo", max_retries=0)
aclient = AsyncOpenAI(base_url=os.environ["GATEWAY"], api_key="demo", max_retries=2)
slow = OpenAI(base_url=os.environ["SLOW_GATEWAY"], api_key="demo", max_retries=0)
aslow = AsyncOpenAI(base_url=os.environ["SLOW_GATEWAY"], api_key="demo", max_retries=0)
STORY = {"model": "demo-slow", "messages": [{"role": "user", "content": "A long story"}], "stream": True}
def ask(question="Hi", model="demo-chat", **more):
    messages = [{"role": "user", "content": question}]
    return client.chat.completions.create(model=model, messages=messages, **more)
async def ask_soon(question="Hi", model="demo-chat", **more):
    messages = [{"role": "user", "content": question}]
    return await aclient.chat.completions.create(model=model, messages=messages, **more)
"""


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    from nbext.gateway import serve

    with serve(speed=float("inf"), retry_after_s=0.05) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def slow_gateway() -> Iterator[Gateway]:
    """One that takes the time a model takes, for streams that somebody interrupts."""
    from nbext.gateway import serve

    with serve() as gateway:
        yield gateway


def start(gateway: Gateway, slow_gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    kernel = Kernel(
        tmp_path_factory.mktemp("notebook"),
        GATEWAY=gateway.base_url,
        SLOW_GATEWAY=slow_gateway.base_url,
        UNITY=gateway.unity_url,
        # As in JupyterLab: the host that keeps no widget in the output.
        JPY_SESSION_NAME="test.ipynb",
    )
    ran = kernel.run("%load_ext nbext\n" + SETUP)
    assert ran.reply["status"] == "ok", ran.error
    return kernel


@pytest.fixture(scope="module")
def kernel(
    gateway: Gateway, slow_gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    """A kernel with the extension loaded and clients made."""
    with start(gateway, slow_gateway, tmp_path_factory) as kernel:
        yield kernel


@pytest.fixture
def fresh(
    gateway: Gateway, slow_gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    """The same, for one test that spoils it."""
    with start(gateway, slow_gateway, tmp_path_factory) as kernel:
        yield kernel

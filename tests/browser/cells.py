"""Cells that the tests run."""

from __future__ import annotations

import json


def load(url: str) -> str:
    """The extension and a client of the stand-in gateway at `url`."""
    return f"""%load_ext nbext
import asyncio
from openai import AsyncOpenAI, OpenAI
URL = {json.dumps(url)}
client = OpenAI(base_url=URL, api_key="demo", max_retries=0)
many = AsyncOpenAI(base_url=URL, api_key="demo")
MODEL = "databricks-claude-haiku-4-5"
def ask(words, **options):
    options.setdefault("model", MODEL)
    return client.chat.completions.create(messages=[{{"role": "user", "content": words}}], **options)
async def asked(words, **options):
    options.setdefault("model", MODEL)
    return await many.chat.completions.create(messages=[{{"role": "user", "content": words}}], **options)
"""


ONE = "%%gateway_trace\nreply = ask('Why can two jobs write to one Delta table at once?')"
THREE = (
    "%%gateway_trace --name trio\nreplies = [ask(f'Question {n}: what is a lakehouse?') for n in range(3)]"
)
SLOW_STREAM = """%%gateway_trace
for chunk in ask("My Spark job is slow. Where do I look first?", model="demo-slow", stream=True):
    pass
"""


def many(count: int, model: str = "demo-slow") -> str:
    """`count` streams at once."""
    return f"""%%gateway_trace
async def read(n):
    stream = await asked(f"Question {{n}}: why is my Spark job slow?", model="{model}", stream=True)
    async for chunk in stream:
        pass
await asyncio.gather(*map(read, range({count})))
"""

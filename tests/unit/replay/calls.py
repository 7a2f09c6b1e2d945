"""A traced call, and the client that sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai import OpenAI

import nbext

if TYPE_CHECKING:
    from nbext.model.call import Call

    from .conftest import Gateway

SECRET = "sk-live-1234567890abcdef1234567890abcdef"
ASK = {"model": "m-1", "messages": [{"role": "user", "content": "hello"}], "temperature": 0.5}


def client_of(gateway: Gateway) -> OpenAI:
    return OpenAI(base_url=f"{gateway.url}/v1", api_key=SECRET, max_retries=0)


def traced(client: OpenAI, **changes: Any) -> Call:
    with nbext.trace("write", display=False) as capture:
        answer = client.chat.completions.create(**{**ASK, **changes})
        if changes.get("stream"):
            list(answer)
    return capture.calls[0]

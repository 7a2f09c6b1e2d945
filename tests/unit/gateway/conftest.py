import math

import httpx
import pytest
from openai import OpenAI

import nbext.gateway

FAST = math.inf

# One client: each new one would load the certificates anew.
HTTP = httpx.Client(timeout=20)


@pytest.fixture(scope="module")
def gw():
    with nbext.gateway.serve(speed=FAST, retry_after_s=0.01) as gateway:
        yield gateway


@pytest.fixture
def client(gw):
    with OpenAI(base_url=gw.base_url, api_key="key", max_retries=0) as found:
        yield found


@pytest.fixture
def unity(gw):
    with OpenAI(base_url=gw.unity_url, api_key="key", max_retries=0) as found:
        yield found


def user(text):
    return [{"role": "user", "content": text}]

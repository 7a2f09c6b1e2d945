import json

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

import nbext.gateway
from nbext.gateway.endpoints import CATALOG
from nbext.gateway.faults import FAULTS

from .conftest import FAST, HTTP, user

PII = "mail a@b.com, card 4111 1111 1111 1111"


def ask(client, model, text=PII, **options):
    return client.chat.completions.create(model=model, messages=user(text), **options)


def inner(error):
    return json.loads(error.response.json()["message"])


def test_every_fault_is_an_endpoint():
    assert FAULTS.keys() <= CATALOG.keys()


def test_rate_limit(client, unity):
    for one in (client, unity):
        with pytest.raises(openai.RateLimitError) as caught:
            ask(one, "demo-429")
        body = caught.value.response.json()
        assert body["error_code"] == "REQUEST_LIMIT_EXCEEDED" and "demo-429" in body["message"]
        headers = caught.value.response.headers
        assert headers["retry-after"] == "0.01"
        assert headers["x-ratelimit-remaining-requests"] == "0"


def test_refused_then_answered_is_three_requests_for_one_call(gw):
    before = len(gw.exchanges)
    with OpenAI(base_url=gw.base_url, api_key="k", max_retries=2) as client:
        assert ask(client, "demo-429-then-ok", "once").choices[0].message.content
    seen = gw.exchanges[before:]
    assert [exchange.status for exchange in seen] == [429, 429, 200]
    assert [exchange.headers["x-stainless-retry-count"] for exchange in seen] == ["0", "1", "2"]


@pytest.mark.anyio
async def test_many_equal_calls_at_once_are_each_refused_twice(gw):
    before = len(gw.exchanges)
    async with AsyncOpenAI(base_url=gw.base_url, api_key="k", max_retries=2) as client:
        import asyncio

        await asyncio.gather(
            *(
                client.chat.completions.create(model="demo-429-then-ok", messages=user("same"))
                for _ in range(20)
            )
        )
    statuses = [exchange.status for exchange in gw.exchanges[before:]]
    assert statuses.count(429) == 40 and statuses.count(200) == 20


def test_a_client_that_does_not_count_is_answered_in_the_end(gw):
    body = {"model": "demo-429-then-ok", "messages": user("by hand")}
    statuses = []
    import time

    while not statuses or statuses[-1] == 429:
        statuses.append(HTTP.post(gw.base_url + "/chat/completions", json=body).status_code)
        assert len(statuses) < 50
        time.sleep(0.05)
    assert statuses.count(429) >= 2 and statuses[-1] == 200
    # The next one begins anew.
    assert HTTP.post(gw.base_url + "/chat/completions", json=body).status_code == 429


def test_guardrail_on_route_a(client):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "demo-guardrail")
    verdict = inner(caught.value)
    assert verdict["finishReason"] == "input_guardrail_triggered"
    assert verdict["usage"] == {"prompt_tokens": 0, "total_tokens": 0}
    (found,) = verdict["input_guardrail"]
    assert found["flagged"] and found["pii_detection"] and found["categories"] == {"privacy": True}
    assert found["anonymized_input"] == [
        {"role": "user", "content": "mail <EMAIL_ADDRESS>, card <CREDIT_CARD>"}
    ]


def test_output_guardrail_on_route_a(client):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "demo-guardrail-output")
    verdict = inner(caught.value)
    assert verdict["finishReason"] == "output_guardrail_triggered"
    assert verdict["output_guardrail"][0]["flagged"] and verdict["usage"]["prompt_tokens"] > 0


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model, phase", [("demo-policy", "pre_call"), ("demo-policy-output", "post_call")])
def test_policy_on_route_b_looks_like_an_answer(gw, model, phase, stream):
    body = {"model": model, "messages": user(PII), "stream": stream}
    answer = HTTP.post(gw.unity_url + "/chat/completions", json=body)
    assert answer.status_code == 200
    if stream:
        chunks = [json.loads(part[6:]) for part in answer.text.split("\n\n") if part and "[DONE]" not in part]
        last, text = chunks[-1], "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks)
        assert [("databricks_service_policy" in chunk) for chunk in chunks].index(True) == len(chunks) - 1
    else:
        last = answer.json()
        text = last["choices"][0]["message"]["content"]
        assert last["id"] == "databricks-guardrail-block" and last["created"] == 0 and "model" not in last
    assert last["choices"][0]["finish_reason"] == "content_filter"
    assert (
        last["databricks_service_policy"].items() >= {"name": "PII", "action": "deny", "phase": phase}.items()
    )
    assert "a@b.com" in last["databricks_service_policy"]["reason"]
    assert "blocked by the 'PII' service policy" in text
    assert (last["usage"]["prompt_tokens"] > 0) == (phase == "post_call")


def test_guardrail_and_policy_take_the_form_of_the_route(client, unity):
    assert ask(unity, "demo-guardrail").choices[0].finish_reason == "content_filter"
    with pytest.raises(openai.BadRequestError):
        ask(client, "demo-policy")


def test_mask(client):
    text = ask(client, "demo-mask").choices[0].message.content
    assert "<EMAIL_ADDRESS>" in text and "a@b.com" not in text


def test_budget(unity):
    with pytest.raises(openai.PermissionDeniedError) as caught:
        ask(unity, "demo-budget")
    body = caught.value.response.json()
    assert body["error_code"] == "PERMISSION_DENIED" and "reached its limit" in body["message"]


def test_fallback(client):
    raw = client.chat.completions.with_raw_response.create(model="demo-fallback", messages=user("hello"))
    assert raw.headers["served-model-name"] == "databricks-claude-sonnet-4-5"
    assert "claude-sonnet-4-5" in raw.parse().model


def test_provider_error_and_internal_error(client):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "demo-400")
    assert inner(caught.value)["external_model_error"]["error"]["type"] == "invalid_request_error"
    with pytest.raises(openai.InternalServerError):
        ask(client, "demo-500")


def test_disconnect(client):
    with pytest.raises(openai.APIConnectionError):
        ask(client, "demo-disconnect")
    text = ""
    with pytest.raises((openai.APIError, httpx.TransportError, *_httpx2_errors())):
        for chunk in ask(client, "demo-disconnect", stream=True):
            text += chunk.choices[0].delta.content or ""
    assert text


def _httpx2_errors():
    import httpx2

    return (httpx2.TransportError,)


def post(gw, model, stream):
    body = {"model": model, "messages": user("What is a Delta table?"), "stream": stream}
    return HTTP.post(gw.base_url + "/chat/completions", json=body, timeout=20)


def test_malformed(gw):
    with pytest.raises(json.JSONDecodeError):
        post(gw, "demo-malformed", False).json()
    events = [part for part in post(gw, "demo-malformed", True).text.split("\n\n") if part]
    assert all(json.loads(event[6:]) for event in events[:-1]) and len(events) > 3
    with pytest.raises(json.JSONDecodeError):
        json.loads(events[-1][6:])


@pytest.mark.parametrize("stream", [False, True])
def test_other_broken_answers(gw, stream):
    with pytest.raises(UnicodeDecodeError):
        post(gw, "demo-malformed-utf8", stream).content.decode()
    page = post(gw, "demo-html", stream)
    assert (
        page.status_code == 200
        and page.headers["content-type"].startswith("text/html")
        and "<h1>" in page.text
    )
    nothing = post(gw, "demo-empty", stream)
    assert nothing.status_code == 200 and nothing.content == b""
    assert post(gw, "demo-200-error", stream).json()["error"]["type"] == "server_error"


def test_streams_that_end_badly(gw):
    open_end = post(gw, "demo-no-done", True).text
    assert "[DONE]" not in open_end and '"finish_reason":"stop"' not in open_end and '"content"' in open_end
    last = [part for part in post(gw, "demo-stream-error", True).text.split("\n\n") if part][-1]
    assert json.loads(last[6:])["error"]["error_code"] == "INTERNAL_ERROR"
    assert post(gw, "demo-stream-error", False).status_code == 500


def test_huge(gw):
    whole = post(gw, "demo-huge", False)
    assert len(whole.content) > 1.5 * 1024 * 1024
    stream = post(gw, "demo-huge", True)
    assert len(stream.content) > 1.5 * 1024 * 1024
    # Coarser than a token per chunk, or it would be a hundred times the size.
    assert stream.text.count("data: ") < 3000


@pytest.mark.parametrize(
    "model", ["demo-policy", "demo-guardrail", "demo-fallback", "demo-disconnect", "demo-huge"]
)
def test_faults_hold_for_the_other_apis_too(gw, model):
    for path, body in (("/responses", {"input": "hello"}), ("/completions", {"prompt": "hello"})):
        for stream in (False, True):
            try:
                answer = HTTP.post(
                    gw.unity_url + path, json={"model": model, "stream": stream, **body}, timeout=20
                )
                assert answer.status_code == 200
            except httpx.RemoteProtocolError:
                assert model == "demo-disconnect"


def test_refusals_are_an_option():
    with nbext.gateway.serve(speed=FAST, refusals=0) as gw:
        body = {"model": "demo-429-then-ok", "messages": user("x")}
        assert HTTP.post(gw.base_url + "/chat/completions", json=body).status_code == 200
    with nbext.gateway.serve(speed=FAST, retry_after_s=None, rate_limit_headers=False) as gw:
        refused = HTTP.post(gw.base_url + "/chat/completions", json={**body, "model": "demo-429"})
        assert not [name for name in refused.headers if name.startswith(("retry", "x-ratelimit"))]

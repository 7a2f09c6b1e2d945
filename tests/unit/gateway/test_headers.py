import re

import nbext.gateway

from .conftest import FAST, HTTP, user

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHAT = {"model": "demo-chat", "messages": user("hello")}


def ask(url, headers=None, **body):
    return HTTP.post(url + "/chat/completions", json={**CHAT, **body}, headers=headers)


def test_route_a(gw):
    headers = ask(gw.base_url).headers
    assert UUID.fullmatch(headers["x-request-id"])
    assert f'request_id;dur=0;desc="{headers["x-request-id"]}"' in headers["server-timing"]
    assert headers["served-model-name"] == "databricks-meta-llama-3-3-70b-instruct"
    assert headers["x-databricks-org-id"].isdigit()
    assert "traceresponse" not in headers
    assert gw.exchanges[-1].request_id == headers["x-request-id"]


def test_route_b(gw):
    headers = ask(gw.unity_url).headers
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", headers["traceresponse"])
    assert UUID.fullmatch(headers["x-request-id"])
    assert "served-model-name" not in headers and "server-timing" not in headers
    assert headers["content-type"] == "application/json; charset=utf-8"


def test_every_answer_says_that_it_is_a_stand_in(gw):
    answers = [
        ask(gw.base_url),
        ask(gw.unity_url),
        ask(gw.base_url, model="demo-429"),
        HTTP.get(gw.host),
        HTTP.get(gw.host + "/api/2.0/serving-endpoints/demo-chat"),
    ]
    for answer in answers:
        assert answer.headers["x-nbext-stand-in"] == "not a real gateway"
        assert answer.headers["server"] == "nbext-stand-in"


def test_bedrock_headers_only_of_whole_claude_answers(gw):
    claude = {"model": "databricks-claude-haiku-4-5"}
    whole = ask(gw.base_url, **claude)
    counts = whole.json()["usage"]
    assert whole.headers["x-amzn-bedrock-input-token-count"] == str(counts["prompt_tokens"])
    assert whole.headers["x-amzn-bedrock-output-token-count"] == str(counts["completion_tokens"])
    for other in (ask(gw.base_url, stream=True, **claude), ask(gw.base_url), ask(gw.unity_url, **claude)):
        assert not [name for name in other.headers if name.startswith("x-amzn")]


def test_unverified_forms_are_options():
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with nbext.gateway.serve(
        speed=FAST,
        same_request_id=False,
        databricks_request_id_header=True,
        served_model_header=False,
        follow_traceparent=True,
    ) as gw:
        headers = ask(gw.base_url).headers
        (row,) = gw.rows
        assert headers["x-request-id"] != row["databricks_request_id"] == headers["x-databricks-request-id"]
        assert "served-model-name" not in headers
        followed = ask(gw.unity_url, {"traceparent": trace}).headers["traceresponse"]
        assert followed.split("-")[1] == trace.split("-")[1]


def test_traceparent_is_not_followed_by_default(gw):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert trace.split("-")[1] not in ask(gw.unity_url, {"traceparent": trace}).headers["traceresponse"]

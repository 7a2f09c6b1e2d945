import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import HTTP

KEYS = st.sampled_from(
    [
        "messages",
        "input",
        "prompt",
        "contents",
        "tools",
        "tool_choice",
        "stop",
        "n",
        "max_tokens",
        "stream",
        "response_format",
        "role",
        "content",
        "type",
        "text",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "parameters",
        "properties",
        "required",
        "enum",
        "items",
        "system",
        "parts",
        "usage_context",
        "model",
        "functionDeclarations",
        "generationConfig",
        "encoding_format",
        "dimensions",
        "tool_result",
        "tool_use",
        "cache_control",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-5, 9) | st.floats(-9, 9) | st.text(max_size=6) | KEYS
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(KEYS, JSON, max_size=5)
PATHS = st.sampled_from(
    [
        *(
            f"/serving-endpoints/{api}"
            for api in ("chat/completions", "completions", "embeddings", "responses")
        ),
        "/serving-endpoints/anthropic/v1/messages",
        "/serving-endpoints/demo-chat/invocations",
        "/ai-gateway/gemini/v1beta/models/databricks-gemini-2-5-flash:generateContent",
        "/ai-gateway/mlflow/v1/chat/completions",
    ]
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=PATHS, body=BODIES, model=st.sampled_from(["demo-chat", "demo-embed", "databricks-claude-haiku-4-5"])
)
def test_any_request_is_answered_and_logged(gw, path, body, model):
    before = len(gw.exchanges)
    answer = HTTP.post(gw.host + path, json={"model": model, **body})
    assert answer.status_code in (200, 400, 404)
    assert len(gw.exchanges) == before + 1
    if answer.status_code != 200:
        assert {"error_code", "message"} <= answer.json().keys()
    elif "event-stream" not in answer.headers["content-type"]:
        assert json.loads(answer.text)

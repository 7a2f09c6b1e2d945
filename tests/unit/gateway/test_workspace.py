import pytest

from .conftest import HTTP


def test_an_endpoint_says_where_its_inference_table_is(gw):
    found = HTTP.get(f"{gw.host}/api/2.0/serving-endpoints/demo-fallback").json()
    assert found["ai_gateway"]["inference_table_config"] == {
        "catalog_name": "main",
        "schema_name": "llm",
        "table_name_prefix": "demo",
        "enabled": True,
    }
    assert gw.options.payload_table == "main.llm.demo_payload"
    assert found["ai_gateway"]["fallback_config"] == {"enabled": True}
    assert [route["traffic_percentage"] for route in found["config"]["traffic_config"]["routes"]] == [100, 0]
    ids = {entity["id"] for entity in found["config"]["served_entities"]}
    assert ids <= {row["served_entity_id"] for row in gw.served_entities}


def test_listing_and_unknown_names(gw):
    names = [one["name"] for one in HTTP.get(f"{gw.host}/api/2.0/serving-endpoints").json()["endpoints"]]
    assert "demo-chat" in names and "databricks-gte-large-en" in names
    missing = HTTP.get(f"{gw.host}/api/2.0/serving-endpoints/nope")
    assert missing.status_code == 404 and missing.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"


def test_front_page_says_what_this_is(gw):
    text = HTTP.get(gw.host).text
    assert "stand-in" in text and "demo-429-then-ok" in text


def test_databricks_sdk(gw):
    sdk = pytest.importorskip("databricks.sdk")
    workspace = sdk.WorkspaceClient(host=gw.host, token="x", auth_type="pat")
    found = workspace.serving_endpoints.get("demo-chat")
    assert found.ai_gateway.inference_table_config.table_name_prefix == "demo"
    message = sdk.service.serving.ChatMessage(
        role=sdk.service.serving.ChatMessageRole.USER, content="Capital of Peru?"
    )
    answer = workspace.serving_endpoints.query("demo-chat", messages=[message], client_request_id="mine")
    assert "Lima" in answer.choices[0].message.content
    assert answer.served_model_name == "databricks-meta-llama-3-3-70b-instruct"
    assert gw.rows[-1]["client_request_id"] == "mine"
    with pytest.raises(sdk.errors.NotFound, match="nope"):
        workspace.serving_endpoints.get("nope")

"""`endpoint="name"` through the workspace API, with the real databricks-sdk and the stand-in gateway."""

from __future__ import annotations

from types import SimpleNamespace as Thing
from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.service.serving import ServingEndpointDetailed

import nbext
import nbext.gateway
from nbext.engines import EngineError
from nbext.sources.inference_table import TableError
from nbext.sources.inference_table.endpoint import payload_table

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def client() -> Iterator[WorkspaceClient]:
    with nbext.gateway.serve(
        speed=float("inf"), catalog="my-cat", schema="llm", table_prefix="support"
    ) as gateway:
        yield WorkspaceClient(config=Config(host=gateway.host, token="x", retry_timeout_seconds=1))


def test_the_payload_table(client: WorkspaceClient) -> None:
    assert payload_table("demo-chat", client=client) == "`my-cat`.llm.support_payload"


def test_no_such_endpoint(client: WorkspaceClient) -> None:
    with pytest.raises(EngineError, match=r"endpoint='nowhere'.*check the name") as caught:
        payload_table("nowhere", client=client)
    assert "\n" not in str(caught.value)


def described(body: dict[str, Any]) -> Any:
    return Thing(
        serving_endpoints=Thing(get=lambda _: ServingEndpointDetailed.from_dict({"name": "e", **body}))
    )


def test_other_ways_to_log() -> None:
    capture = {
        "catalog_name": "c",
        "schema_name": "s",
        "enabled": True,
        "table_name_prefix": "p",
        "state": {"payload_table": {"name": "p_payload"}},
    }
    legacy = {"config": {"auto_capture_config": capture}}
    assert payload_table("e", client=described(legacy)) == "c.s.p_payload"
    bare = {
        "ai_gateway": {"inference_table_config": {"catalog_name": "c", "schema_name": "s", "enabled": True}}
    }
    assert payload_table("e", client=described(bare)) == "c.s.e_payload"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ai_gateway": {}},
        {
            "ai_gateway": {
                "inference_table_config": {"catalog_name": "c", "schema_name": "s", "enabled": False}
            }
        },
    ],
)
def test_an_endpoint_that_logs_nothing(body: dict[str, Any]) -> None:
    with pytest.raises(TableError, match="logs no requests: switch on inference tables"):
        payload_table("e", client=described(body))

"""Arrow schemas of the five tables, with the types of their Delta columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def schemas() -> dict[str, pa.Schema]:
    """Return the schemas by table name. Types of ``unity_payload`` are those of third-party summaries."""
    import pyarrow as pa

    string, bigint, time = pa.string(), pa.int64(), pa.timestamp("us", tz="UTC")
    text_map = pa.map_(string, string)
    named = {"int": pa.int32(), "double": pa.float64(), "date": pa.date32(), "bool": pa.bool_()}
    types: dict[str, Any] = {
        "str": string,
        "big": bigint,
        "time": time,
        "map": text_map,
        "list": pa.list_(string),
        **named,
    }

    def fields(text: str, **special: Any) -> list[tuple[str, Any]]:
        pairs = (word.partition(":")[::2] for word in text.split())
        return [(name, special[name] if kind == "special" else types[kind or "str"]) for name, kind in pairs]

    def struct(text: str, **special: Any) -> Any:
        return pa.struct(fields(text, **special))

    target = pa.list_(struct("name traffic_percent:double type"))
    attempt = struct(
        "priority action destination destination_id status_code:int error_code latency_ms:big "
        "start_time:time end_time:time"
    )
    sizes = struct("min_concurrency:int max_concurrency:int compute_type")
    return {
        "payload": pa.schema(fields(_PAYLOAD)),
        "unity_payload": pa.schema(fields(_UNITY_PAYLOAD)),
        "endpoint_usage": pa.schema(fields(_ENDPOINT_USAGE)),
        "served_entities": pa.schema(
            fields(
                _SERVED_ENTITIES,
                external_model_config=struct("provider"),
                foundation_model_config=struct(
                    "min_provisioned_throughput:big max_provisioned_throughput:big"
                ),
                custom_model_config=sizes,
                feature_spec_config=sizes,
            )
        ),
        "gateway_usage": pa.schema(
            fields(
                _GATEWAY_USAGE,
                endpoint_metadata=struct(
                    "creator creation_time:time last_updated_time:time destinations:special "
                    "inference_table fallbacks:special",
                    destinations=target,
                    fallbacks=target,
                ),
                token_details=struct(
                    "cache_read_input_tokens:big cache_creation_input_tokens:big output_reasoning_tokens:big"
                ),
                routing_information=struct("attempts:special", attempts=pa.list_(attempt)),
                invocation_metadata=struct("source service_tier"),
                mcp_metadata=struct("json_rpc_method tool_name server_type client_name"),
            )
        ),
    }


_PAYLOAD = """
databricks_request_id request_date:date client_request_id request_time:time status_code:int
sampling_fraction:double execution_duration_ms:big request response logging_error_codes:list
served_entity_id requester
"""

_UNITY_PAYLOAD = """
event_time:time request_id invocation_id request_tags:map status_code:int sampling_fraction:double
latency_ms:big time_to_first_byte_ms:big request response destination_type destination_name
destination_id destination_model logging_error_codes:list requester schema_version url api_type
"""

_ENDPOINT_USAGE = """
workspace_id account_id client_request_id databricks_request_id requester status_code:int
request_time:time input_token_count:big output_token_count:big input_character_count:big
output_character_count:big usage_context:map request_streaming:bool served_entity_id
"""

_SERVED_ENTITIES = """
served_entity_id account_id workspace_id created_by endpoint_name endpoint_id served_entity_name
entity_type entity_name entity_version endpoint_config_version:int task external_model_config:special
foundation_model_config:special custom_model_config:special feature_spec_config:special change_time:time
endpoint_delete_time:time
"""

_GATEWAY_USAGE = """
account_id workspace_id request_id schema_version:int endpoint_id endpoint_name endpoint_tags:map
endpoint_metadata:special event_time:time latency_ms:big time_to_first_byte_ms:big destination_type
destination_name destination_id destination_model requester requester_type ip_address url user_agent
api_type request_tags:map input_tokens:big output_tokens:big total_tokens:big token_details:special
response_content_type status_code:int routing_information:special invocation_id
invocation_metadata:special service_type service_id service_name service_tags:map mcp_metadata:special
"""

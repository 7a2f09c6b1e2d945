"""What the attributes of a span say, in the conventions in use.

These are MLflow's, OpenTelemetry's for generative AI, OpenInference and Traceloop:
https://mlflow.org/docs/latest/genai/tracing/ ·
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ ·
https://github.com/Arize-ai/openinference/tree/main/spec ·
https://github.com/traceloop/openllmetry (``traceloop.*``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .jsontext import loads
from .span import OWN_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


# The words of each convention as MLflow's span types, the same as MLflow takes them in.
_KINDS: dict[str, dict[str, str]] = {
    "openinference.span.kind": {
        name: name
        for name in (
            "LLM",
            "EMBEDDING",
            "CHAIN",
            "RETRIEVER",
            "RERANKER",
            "TOOL",
            "AGENT",
            "GUARDRAIL",
            "EVALUATOR",
        )
    },
    "gen_ai.operation.name": {
        "chat": "CHAT_MODEL",
        "text_completion": "LLM",
        "generate_content": "LLM",
        "response": "LLM",
        "embeddings": "EMBEDDING",
        "execute_tool": "TOOL",
        "create_agent": "AGENT",
        "invoke_agent": "AGENT",
        "invoke_workflow": "WORKFLOW",
    },
    "traceloop.span.kind": {"workflow": "WORKFLOW", "task": "TASK", "agent": "AGENT", "tool": "TOOL"},
}
_INPUTS = (
    "mlflow.spanInputs",
    "input.value",
    "gen_ai.input.messages",
    "gen_ai.tool.call.arguments",
    "gen_ai.prompt",
    "traceloop.entity.input",
)
_OUTPUTS = (
    "mlflow.spanOutputs",
    "output.value",
    "gen_ai.output.messages",
    "gen_ai.tool.call.result",
    "gen_ai.completion",
    "traceloop.entity.output",
)
_MODELS = ("mlflow.llm.model", "gen_ai.request.model", "llm.model_name", "embedding.model_name")
_TOKENS = {
    "input_tokens": ("gen_ai.usage.input_tokens", "llm.token_count.prompt", "gen_ai.usage.prompt_tokens"),
    "output_tokens": (
        "gen_ai.usage.output_tokens",
        "llm.token_count.completion",
        "gen_ai.usage.completion_tokens",
    ),
    "total_tokens": ("llm.token_count.total", "llm.usage.total_tokens"),
    "cache_read_input_tokens": (
        "gen_ai.usage.cache_read.input_tokens",
        "llm.token_count.prompt_details.cache_read",
    ),
}
# Told elsewhere in a span, or of use to MLflow alone.
_SPOKEN_FOR = frozenset(
    {*_INPUTS, *_OUTPUTS, "mlflow.spanType", "mlflow.spanLogLevel", "mlflow.spanStartTimeNs", OWN_NAME}
)


def type_of(attributes: Mapping[str, Any]) -> str:
    """Give MLflow's span type; ``UNKNOWN`` for plain code."""
    own = attributes.get("mlflow.spanType")
    if isinstance(own, str) and own:
        return own
    for key, names in _KINDS.items():
        word = attributes.get(key)
        if isinstance(word, str) and word in names:
            return names[word]
    return "UNKNOWN"


def inputs_of(attributes: Mapping[str, Any]) -> Any:
    """Give what went into the span; texts that are JSON are read."""
    return _value(attributes, _INPUTS)


def outputs_of(attributes: Mapping[str, Any]) -> Any:
    """Give what came out of the span; see `inputs_of`."""
    return _value(attributes, _OUTPUTS)


def model_of(attributes: Mapping[str, Any]) -> str | None:
    """Give the model a span names."""
    return next((value for key in _MODELS if isinstance(value := attributes.get(key), str)), None)


def tokens_of(attributes: Mapping[str, Any]) -> dict[str, int]:
    """Give the tokens a span counts, under the names of ``mlflow.chat.tokenUsage``."""
    own = attributes.get("mlflow.chat.tokenUsage")
    if isinstance(own, dict):
        return {key: value for key, value in own.items() if isinstance(value, int)}
    found: dict[str, int] = {}
    for name, keys in _TOKENS.items():
        for key in keys:
            if isinstance(attributes.get(key), int):
                found[name] = attributes[key]
                break
    return found


def remaining(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Give the attributes that are not told as type, inputs or outputs."""
    return {key: value for key, value in attributes.items() if key not in _SPOKEN_FOR}


def _value(attributes: Mapping[str, Any], keys: Iterable[str]) -> Any:
    for key in keys:
        value = attributes.get(key)
        if value is None:
            continue
        # MLflow's own are read already.
        if isinstance(value, str) and value[:1] in ("{", "[") and not key.startswith("mlflow."):
            try:
                return loads(value)
            except ValueError:
                return value
        return value
    return None

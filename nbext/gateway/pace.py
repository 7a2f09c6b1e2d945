"""How long a model takes: believable, short, and the same for the same prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chance import number_for

if TYPE_CHECKING:
    from .endpoints import Endpoint, Entity

# Seconds for one output token, by family.
_PER_TOKEN = {
    "llama": 0.006,
    "claude": 0.008,
    "gpt-oss": 0.004,
    "openai": 0.007,
    "gemini": 0.004,
    "embedding": 0.0,
}
_SLOW_PER_TOKEN = 0.08
_SLOW_FIRST = 1.0


def before_first(endpoint: Endpoint, entity: Entity, input_tokens: int, seed: str) -> float:
    """Return the seconds until the first token: queue and prompt."""
    if endpoint.name.endswith("demo-slow"):
        return _SLOW_FIRST
    base = 0.04 if entity.family == "embedding" else 0.11
    return base + min(input_tokens, 4000) * 0.00008 + number_for("pace", seed) % 90 / 1000


def per_token(endpoint: Endpoint, entity: Entity) -> float:
    """Return the seconds for each token of an answer."""
    return _SLOW_PER_TOKEN if endpoint.name.endswith("demo-slow") else _PER_TOKEN[entity.family]

"""The endpoints the stand-in serves, and how the model behind each one writes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

_EMBED = "llm/v1/embeddings"
Family = Literal["llama", "claude", "gpt-oss", "openai", "gemini", "embedding"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A model behind an endpoint: a served entity (route A), a destination (route B).

    ``model`` is what an answer's ``model`` says: the backend's own dated name, not the endpoint's.
    ``slug`` is its short name in usage tables.
    """

    name: str
    model: str
    slug: str
    family: Family
    external: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A serving endpoint (route A) or model service (route B) with its entities in order of routing."""

    name: str
    entities: tuple[Entity, ...]
    task: str = "llm/v1/chat"
    about: str = ""

    @property
    def id(self) -> str:
        """32 hex digits, the same in every run."""
        return _hex("endpoint", self.name)

    @property
    def embeds(self) -> bool:
        """Whether the endpoint makes embeddings rather than text."""
        return self.task == _EMBED

    def entity_id(self, entity: Entity) -> str:
        """``served_entity_id`` of an entity: each endpoint has its own, so that the id tells both."""
        return _hex("entity", self.name, entity.name)


def _hex(*parts: str) -> str:
    return hashlib.md5("\0".join(parts).encode(), usedforsecurity=False).hexdigest()


LLAMA = Entity(
    "databricks-meta-llama-3-3-70b-instruct",
    "meta-llama-3.3-70b-instruct-121024",
    "meta-llama-3-3-70b-instruct",
    "llama",
)
MAVERICK = Entity("databricks-llama-4-maverick", "meta-llama-4-maverick-040225", "llama-4-maverick", "llama")
HAIKU = Entity(
    "databricks-claude-haiku-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5", "claude"
)
SONNET = Entity(
    "databricks-claude-sonnet-4-5",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "claude-sonnet-4-5",
    "claude",
)
GPT_OSS = Entity("databricks-gpt-oss-120b", "gpt-oss-120b-080525", "gpt-oss-120b", "gpt-oss")
GPT = Entity("gpt-4o", "gpt-4o-2024-08-06", "gpt-4o", "openai", external=True)
GEMINI = Entity("databricks-gemini-2-5-flash", "gemini-2.5-flash", "gemini-2-5-flash", "gemini")
GTE = Entity("databricks-gte-large-en", "gte-large-en-v1.5", "gte-large-en", "embedding")

_NAMED = (
    Endpoint("demo-chat", (LLAMA,), about="answers in about half a second"),
    Endpoint("demo-embed", (GTE,), _EMBED, "embeddings"),
    Endpoint("demo-slow", (LLAMA,), about="slow tokens"),
    Endpoint("demo-429-then-ok", (LLAMA,), about="refuses with 429, then answers"),
    Endpoint("demo-429", (LLAMA,), about="always 429"),
    Endpoint("demo-guardrail", (LLAMA,), about="input guardrail: 400 on route A"),
    Endpoint("demo-guardrail-output", (LLAMA,), about="output guardrail, after the model answered"),
    Endpoint("demo-mask", (LLAMA,), about="personal data in the answer is masked"),
    Endpoint("demo-policy", (MAVERICK,), about="service policy: 200 on route B"),
    Endpoint("demo-policy-output", (MAVERICK,), about="service policy after the call"),
    Endpoint("demo-budget", (GPT,), about="budget used up: 403"),
    Endpoint("demo-fallback", (replace(GPT, name="gpt-primary"), SONNET), about="the second model answers"),
    Endpoint("demo-400", (GPT,), about="the provider refuses: 400"),
    Endpoint("demo-500", (LLAMA,), about="internal error: 500"),
    Endpoint("demo-disconnect", (LLAMA,), about="the connection drops half-way"),
    Endpoint("demo-malformed", (LLAMA,), about="broken JSON, broken stream"),
    Endpoint("demo-malformed-utf8", (LLAMA,), about="bytes that are not UTF-8"),
    Endpoint("demo-html", (LLAMA,), about="a proxy's HTML page with status 200"),
    Endpoint("demo-empty", (LLAMA,), about="an empty body with status 200"),
    Endpoint("demo-no-done", (LLAMA,), about="a stream without its end mark"),
    Endpoint("demo-stream-error", (LLAMA,), about="a stream that ends in an error event"),
    Endpoint("demo-200-error", (GPT,), about="an error with status 200"),
    Endpoint("demo-huge", (LLAMA,), about="an answer over 1 MiB"),
    Endpoint(LLAMA.name, (LLAMA,)),
    Endpoint(MAVERICK.name, (MAVERICK,)),
    Endpoint(HAIKU.name, (HAIKU,)),
    Endpoint(SONNET.name, (SONNET,)),
    Endpoint(GPT_OSS.name, (GPT_OSS,)),
    Endpoint(GEMINI.name, (GEMINI,)),
    Endpoint(GTE.name, (GTE,), _EMBED),
)
CATALOG: dict[str, Endpoint] = {endpoint.name: endpoint for endpoint in _NAMED}

# Words in a name that tell a model family, for names that are not in the catalogue.
_FAMILIES: tuple[tuple[tuple[str, ...], Entity], ...] = (
    (("gte", "bge", "embed"), GTE),
    (("claude",), HAIKU),
    (("gpt-oss",), GPT_OSS),
    (("gpt", "o3", "o4-mini"), GPT),
    (("gemini",), GEMINI),
    (("llama", "qwen", "gemma", "mixtral"), LLAMA),
)


def find(name: str) -> Endpoint | None:
    """Return the endpoint of that name, or one made for ``databricks-…`` and ``catalog.schema.service``.

    ``system.ai.<model>`` is the same model as ``databricks-<model>``. Other unknown names give None.
    """
    known = CATALOG.get(name)
    if known is not None:
        return known
    short = name.rpartition(".")[2]
    if name.count(".") == 2 and all(name.split(".")):
        if short in CATALOG or f"databricks-{short}" in CATALOG:
            return replace(CATALOG.get(short) or CATALOG[f"databricks-{short}"], name=name)
    elif not name.startswith("databricks-"):
        return None
    entity = _entity_for(short)
    return Endpoint(name, (entity,), _EMBED if entity.family == "embedding" else "llm/v1/chat")


def _entity_for(short: str) -> Entity:
    slug = short.removeprefix("databricks-")
    for words, model in _FAMILIES:
        if any(word in slug for word in words):
            return replace(model, name=short, model=slug, slug=slug)
    return replace(LLAMA, name=short, model=slug, slug=slug)

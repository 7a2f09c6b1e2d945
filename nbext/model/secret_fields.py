"""Which fields of JSON hold a secret, by their names and what stands beside it."""

from __future__ import annotations

import re
from typing import Any

from .assignments import is_token
from .key_shapes import PLACEHOLDERS, SECRET_ENDINGS, SECRET_NAMES

Json = Any

# A number under these is a secret, and so are several words; under other names numbers count something.
_PASSWORDS = ("password", "passwd", "pwd", "passphrase")
# What a sentence about a password holds, in an error or a description, and a password of words does not.
_ABOUT_SECRETS = re.compile(
    r"(?i)passw|passphrase|\A(?:is|are|must|should|can(?:no|')?t|may|has|needs|too|at least|invalid|please"
    r"|required|optional|not|the|your|enter|user)\b"
)
# https://json-schema.org/draft/2020-12/json-schema-validation
_SCHEMA_WORDS = frozenset(
    {
        "$ref", "additionalProperties", "allOf", "anyOf", "const", "default", "deprecated", "description",
        "enum", "examples", "format", "items", "maxItems", "maxLength", "minItems", "minLength", "nullable",
        "oneOf", "pattern", "properties", "readOnly", "required", "title", "type", "writeOnly",
    }
)  # fmt: skip


def is_schema(value: Json) -> bool:
    """Tell whether an object describes a field, as JSON Schema does, rather than fill it."""
    return type(value) is dict and bool(value) and _SCHEMA_WORDS.issuperset(value)


def is_secret_name(name: str) -> bool:
    """Tell whether a field of that name holds a secret, whatever its shape."""
    if len(name) >= 40:
        return False
    plain = name.lower().replace("-", "").replace("_", "")
    return plain in SECRET_NAMES or plain.endswith(SECRET_ENDINGS)


def holds_secret(name: str, value: str | int, beside: dict[Any, Json]) -> bool:
    """Tell whether the value of a field is a secret, by its name and what stands beside it."""
    if name == "token" and isinstance(value, str):
        # A token of a text, in the log probabilities of an answer.
        return "logprob" not in beside and " " not in value and is_token(value) and _is_value(name, value)
    if not is_secret_name(name):
        return False
    if isinstance(value, str):
        return _is_value(name, value)
    return name.lower().endswith(_PASSWORDS)


def _is_value(name: str, text: str) -> bool:
    """Tell a secret from an empty field, a placeholder or a sentence about one."""
    if not text or text.startswith(("[redacted", "<", "${", "{{")) or text.lower() in PLACEHOLDERS:
        return False
    if " " not in text.strip() or name.lower().endswith(("authorization", "cookie", "passphrase")):
        return True
    return name.lower().endswith(_PASSWORDS) and not _ABOUT_SECRETS.search(text)

"""Values that fit a JSON schema, taken from what the conversation says where it says something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..chance import number_for
from .classify import classify
from .said import QUERIES, Asked, Source, made_up, said
from .words import key_words

if TYPE_CHECKING:
    from collections.abc import Callable

Schema = dict[str, Any]

_NUMBER = re.compile(r"(?<![\w-])\d+(?:\.\d+)?(?![\w-])")
_URGENT = re.compile(r"\b(urgent|asap|twice|angry|down|immediately|outage|now)\b")
_SHARE = re.compile("score|confidence|probab|ratio|share")
_USUAL_COUNTS = {
    "limit": 5,
    "top_k": 5,
    "k": 3,
    "n": 3,
    "count": 5,
    "days": 7,
    "hours": 24,
    "page": 1,
    "results": 5,
}
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


@dataclass(slots=True)
class Found:
    """A value, and whether someone said it (or it is only made up)."""

    value: Any
    said: bool = False


def arguments_for(
    schema: Schema, source: Source, *, everything: bool = False
) -> tuple[dict[str, Any], set[str]]:
    """Make the object a schema describes.

    Parameters
    ----------
    schema : dict
        A JSON schema of type object.
    source : Source
        Where values are taken from.
    everything : bool
        Fill optional properties too; otherwise only those that were said.

    Returns
    -------
    (dict, set of str)
        The object, and the names whose value is made up.
    """
    invented = set()
    values: dict[str, Any] = {}
    properties = schema.get("properties") or {}
    required: Any = schema.get("required", properties)
    for name, inner in properties.items():
        found = value_for(name, inner, source, schema)
        if name in required or found.said or everything:
            values[name] = found.value
            if not found.said:
                invented.add(name)
    return values, invented


def value_for(name: str, schema: Any, source: Source, root: Schema) -> Found:
    """Make a value for the property ``name``; `root` is the schema that ``$ref`` points into."""
    schema = _resolved(schema, root)
    if "const" in schema:
        return Found(schema["const"], said=True)
    if name in source.facts and _fits(source.facts[name], schema):
        return Found(source.facts[name], said=True)
    if schema.get("enum"):
        return _one_of(schema["enum"], source, schema)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    return _MAKERS.get(str(kind), _string)(name, schema, source, root)


def _resolved(schema: Any, root: Schema) -> Schema:
    """Follow ``$ref`` and take the first real option of ``anyOf``."""
    for _ in range(8):
        if not isinstance(schema, dict):
            break
        reference = schema.get("$ref")
        options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
        if isinstance(reference, str) and reference.startswith("#/"):
            target: Any = root
            for step in reference[2:].split("/"):
                target = target.get(step, {}) if isinstance(target, dict) else {}
            schema = target
        elif options:
            schema = next((one for one in options if one.get("type") != "null"), {})
        else:
            return schema
    return {}


def _fits(value: Any, schema: Schema) -> bool:
    if schema.get("enum") and value not in schema["enum"]:
        return False
    kind = schema.get("type", "string")
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(value, _PYTHON_TYPES.get(str(one), ())) for one in kinds)


def _one_of(options: list[Any], source: Source, schema: Schema) -> Found:
    question = source.question.lower()
    for option in options:
        if re.search(rf"\b{re.escape(str(option).lower().replace('_', ' '))}", question):
            return Found(option, said=True)
    names = {str(option).lower(): option for option in options}
    if {"high", "low"} <= names.keys():
        return Found(names["high"] if _URGENT.search(question) else names.get("medium", names["low"]))
    if "default" in schema:
        return Found(schema["default"])
    texts = [option for option in options if isinstance(option, str)]
    return Found(classify(source.question, texts) if len(texts) == len(options) else options[0])


def _number(name: str, schema: Schema, source: Source, _root: Schema) -> Found:
    lowest: Any = schema.get("minimum", schema.get("exclusiveMinimum", float("-inf")))
    highest: Any = schema.get("maximum", schema.get("exclusiveMaximum", float("inf")))
    whole = schema.get("type") != "number"
    if _SHARE.search(name.lower()):
        highest = min(highest, 1)
    for text in _NUMBER.findall(source.question):
        value = float(text)
        if lowest <= value <= highest and (not whole or value == int(value)):
            return Found(int(value) if value == int(value) else value, said=True)
    if "default" in schema:
        return Found(schema["default"])
    guess = max(lowest, min(highest, _usual_number(name.lower(), source)))
    return Found(int(guess) if whole else round(guess, 2))


def _usual_number(name: str, source: Source) -> float:
    for word, count in _USUAL_COUNTS.items():
        if name == word or name.endswith(f"_{word}"):
            return count
    seed = number_for(name, source.question)
    return 0.62 + seed % 35 / 100 if _SHARE.search(name) else 1 + seed % 9


def _boolean(name: str, schema: Schema, source: Source, _root: Schema) -> Found:
    words = [word for word in name.lower().split("_") if len(word) > 3]
    if any(word in source.question.lower() for word in words):
        return Found(value=True, said=True)
    return Found(bool(schema.get("default", True)))


def _array(name: str, schema: Schema, source: Source, root: Schema) -> Found:
    inner = _resolved(schema.get("items") or {"type": "string"}, root)
    single = name.removesuffix("s")
    plain_text = inner.get("type", "string") == "string" and not inner.get("format") and not inner.get("enum")
    count = max(int(schema.get("minItems", 0)), 2 if plain_text or inner.get("enum") else 1)
    count = min(count, int(schema.get("maxItems", count)))
    if inner.get("enum"):
        return Found(inner["enum"][:count])
    if plain_text:
        exact = None if single in QUERIES else said(Asked(single.lower()), source)
        words = key_words(source.question) or ["item"]
        return (
            Found([exact], said=True) if exact else Found((words * count)[: max(count, min(3, len(words)))])
        )
    made = [value_for(single, inner, source, root) for _ in range(count)]
    return Found([one.value for one in made], said=any(one.said for one in made))


def _object(_name: str, schema: Schema, source: Source, root: Schema) -> Found:
    nested = {**schema, "$defs": root.get("$defs", {}), "definitions": root.get("definitions", {})}
    values, invented = arguments_for(nested, source)
    return Found(values, said=len(invented) < len(values))


def _string(name: str, schema: Schema, source: Source, _root: Schema) -> Found:
    asked = Asked(name.lower(), str(schema.get("format", "")), str(schema.get("description", "")))
    found = said(asked, source)
    if found is None and asked.ends("id") and isinstance(source.facts.get("id"), str):
        # Another tool's result often calls the same thing just "id".
        found = source.facts["id"]
    if found is not None:
        return Found(_bounded(found, schema), said=True)
    examples = [schema.get("default"), schema.get("example"), *(schema.get("examples") or ())]
    given = next((example for example in examples if isinstance(example, str)), None)
    return Found(_bounded(made_up(asked, source) if given is None else given, schema))


def _bounded(text: str, schema: Schema) -> str:
    longest = schema.get("maxLength")
    return text[:longest] if isinstance(longest, int) else text


def _null(_name: str, _schema: Schema, _source: Source, _root: Schema) -> Found:
    return Found(None)


_MAKERS: dict[str, Callable[[str, Schema, Source, Schema], Found]] = {
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
    "null": _null,
}

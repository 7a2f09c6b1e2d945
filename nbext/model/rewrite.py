"""A request with other messages, parameters or another model, in the shape of its own API."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any

# Where each API keeps what is said to the model.
_HOLDERS = ("messages", "input", "prompt", "contents", "inputs")
# The model or endpoint stands in the path of these.
_IN_PATH = re.compile(
    r"(?P<before>.*/(?:serving-endpoints|models)/)(?P<model>[^/:?]+)(?P<after>(?:/invocations|:\w+).*)"
)


def changed(
    url: str,
    body: Mapping[str, Json],
    *,
    model: str | None = None,
    messages: Json = None,
    params: Mapping[str, Json] | None = None,
) -> tuple[str, dict[str, Json]]:
    """Give the URL and body of a changed request; the given ones stay as they are.

    Parameters
    ----------
    url : str
    body : mapping
    model : str, optional
    messages : str or list, optional
        A text is one message of the user.
    params : mapping, optional
        What to set; None takes a parameter away.

    Raises
    ------
    ValueError
        The request has no place for what is to be changed.
    """
    made: dict[str, Json] = copy.deepcopy(dict(body))
    if model is not None:
        url = _set_model(url, made, model)
    if messages is not None:
        _set_messages(made, messages)
    for name, value in (params or {}).items():
        holder = _holder_of(made, name)
        if value is None:
            holder.pop(name, None)
        else:
            holder[name] = value
    return url, made


def _set_model(url: str, body: dict[str, Json], model: str) -> str:
    if not isinstance(model, str) or not model.strip():
        raise ValueError(f"model: expected the name of a model or endpoint, got {model!r}")
    found = _IN_PATH.fullmatch(url)
    if found is None or "model" in body:
        body["model"] = model
    # An endpoint is asked by its own path; the body may name the model once more.
    return url if found is None else f"{found['before']}{quote(model, safe='')}{found['after']}"


def _set_messages(body: dict[str, Json], messages: Json) -> None:
    holder = next((name for name in _HOLDERS if name in body), None)
    if holder is None:
        raise ValueError(f"messages: this request has none; it has {', '.join(body) or 'no fields'}")
    if isinstance(messages, str) and isinstance(body[holder], list) and holder in ("messages", "contents"):
        said = {"content": messages} if holder == "messages" else {"parts": [{"text": messages}]}
        messages = [{"role": "user", **said}]
    if not isinstance(messages, (str, list)):
        raise ValueError(f"messages: expected a text or a list, got {type(messages).__name__}")
    body[holder] = messages


def _holder_of(body: dict[str, Json], name: str) -> dict[str, Json]:
    # Gemini keeps its parameters one level down.
    config = body.get("generationConfig")
    if name not in body and isinstance(config, dict) and "contents" in body:
        return config
    return body

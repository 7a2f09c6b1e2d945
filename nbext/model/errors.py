"""What went wrong, read from an error body of any gateway."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from .jsontext import loads

Json = Any
_SHOWN = 500


@dataclass(slots=True)
class Failure:
    """An error in the gateway's or the provider's words.

    ``code`` is the error's own code, ``message`` its text, ``provider`` who refused when the
    gateway passed on a provider's error, ``guardrail`` the object that was inside the message.
    """

    code: str | None = None
    message: str | None = None
    provider: str | None = None
    guardrail: dict[str, Json] | None = None
    outer_code: str | None = None


def failure_of(body: Json) -> Failure | None:
    """Read an error body; None when the body says nothing of an error.

    Forms: Databricks ``{"error_code", "message"}`` with text or JSON inside ``message``, OpenAI and
    Gemini ``{"error": {…}}``, Anthropic ``{"type": "error", "error": {…}}``, FastAPI ``{"detail"}``.
    """
    if type(body) is list and body and type(body[0]) is dict:
        # Gemini answers an error as a list of one.
        body = body[0]
    if type(body) is not dict:
        return None
    said = type(body.get("message")) is str and "choices" not in body
    if said or type(body.get("error_code")) is str:
        return _databricks(body)
    if body.get("error"):
        return _enveloped(body["error"])
    if body.get("detail"):
        # MLflow's gateway puts its code in there.
        inner = body["detail"]
        found = failure_of(inner) if type(inner) is dict else None
        return found or Failure(message=_detail(inner))
    output = body.get("databricks_output")
    inside = output.get("error") if type(output) is dict else None
    if inside:
        return _databricks(inside) if type(inside) is dict else _enveloped(inside)
    return None


def _databricks(body: dict[str, Json]) -> Failure:
    code = _word(body.get("error_code")) or _word(body.get("code"))
    if code is None and body.get("object") == "error":
        # vLLM: the code is the HTTP status it should have been, the type says more.
        code = _word(body.get("type")) or (str(body["code"]) if type(body.get("code")) is int else None)
    message = body.get("message")
    text = message if type(message) is str else None
    if text and text.lstrip().startswith("{"):
        inner = _parsed(text)
        if inner is not None:
            return _inner(inner, code, text)
    if text and code and text.startswith(code + ": "):
        text = text[len(code) + 2 :]
    return Failure(code, text, outer_code=code)


def _inner(inner: dict[str, Json], code: str | None, text: str) -> Failure:
    """Read the JSON that was inside ``message``."""
    if any(key in inner for key in ("input_guardrail", "output_guardrail", "finishReason")):
        return Failure(_word(inner.get("finishReason")) or code, None, guardrail=inner, outer_code=code)
    provider = _word(inner.get("external_model_provider"))
    error = inner.get("external_model_error", inner)
    found = failure_of(error) if type(error) is dict else None
    if found is None:
        message = error if type(error) is str else text
        found = Failure(message=message)
    found.provider = provider or found.provider
    found.outer_code = code
    found.code = found.code or code
    return found


def _enveloped(error: Json) -> Failure:
    if type(error) is str:
        inner = _parsed(error) if error.lstrip().startswith("{") else None
        return (failure_of(inner) if inner is not None else None) or Failure(message=error)
    if type(error) is not dict:
        return Failure(message=str(error)[:_SHOWN])
    # OpenAI has code and type, Anthropic type, Gemini a number and a status word.
    code = _word(error.get("code")) or _word(error.get("status")) or _word(error.get("type"))
    if code is None:
        code = _word(error.get("error_code"))
    message = error.get("message")
    if type(message) is str:
        return Failure(code, message, _word(error.get("provider")))
    inner = error.get("error")
    found = _enveloped(inner) if inner else Failure()
    found.code = found.code or code
    return found


def _detail(detail: Json) -> str:
    if type(detail) is str:
        return detail
    if type(detail) is list:
        texts = [d.get("msg") if type(d) is dict else d for d in detail]
        return "; ".join(str(text) for text in texts if text)[:_SHOWN]
    return str(detail)[:_SHOWN]


def _word(value: Json) -> str | None:
    return value if type(value) is str and value else None


def _parsed(text: str) -> dict[str, Json] | None:
    try:
        value = loads(text)
    except ValueError:
        return None
    return value if type(value) is dict else None


_TITLE = re.compile(r"<title[^>]*>([^<]{0,300})", re.IGNORECASE)
_TAG = re.compile(
    r"<(?:script|style)\b[^>]*>.*?</(?:script|style)>|<[^>]{0,2000}>", re.IGNORECASE | re.DOTALL
)
_LOOKED_AT = 20_000


def is_html(text: str) -> bool:
    """Tell a web page, which some proxy or login form answered, from text."""
    head = text[:500].lstrip().lower()
    return head.startswith(("<!doctype html", "<html", "<head", "<body")) or (
        "<html" in head and head.startswith("<")
    )


def html_words(text: str) -> str:
    """Give the title of a web page, or else its first words."""
    text = text[:_LOOKED_AT]
    title = _TITLE.search(text)
    if title and title.group(1).strip():
        return " ".join(unescape(title.group(1)).split())
    return " ".join(unescape(_TAG.sub(" ", text)).split())[:200]


def first_words(text: str, most: int = 200) -> str:
    """Give the beginning of a text in one line."""
    words = " ".join(text[: most * 4].split())
    return words if len(words) <= most else words[: most - 1] + "…"

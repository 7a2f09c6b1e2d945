"""What a question says for an argument of a given name, and what to make up when it says nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from ..chance import number_for
from . import sums
from .words import key_words, word_set

if TYPE_CHECKING:
    from collections.abc import Callable

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_ID = re.compile(r"\b[A-Z]{1,6}-?\d{2,}\b|#\d+\b|\b[A-Za-z]+_\d+\b")
_URL = re.compile(r"https?://[^\s)>\"']+")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_PLACE = re.compile(r"\b(?:in|for|at|to|from|of)\s+((?:[A-Z][\w'-]+)(?:\s[A-Z][\w'-]+)*)")
_NAME = re.compile(r"\b(?!I\b|The\b|What\b|How\b|Please\b)([A-Z][a-zà-ÿ]+(?:\s[A-Z][a-zà-ÿ]+)+)\b")
_QUOTED = re.compile(r"[\"“]([^\"”]{2,80})[\"”]|(?<!\w)['‘]([^'’]{2,80})['’](?!\w)")
_TABLE = re.compile(r"\b([a-z_]+\.[a-z_]+(?:\.[a-z_]+)?)\b")
_SENTENCE = re.compile(r".*?[.!?](?=\s|$)|.+", re.S)

QUERIES = word_set("query question q search keywords term terms topic")
_TITLES = word_set("title subject summary headline")
_PROSE = word_set("body message text content reason description note comment details prompt input answer")
_COMMANDS = word_set("find check look search list open create fetch tell compute calculate")
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1, "last week": -7, "next week": 7}


@dataclass(slots=True)
class Source:
    """What values may be taken from: the question, facts that tools have returned, the answer in prose."""

    question: str
    facts: dict[str, Any] = field(default_factory=dict)
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A string argument: its name in lower case, the schema's ``format`` and description."""

    name: str
    form: str = ""
    about: str = ""

    def ends(self, *words: str) -> bool:
        """Return whether the name is, or ends with, one of the words."""
        return self.name.endswith(words)

    @property
    def is_id(self) -> bool:
        """Whether the name is that of an identifier."""
        return self.ends("id", "number", "code") or self.name in ("order", "invoice", "ticket", "sku")

    @property
    def is_date(self) -> bool:
        """Whether a date is asked for."""
        return "date" in self.name or "day" in self.name or self.form in ("date", "date-time")


def said(asked: Asked, source: Source) -> str | None:
    """Return what the question says for a string argument, or None."""
    for applies, find in _SAID:
        if applies(asked):
            found = find(asked, source)
            if found:
                return found
    return None


def made_up(asked: Asked, source: Source) -> str:
    """Return a plausible value for a string argument that nothing was said about."""
    for applies, make in _MADE_UP:
        if applies(asked):
            return make(asked, source)
    return source.answer or " ".join(_words(source)[:5])


def _words(source: Source) -> list[str]:
    return key_words(source.question) or ["item"]


def _first(pattern: re.Pattern[str]) -> Callable[[Asked, Source], str | None]:
    def find(_asked: Asked, source: Source) -> str | None:
        found = pattern.search(source.question)
        return found.group(found.lastindex or 0) if found else None

    return find


def _id(asked: Asked, source: Source) -> str | None:
    noun = asked.name.split("_", maxsplit=1)[0].removesuffix("id")
    labelled = re.search(
        rf"\b{re.escape(noun or 'id')}\s+(?:id\s+|number\s+|no\.?\s+)?#?([A-Z0-9-]*\d[A-Z0-9-]*)",
        source.question,
        re.I,
    )
    if labelled:
        return labelled.group(1)
    found = [match.group() for match in _ID.finditer(source.question)]
    # "invoice_id" wants INV-2041, not ORD-77, when both are there.
    near = [one for one in found if noun and one.lower().startswith(noun[:3])]
    exact = found if asked.name in ("id", "number", "code") else []
    return next(iter(near or exact), None)


def _date(asked: Asked, source: Source) -> str | None:
    if stated := _DATE.search(source.question):
        return f"{stated.group()}T09:00:00Z" if asked.form == "date-time" else stated.group()
    for word, offset in _DAYS.items():
        if word in source.question.lower():
            return _day(asked, offset)
    return None


def _day(asked: Asked, offset: int = 0) -> str:
    day = datetime.now(timezone.utc).replace(hour=9, minute=0, second=0) + timedelta(days=offset)
    return day.strftime("%Y-%m-%dT%H:%M:%SZ" if asked.form == "date-time" else "%Y-%m-%d")


def _query(_asked: Asked, source: Source) -> str | None:
    if quoted := _QUOTED.search(source.question):
        return quoted.group(1) or quoted.group(2)
    plain = _ID.sub(" ", _EMAIL.sub(" ", source.question))
    words = [word for word in key_words(_sentence(plain)) or key_words(plain) if word not in _COMMANDS]
    return " ".join(words[:6]) or None


def _sentence(text: str) -> str:
    found = _SENTENCE.match(text.strip())
    return found.group() if found else ""


def _title(_asked: Asked, source: Source) -> str:
    sentence = _sentence(source.answer or source.question).rstrip(".!?")
    return sentence if len(sentence) <= 70 else sentence[:70].rpartition(" ")[0]


def _prose(_asked: Asked, source: Source) -> str:
    return source.answer or _sentence(source.question)


def _sql(asked: Asked, source: Source) -> str:
    table = _TABLE.search(source.question) or _TABLE.search(asked.about)
    return f"SELECT count(*) AS n FROM {table.group(1) if table else _words(source)[-1]}"


def _code(_asked: Asked, source: Source) -> str:
    return f"print({sums.expression_in(source.question) or repr(' '.join(_words(source)[:4]))})"


def _new_id(asked: Asked, source: Source) -> str:
    letter = (asked.name.removesuffix("id").strip("_")[:1] or "x").upper()
    return f"{letter}-{100 + number_for(asked.name, source.question) % 900}"


_SAID: tuple[tuple[Callable[[Asked], bool], Callable[[Asked, Source], str | None]], ...] = (
    (lambda asked: "email" in asked.name or asked.form == "email", _first(_EMAIL)),
    (lambda asked: asked.is_id, _id),
    (lambda asked: "url" in asked.name or "link" in asked.name or asked.form == "uri", _first(_URL)),
    (
        lambda asked: asked.ends("city", "location", "place", "country", "region", "town", "destination"),
        _first(_PLACE),
    ),
    (lambda asked: asked.ends("name") or asked.name in ("customer", "person", "author"), _first(_NAME)),
    (lambda asked: "table" in asked.name, _first(_TABLE)),
    (lambda asked: asked.is_date, _date),
    (
        lambda asked: asked.name in ("expression", "formula", "calculation"),
        lambda _, source: sums.expression_in(source.question),
    ),
    (lambda asked: asked.name in QUERIES or asked.ends("_query"), _query),
    (lambda asked: asked.name in _TITLES, _title),
    (lambda asked: asked.name in _PROSE, _prose),
)

_MADE_UP: tuple[tuple[Callable[[Asked], bool], Callable[[Asked, Source], str]], ...] = (
    (lambda asked: "sql" in asked.name or asked.name == "statement", _sql),
    (lambda asked: asked.name in ("code", "python", "script"), _code),
    (lambda asked: asked.is_date, lambda asked, _: _day(asked)),
    (lambda asked: "email" in asked.name or asked.form == "email", lambda *_: "customer@example.com"),
    (
        lambda asked: "url" in asked.name or asked.form == "uri",
        lambda _, source: f"https://example.com/{_words(source)[0]}",
    ),
    (lambda asked: asked.ends("id"), _new_id),
    (lambda asked: asked.ends("city", "location", "place"), lambda *_: "Berlin"),
    (lambda asked: asked.name == "currency", lambda *_: "EUR"),
    (lambda asked: asked.name in ("language", "lang"), lambda *_: "en"),
    (lambda asked: asked.name in ("unit", "units"), lambda *_: "celsius"),
    (lambda asked: asked.ends("name"), lambda _, source: " ".join(_words(source)[:2])),
)

"""Prose: what the stand-in's models answer when no tool and no JSON is asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..chance import number_for, pick
from . import sums
from .classify import classify, labels_in
from .words import key_words, stems
from .writing import CAPITALS, GENERAL, GREETINGS, HAIKU, TIPS, TOPICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .prompt import Prompt

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_BRIEF = re.compile(
    r"\b(brief|briefly|concise|short|one[- ]sentence|one line|single sentence|tl;?dr)\b", re.I
)
_ONE_WORD = re.compile(r"\b(one|single) word\b", re.I)
_GREETING = re.compile(
    r"^\s*(hi|hello|hey|good (morning|evening|afternoon))\b[\s,!.]*(there|you)?[\s!.]*$", re.I
)
_CAPITAL = re.compile(r"\bcapital(?:\s+city)?\s+of\s+(?:the\s+)?([A-Za-z]+)", re.I)
_CLASSIFY = re.compile(r"\b(classify|categori[sz]e|label|sentiment|positive or negative)\b", re.I)
_SUMMARY = re.compile(r"\b(summari[sz]e|summary|tl;?dr)\b", re.I)
_LONGEST_WORD = 40
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_LIST = re.compile(
    r"\b(\d|two|three|four|five|six)\s+(?:\w+\s+)?"
    r"(tips?|rules?|ideas?|ways?|points?|bullets?|things|reasons?|steps?)\b",
    re.I,
)


def answer_text(prompt: Prompt, variant: int = 0) -> str:
    """Answer the last question of ``prompt``. ``variant`` tells alternatives (``n > 1``) apart."""
    question = prompt.question
    special = (answer(question, variant) for answer in _SPECIAL)
    text = next(filter(None, special), None) or _on_topic(question, prompt.system, variant)
    wishes = f"{question}\n{prompt.system}"
    if _ONE_WORD.search(wishes):
        return _SENTENCE_END.split(text)[0].split()[-1].strip(".,;:") + "."
    return _SENTENCE_END.split(text)[0] if _BRIEF.search(wishes) else text


def _greeting(question: str, variant: int) -> str | None:
    return pick(GREETINGS, question, str(variant)) if _GREETING.match(question) else None


def _capital(question: str, _variant: int) -> str | None:
    found = _CAPITAL.search(question)
    city = CAPITALS.get(found.group(1).lower()) if found else None
    return f"The capital of {found.group(1).title()} is {city}." if found and city else None


def _haiku(question: str, variant: int) -> str | None:
    return pick(HAIKU, question, str(variant)) if "haiku" in question.lower() else None


def _label(question: str, _variant: int) -> str | None:
    return classify(question, labels_in(question)) if _CLASSIFY.search(question) else None


def _sum(question: str, _variant: int) -> str | None:
    return sums.solve(question)


def _summary(question: str, _variant: int) -> str | None:
    if not _SUMMARY.search(question):
        return None
    text = question.split(":", 1)[1] if ":" in question else question
    sentences = _SENTENCE_END.split(text.strip())
    longest = max(sentences, key=len)
    chosen = [sentences[0]] if longest is sentences[0] else [sentences[0], longest]
    return "In short: " + " ".join(f"{sentence.rstrip('.!?')}." for sentence in chosen)


def _tips(question: str, variant: int) -> str | None:
    wanted = _LIST.search(question)
    if not wanted:
        return None
    given = wanted.group(1).lower()
    count = max(1, min(int(given) if given.isdigit() else _COUNTS[given], len(TIPS)))
    start = number_for(question, str(variant))
    return "\n".join(f"{place + 1}. {TIPS[(start + place) % len(TIPS)]}" for place in range(count))


_SPECIAL: tuple[Callable[[str, int], str | None], ...] = (
    _greeting,
    _capital,
    _haiku,
    _label,
    _sum,
    _summary,
    _tips,
)


def _on_topic(question: str, system: str, variant: int) -> str:
    words = stems(question)
    topic = max(TOPICS, key=lambda one: len(one.stems & words))
    if not topic.stems & words:
        subject = " ".join(word[:_LONGEST_WORD] for word in key_words(question)[:3]) or "this"
        return GENERAL[(number_for(question) + variant) % len(GENERAL)].format(subject=subject)
    # The answer that shares most words with the question; equal ones take turns by chance.
    answers = sorted(
        topic.answers, key=lambda answer: (-len(stems(answer) & words), number_for(answer, question, system))
    )
    return answers[variant % len(answers)]

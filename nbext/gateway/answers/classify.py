"""Choosing a label for a text."""

from __future__ import annotations

import re

from ..chance import pick
from .words import key_words, word_set
from .writing import TOPICS

_LABELS = re.compile(
    r"(?:\b(?:as|into|one of)|:)\s+([\w-]+(?:(?:,\s*(?:or\s+|and\s+)?|\s+or\s+|\s+and\s+)[\w-]+)+)", re.I
)
_GOOD = word_set("great good love excellent happy thanks thank fast helpful perfect amazing nice wonderful")
# What people write, and a part of the label they mean.
_HINTS = (
    (re.compile(r"\bhow (do|can|to|would|should)\b"), "how"),
    (re.compile(r"\b(crash|crashe[sd]|error|errors|broken|down|fails?|failed|bug|bugs|stuck|slow)\b"), "bug"),
    (re.compile(r"\b(charged?|invoices?|refund|price|paid|payment)\b"), "billing"),
    (re.compile(r"\b(please add|would be nice|wish|feature)\b"), "feature"),
)
_BAD = word_set(
    "bad terrible slow broken hate angry late wrong worst disappointed crash crashes fails refund charged"
)


def labels_in(question: str) -> list[str]:
    """Return the labels a classification asks to choose from, or the three of a sentiment."""
    found = _LABELS.search(question)
    if not found:
        return ["positive", "neutral", "negative"]
    words = re.split(r"[,\s]+", found.group(1))
    return [word for word in words if word.lower() not in ("or", "and", "")]


def classify(text: str, labels: list[str]) -> str:
    """Choose the label that fits the words of ``text`` best."""
    after = (text.split(":", 1)[1] if ":" in text else text).lower()
    words = set(key_words(after)) | {word for word in ("thanks", "thank") if word in after}
    mood = "negative" if words & _BAD else "positive" if words & _GOOD else "neutral"
    if mood in labels:
        return mood
    for hint, part in _HINTS:
        named = next((label for label in labels if part in label.lower()), None)
        if named and hint.search(after):
            return named
    for label in labels:
        if label.lower()[:5] in after:
            return label
    near = {label: len(words & _words_near(label)) for label in labels}
    best = max(labels, key=lambda label: near[label])
    return best if near[best] else pick(labels, text)


def _words_near(label: str) -> frozenset[str]:
    """Return the words of the topic that a label belongs to."""
    return next((topic.words for topic in TOPICS if label.lower() in topic.words), frozenset())

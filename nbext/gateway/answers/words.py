"""Words of a text: which carry its meaning."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-zÀ-ÿ][\w'-]*|\d+")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, split at spaces."""
    return frozenset(text.split())


_EMPTY = word_set(
    """
    a about after all also an and any are as at be been being but by can could did do does for from
    get give had has have hello hey hi how i if in into is it its just know let like make me
    more my need no not of on one or our out over please say should so some tell than thank thanks
    that the their them then there these they this those to too up us use using very want was we
    were what when where which who why will with would write you your explain describe show sentence
    sentences word words brief briefly short two three four five answer question think feel tell
    call number it's what's i'm mail
    """
)


def key_words(text: str) -> list[str]:
    """Return the words of ``text`` that carry its meaning, in order, once each, in lower case."""
    found = (word.lower() for word in _WORD.findall(text))
    return list(dict.fromkeys(word for word in found if word not in _EMPTY and len(word) > 1))


def stems(text: str) -> set[str]:
    """Return the key words without their endings, so that "invoices" meets "invoice"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ")
    return {re.sub(r"(ing|ed|es|s|d|e)$", "", word) for word in key_words(spaced)}

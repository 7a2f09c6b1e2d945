"""Values that stand in a text behind the name of a secret: ``password=…``, ``"api_key": "…"``."""

from __future__ import annotations

import re

from .key_shapes import ASSIGNED_VALUE, ASSIGNED_WORDS, PLACEHOLDERS, SAID_VALUE

# A token shorter than this is a word of a text, not a credential, if it has no digit in it.
_SHORTEST_TOKEN = 16
_SHORTEST_TOKEN_WITH_DIGIT = 6
# What follows a token of a text in the log probabilities of an answer.
_LOGPROB = re.compile(r"""\\{0,3}["']\s*,\s*\\{0,3}["'](?:logprob|bytes|id|text)\b""")
_SHORTEST_SAID = 4
_TOKEN_FORMS = ('token"', "token\\", "token'", "token=", "token:", "token is", "token was")
_KEY_NAMES = (
    "api_key", "apikey", "api-key", "api key", "access", "private", "account", "auth", "secret", "shared",
    "signing", "encryption", "subscription",
)  # fmt: skip


def holds(text: str, literals: tuple[str, ...]) -> bool:
    """Tell whether any of the literals is in the text."""
    # Half the time of any() with a generator, and this is asked of every body.
    for literal in literals:  # noqa: SIM110
        if literal in text:
            return True
    return False


def words_in(lowered: str) -> list[str]:
    """Give the words of names for secrets that stand in a text in lower case."""
    words = [word for word in ("passw", "pwd", "secret", "passphrase") if word in lowered]
    if "key" in lowered and holds(lowered, _KEY_NAMES):
        words.append("key")
    if "token" in lowered and holds(lowered, _TOKEN_FORMS):
        words.append("token")
    return words


def is_token(value: str) -> bool:
    """Tell a credential from a token of a text, which both stand under the name ``token``."""
    if len(value) >= _SHORTEST_TOKEN:
        return True
    return len(value) >= _SHORTEST_TOKEN_WITH_DIGIT and any(c.isdigit() for c in value)


def without_assignments(text: str) -> str:
    """Redact values that stand behind the name of a secret: ``password=…``, ``"api_key": "…"``."""
    lowered = text.lower()
    if len(lowered) != len(text):
        # Some letters change their number in lower case; then places would not agree.
        lowered = "".join(c.lower() if c.isascii() else c for c in text)
    spans: list[tuple[int, int]] = []
    for word in dict.fromkeys((*words_in(lowered), "token")):
        at = lowered.find(word)
        while at >= 0:
            span = _assigned(text, at, word)
            if span is not None:
                spans.append(span)
            at = lowered.find(word, at + len(word))
    done = 0
    kept = []
    for start, end in sorted(spans):
        if start >= done:
            kept += [text[done:start], "[redacted]"]
            done = end
    return "".join([*kept, text[done:]]) if kept else text


def _assigned(text: str, at: int, word: str) -> tuple[int, int] | None:
    """Give the place of the value assigned to the name that has `word` at `at`, if it is one."""
    before = ASSIGNED_WORDS[word]
    if before is not None and not before.search(text[max(at - 16, 0) : at]):
        return None
    found = ASSIGNED_VALUE.match(text, at + len(word))
    if found is None:
        return _said(text, at + len(word), word)
    if word == "token" and found.group("rest")[:1] in ("s", "i", "S", "I"):
        return None
    group = "bare" if found.group("bare") else "double" if found.group("double") else "single"
    value = found.group(group)
    of_text = word == "token" and (not is_token(value) or _LOGPROB.match(text, found.end(group)))
    if of_text or value.startswith("[redacted") or value.lower() in PLACEHOLDERS:
        return None
    if group == "bare" and not _bare_value(value, text[at : at + len(word)]):
        return None
    return found.span(group)


def _said(text: str, at: int, word: str) -> tuple[int, int] | None:
    """Give the place of a value that is told in words: ``my password is hunter2``."""
    found = SAID_VALUE.match(text, at)
    if found is None:
        return None
    value = found.group("value").rstrip(".,;:?")
    telling = any(c.isdigit() for c in value) or any(c in "!@#%^*+=~" for c in value[:-1])
    if len(value) < _SHORTEST_SAID or not telling or (word == "token" and not is_token(value)):
        return None
    start = found.start("value")
    return start, start + len(value)


def _bare_value(value: str, word: str) -> bool:
    """Tell a bare value from prose and from code that passes a variable on."""
    if word.isupper():
        return value.lower() not in PLACEHOLDERS and not value.startswith(("os.", "self."))
    return any(c.isdigit() or c in "!@#%^*+/=~?-" for c in value) and "." not in value[:-1]

"""Taking secrets out of everything that is shown, written or exported."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from .assignments import holds, without_assignments, words_in
from .blobs import is_blob
from .key_shapes import (
    KEYS,
    NAME_TRIGGERS,
    PRIVATE_KEY,
    URL_PASSWORD,
    Shape,
)
from .secret_fields import holds_secret, is_schema, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Json = Any

# A text without a run this long holds no key. Telling so is two passes at memory speed, where
# looking for fifty shapes is fifty.
_RUN = 16
_RUNS = bytes(0x61 if chr(c) in "_-" or (c < 128 and chr(c).isalnum()) else 0x0A for c in range(256))
_NEEDLE = b"\x61" * _RUN
_WALKED = frozenset({str, dict, list})
_NUMBERS = frozenset({float, int, bool, type(None)})
# Up to here fifty literals are looked for in a whole document; past it, only in its texts that hold a run.
_SMALL = 8000
_TRIGGERS = tuple((trigger, shape) for shape in KEYS for trigger in shape.triggers)
_LITERALS = tuple(dict.fromkeys(trigger for trigger, _ in _TRIGGERS))
# A run of these need not be long around the literal.
_IN_SHORT_RUNS = ("eyJ", "xox", "xapp-", "whsec_", "sntrys_", "ATATT3")
_IN_RUNS = tuple(text for text in _LITERALS if re.fullmatch(r"[\w-]+", text) and text not in _IN_SHORT_RUNS)
_ANYWHERE = (*(text for text in _LITERALS if text not in _IN_RUNS), *NAME_TRIGGERS)
_RUN_FOUND = re.compile(f"[A-Za-z0-9_-]{{{_RUN},}}")
# Two letters stand in many a text; in a key they begin the run.
_SHORT = tuple(text for text in _IN_RUNS if len(text) == 2)
_LONGER = (*(text for text in _LITERALS if text not in _SHORT), *NAME_TRIGGERS)
# Letters that are spelt out, which hides what stands there, and names whose value may be short.
_IN_DOCUMENTS = ("\\/", "\\u00", *NAME_TRIGGERS)
# The same for engines that look through many texts at once, as a pattern that RE2 reads too.
_HINT = (
    "|".join(re.escape(text) for text in (*_LONGER, "PRIVATE KEY", *URL_PASSWORD.triggers))
    + f"|(?:{'|'.join(_SHORT)})[A-Za-z0-9_-]{{{_RUN - 2}}}"
    + r"""|(?i:passw|pwd|secret|passphrase|key|token(?:["'\\=:]| is| was))"""
)
_MOST_URLS = 1000
_DEEPEST = 400
# Headers whose values HTTP or W3C define, and ids: looked at only for the user's own patterns.
_PLAIN_HEADERS = frozenset(
    {
        "accept", "accept-encoding", "content-encoding", "content-length", "content-type", "date",
        "request-id", "retry-after", "served-model-name", "server-timing", "traceparent",
        "traceresponse", "transfer-encoding", "user-agent", "x-databricks-org-id", "x-request-id",
    }
)  # fmt: skip
_HOOK_FAILED = "[redacted: the redaction hook failed on this text]"


class Redactor:
    """Replaces secrets by ``[redacted …]``, by known shapes and by the names they stand under.

    Parameters
    ----------
    enabled : bool
        False leaves everything as it is, the hook too.
    extra : iterable of str or re.Pattern
        The user's own patterns; all of a match is replaced, or its first group if it has one.
    hook : callable, optional
        Takes every text after our own pass and returns what to keep. When it raises, the text is
        withheld.

    Raises
    ------
    ValueError
        A pattern of `extra` is no regular expression.
    """

    def __init__(
        self,
        *,
        enabled: bool = True,
        extra: Iterable[str | re.Pattern[str]] = (),
        hook: Callable[[str], str] | None = None,
    ) -> None:
        self.enabled = enabled
        self.hook = hook
        self._extra = tuple(_pattern(p) for p in ([extra] if isinstance(extra, str) else extra))
        self._always = bool(self._extra or hook)
        self._urls: dict[str, str] = {}

    def suspicious(self, text: str) -> bool:
        """Tell cheaply whether a text may hold anything to redact."""
        return self.enabled and (self._always or _suspicious(text))

    def suspicious_json(self, document: str) -> bool:
        """Tell cheaply whether a JSON document as text may hold anything to redact."""
        return self.enabled and (self._always or _suspicious(document) or holds(document, _IN_DOCUMENTS))

    @property
    def hint(self) -> str | None:
        """A pattern that is found in every text of up to 8,000 characters with something to redact.

        Empty when nothing is redacted, None when any text may be.
        """
        if not self.enabled:
            return ""
        return None if self._always else _HINT

    def text(self, text: str) -> str:
        """Redact one text."""
        if not self.suspicious(text):
            return text
        return self._text(text)

    def json(self, value: Json) -> Json:
        """Redact the texts of a JSON value; gives the same object if there was nothing to do."""
        return self._json(value, 0) if self.enabled else value

    def url(self, url: str) -> str:
        """Redact a URL: the password of its host, secret query values, keys anywhere."""
        if not self.enabled:
            return url
        known = self._urls.get(url)
        if known is None:
            known = url
            if "?" in url:
                head, _, query = url.partition("?")
                known = f"{head}?{'&'.join(_query_pair(pair) for pair in query.split('&'))}"
            known = self.text(known)
            # A notebook calls few addresses, many times.
            if len(self._urls) < _MOST_URLS:
                self._urls[url] = known
        return known

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Redact headers: values of secret names, and keys in any other value."""
        if not self.enabled:
            return dict(headers)
        if self._always:
            return {name: self._header(name, value) for name, value in headers.items()}
        return {
            name: value if name in _PLAIN_HEADERS else self._header(name, value)
            for name, value in headers.items()
        }

    def _header(self, name: str, value: str) -> str:
        return "[redacted]" if is_secret_name(name) and value else self.text(value)

    def _text(self, text: str) -> str:
        for shape in _shapes_in(text):
            text = shape.pattern.sub(partial(_masked, name=shape.name), text)
        text = without_assignments(text)
        for pattern in self._extra:
            text = pattern.sub(_masked, text)
        if self.hook is not None:
            try:
                text = str(self.hook(text))
            except Exception:
                # Withheld rather than shown: a hook that fails must not let through what it hides.
                return _HOOK_FAILED
        return text

    def _json(self, value: Json, depth: int) -> Json:
        kind = type(value)
        if kind is str:
            return value if is_blob(value) else self.text(value)
        if depth > _DEEPEST:
            return "[redacted: nested too deeply to look into]"
        if kind is dict:
            return self._object(value, depth)
        if kind is list:
            return self._list(value, depth)
        return value

    def _object(self, value: dict[Any, Json], depth: int) -> Json:
        changed = False
        kept: dict[Any, Json] = {}
        for key, old in value.items():
            new, new_key = old, key
            if type(key) is str:
                if len(key) >= _RUN:
                    new_key = self.text(key)
                if type(old) in (str, int):
                    new = "[redacted]" if holds_secret(key, old, value) else old
                elif type(old) in (dict, list) and is_secret_name(key):
                    new = self._under(key, old, depth + 1)
            if new is old and type(old) in _WALKED:
                new = self._json(old, depth + 1)
            changed |= new is not old or new_key is not key
            kept[new_key] = new
        return kept if changed else value

    def _under(self, name: str, value: Json, depth: int) -> Json:
        """Redact what stands anywhere under the name of a secret, except in a description of such a field."""
        kind = type(value)
        if kind in (str, int):
            return "[redacted]" if holds_secret(name, value, {}) else self._json(value, depth)
        if depth > _DEEPEST or kind not in (dict, list) or is_schema(value):
            return self._json(value, depth)
        pairs = list(value.items() if kind is dict else enumerate(value))
        new = {key: self._under(name, old, depth + 1) for key, old in pairs}
        if all(new[key] is old for key, old in pairs):
            return value
        return new if kind is dict else list(new.values())

    def _list(self, value: list[Json], depth: int) -> Json:
        if _NUMBERS.issuperset(map(type, value)):
            # A vector: its numbers need no look each.
            return value
        new = [self._json(v, depth + 1) if type(v) in _WALKED else v for v in value]
        return new if any(a is not b for a, b in zip(new, value, strict=True)) else value


def _suspicious(text: str) -> bool:
    has_run = _NEEDLE in text.encode("utf-8", "replace").translate(_RUNS)
    if has_run and (len(text) > _SMALL or _has_literal(text)):
        return True
    if "@" in text and holds(text, URL_PASSWORD.triggers):
        return True
    return bool(words_in(text.lower()))


def _has_literal(text: str) -> bool:
    # The runs are a small part of most texts.
    return holds(text, _ANYWHERE) or holds("\n".join(_RUN_FOUND.findall(text)), _IN_RUNS)


def _shapes_in(text: str) -> list[Shape]:
    shapes = list(dict.fromkeys([shape for trigger, shape in _TRIGGERS if trigger in text]))
    if "PRIVATE KEY" in text:
        shapes.insert(0, PRIVATE_KEY)
    if "@" in text and holds(text, URL_PASSWORD.triggers):
        shapes.append(URL_PASSWORD)
    return shapes


def _masked(match: re.Match[str], name: str = "") -> str:
    mask = f"[redacted {name}]" if name else "[redacted]"
    for group in range(1, (match.re.groups or 0) + 1):
        if match.group(group) is not None:
            start, end = match.span(group)
            if match.group(group).startswith("[redacted"):
                return match.group()
            offset = match.start()
            whole = match.group()
            return whole[: start - offset] + mask + whole[end - offset :]
    return mask


def _query_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return (
        f"{name}=[redacted]"
        if equals and value and (is_secret_name(name) or name in ("key", "token"))
        else pair
    )


def _pattern(given: str | re.Pattern[str]) -> re.Pattern[str]:
    try:
        return re.compile(given)
    except re.error as error:
        raise ValueError(f"redaction pattern {given!r} is no regular expression: {error}") from None


DEFAULT = Redactor()
OFF = Redactor(enabled=False)

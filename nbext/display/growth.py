"""The text of a running stream, as it grows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model.dialects import dialect_of
from ..model.reading import Reading

if TYPE_CHECKING:
    from ..model.attempt import Attempt
    from ..model.redact import Redactor

# A key that has half arrived is not yet known for one: what has no end yet is held back.
_UNFINISHED = re.compile(r"[\x21-\x7e]*\Z")


class Growth:
    """Tells what has come in addition since the last look, at the cost of what has come.

    Parameters
    ----------
    attempt : Attempt
        The running one.
    redactor : Redactor
    """

    def __init__(self, attempt: Attempt, redactor: Redactor) -> None:
        self.attempt = attempt
        self._redactor = redactor
        self._reading = Reading(attempt, dialect_of(attempt.url, None, None))
        self._pieces = 0
        self._told = ""

    @property
    def fresh(self) -> bool:
        """Anything has arrived since the last look."""
        return len(self.attempt.pieces) > self._pieces

    @property
    def told(self) -> int:
        """Characters told so far."""
        return len(self._told)

    def more(self) -> tuple[str, int | None, int]:
        """Give the text that is new, when the first of it came (ns since the epoch), and the events so far.

        Text that must be taken back, since a secret was found in it, ends the telling: the call's
        final form has it right.
        """
        self._pieces = len(self.attempt.pieces)
        body = self._reading.body()
        if body is None or not body.streamed:
            return "", None, 0
        answers = body.dialect.answered(body.stream_result()).answers
        text = _UNFINISHED.sub("", self._redactor.text(answers[0].text)) if answers else ""
        if not text.startswith(self._told):
            return "", body.first_ns, body.events
        new = text[len(self._told) :]
        self._told = text
        return new, body.first_ns, body.events

"""Reads the words of a magic. What is wrong is said in one line, with what was probably meant."""

from __future__ import annotations

import argparse
import difflib
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def split(line: str) -> list[str]:
    """Split a line into words; quotes hold words together, a backslash is a backslash.

    Raises
    ------
    UsageError
        A quote is not closed.
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.escape = ""
    try:
        return list(lexer)
    except ValueError:
        raise UsageError(f"a quote is not closed in: {line.strip()}") from None


def asks_for_help(words: Sequence[str]) -> bool:
    """Tell whether ``--help`` or ``-h`` is among the words."""
    return not {"--help", "-h"}.isdisjoint(words)


def suggest(word: str, known: Iterable[str]) -> str:
    """Say what was probably meant, or what there is."""
    known = list(known)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"


def one_of(*known: str) -> Callable[[str], str]:
    """Make a type for values out of a closed list."""

    def check(word: str) -> str:
        if word not in known:
            raise argparse.ArgumentTypeError(f"{word!r} is not known; {suggest(word, known)}")
        return word

    check.__name__ = "value"
    return check


def pair(word: str) -> tuple[str, str]:
    """Read ``key=value``."""
    key, equals, value = word.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"expected key=value, got {word!r}")
    return key.strip(), value


def seconds(word: str) -> float:
    """Read a number of seconds."""
    try:
        found = float(word)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e9:
        raise argparse.ArgumentTypeError(f"expected a number of seconds, got {word!r}")
    return found


def store(word: str) -> str:
    """Read where traces are stored."""
    from ..sinks.mlflow.target import check

    try:
        check(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("to: ")) from None
    return word


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `UsageError` and never leaves or prints.

    Parameters
    ----------
    prog : str
        What the user typed, for messages: ``%%gateway_trace``, ``%gateway_trace df``.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog=prog, add_help=False, allow_abbrev=False)

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """Parse the words.

        Raises
        ------
        UsageError
            They are not what was expected.
        """
        found, left = self.parse_known_args(list(words))
        if left:
            self._refuse(left[0])
        return found

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        # A value out of a list has the list as its name; the message names what is known anyway.
        name, colon, rest = message.removeprefix("argument ").partition(": ")
        raise UsageError(f"{self.prog}: {rest if colon and name.startswith('[') else f'{name}{colon}{rest}'}")

    def _refuse(self, word: str) -> NoReturn:
        options = self.options
        if not word.startswith("-"):
            raise UsageError(f"{self.prog}: {word!r} was not expected here; usage: {self.usage_line()}")
        if not options:
            raise UsageError(f"{self.prog}: there is no option {word!r} here; usage: {self.usage_line()}")
        raise UsageError(
            f"{self.prog}: no option {word.partition('=')[0]!r}; {suggest(word.partition('=')[0], options)}"
        )

    @property
    def options(self) -> list[str]:
        """The options it knows."""
        return [name for action in self._actions for name in action.option_strings]

    def usage_line(self) -> str:
        """Give the usage in one line."""
        return " ".join(self.format_usage().removeprefix("usage: ").split())

    def manual(self) -> str:
        """Give the usage and what each argument means, for ``?`` and ``--help``."""
        lines = [self.usage_line()]
        lines += [f"    {_label(action):24} {action.help}" for action in self._actions if action.help]
        return "\n".join(lines)


def _label(action: Any) -> str:
    if action.option_strings:
        value = f" {action.metavar or action.dest.upper()}" if action.nargs != 0 else ""
        return str(action.option_strings[0]) + value
    return str(action.metavar or action.dest)

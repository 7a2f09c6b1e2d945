"""What was said to a table, as Python: the code of a mark begins with it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .flavour import TableError
from .times import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    F = TypeVar("F", bound=Callable[..., Any])


def said(verb: F) -> F:
    """Let the table that a verb gives know the verb: its ``code`` ends with the call of it.

    What the verb does not take is refused in one line.
    """
    signature = inspect.signature(verb)
    expected = f"{verb.__name__}({', '.join(list(signature.parameters)[1:])})"

    @functools.wraps(verb)
    def told(self: Any, *args: Any, **given: Any) -> Any:
        try:
            signature.bind(self, *args, **given)
        except TypeError as error:
            asked = call_code(verb.__name__, *args, **given)
            raise TableError(f"{asked}: {error}; expected {expected}") from None
        made = verb(self, *args, **given)
        # Of a verb that is made of others, only its own name counts.
        made.code = f"{self.code}.{call_code(verb.__name__, *args, **given)}"
        return made

    return cast("F", told)


def call_code(name: str, *args: Any, **given: Any) -> str:
    """Write a call.

    Examples
    --------
    >>> call_code("since", timedelta(hours=2))
    "since('7200s')"
    """
    named = [f"{key}={_written(value)}" for key, value in given.items() if value is not None]
    return f"{name}({', '.join([*map(_written, args), *named])})"


def _written(value: Any) -> str:
    value = plain(value)
    if isinstance(value, date):
        return repr(str(value))
    if isinstance(value, timedelta):
        return repr(f"{value.total_seconds():.6f}".rstrip("0").rstrip(".") + "s")
    if isinstance(value, Path):
        return repr(str(value))
    if isinstance(value, Mapping):
        # A frame has no text of its own; the reader knows it by what it stands for.
        items = (f"{key!r}: {_source(key, one)}" for key, one in value.items())
        return f"{{{', '.join(items)}}}"
    return repr(value)


def _source(key: Any, value: Any) -> str:
    return repr(str(value)) if isinstance(value, (str, Path)) else str(key)

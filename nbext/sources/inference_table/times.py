"""Moments and spans of time as users write them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

from .flavour import TableError

EPOCH = datetime.fromtimestamp(0, timezone.utc)
_SPAN = re.compile(
    r"\s*(\d+(?:\.\d+)?)\s*"
    r"(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\s*",
    re.IGNORECASE,
)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def span_of(given: str | timedelta) -> timedelta:
    """Read a span of time: ``90s``, ``30m``, ``24h``, ``7d``, ``2w``, or a timedelta.

    Raises
    ------
    TableError
        It is none.

    Examples
    --------
    >>> span_of("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    given = plain(given)
    if isinstance(given, timedelta):
        return given
    found = _SPAN.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise TableError(f"{given!r} is no span of time: expected '30m', '24h', '7d' or a timedelta")
    try:
        return timedelta(seconds=float(found[1]) * _SECONDS[found[2][0].lower()])
    except OverflowError:
        raise TableError(f"{given!r} is longer than there have been tables") from None


def moment_at(ns: int) -> datetime:
    """Give the moment of a number of ns since the epoch, in UTC; a datetime holds whole microseconds."""
    return EPOCH + timedelta(microseconds=ns // 1000)


def moment_of(given: Any, now: datetime) -> datetime:
    """Read a moment: a span of time before now, ``now``, an ISO date or time, a date or datetime.

    What has no time zone is UTC, as the tables are.

    Raises
    ------
    TableError
        It is none.

    Examples
    --------
    >>> moment_of("2026-07-04 12:00", datetime(2026, 7, 5, tzinfo=timezone.utc))
    datetime.datetime(2026, 7, 4, 12, 0, tzinfo=datetime.timezone.utc)
    """
    shown, given = given, plain(given)
    if isinstance(given, timedelta) or (isinstance(given, str) and _SPAN.fullmatch(given)):
        try:
            return now - span_of(given)
        except OverflowError:
            raise TableError(f"{given!r} ago is before there was time") from None
    if isinstance(given, str):
        given = now if given.strip().lower() == "now" else _parsed(given)
    if isinstance(given, date) and given != given:  # noqa: PLR0124  # pandas' NaT
        given = None
    if isinstance(given, datetime):
        try:
            moment = given.astimezone(timezone.utc) if given.tzinfo else given.replace(tzinfo=timezone.utc)
        except OverflowError:
            raise TableError(f"{str(given)!r} is before or after all time in UTC") from None
        # A pandas Timestamp is a datetime, but one that SQL and repr need not know of.
        return EPOCH + timedelta(microseconds=(moment - EPOCH) // timedelta(microseconds=1))
    if isinstance(given, date):
        return datetime(given.year, given.month, given.day, tzinfo=timezone.utc)
    raise TableError(
        f"{shown!r} is no moment: expected '24h' (ago), '2026-07-04 12:00', a date or a datetime"
    )


def plain(given: Any) -> Any:
    """Read a moment, a span or a number of NumPy as Python's own, without importing it; NaT is None."""
    kind = type(given).__name__
    if kind in ("datetime64", "timedelta64"):
        return given.astype(f"{kind}[us]").item()
    return (
        given.item()
        if type(given).__module__ == "numpy" and hasattr(given, "dtype") and not given.ndim
        else given
    )


def _parsed(text: str) -> datetime:
    # Python before 3.11 reads no "Z".
    try:
        return datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
    except ValueError:
        raise TableError(
            f"{text!r} is no moment: expected '24h' (ago), '2026-07-04' or '2026-07-04 12:00'"
        ) from None

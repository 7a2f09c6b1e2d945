"""Calls of an API we do not know: what was sent and what came, as JSON."""

from __future__ import annotations

from typing import Any

from ..call import Message, Part
from ..usage import merge_usage
from .base import Answered, Sent, as_dict, as_name

Json = Any
# Names under which answers tell their tokens.
_USAGES = ("usage", "usageMetadata", "usage_metadata")


class Generic:
    """Shows the whole request as input and the whole answer as output."""

    def __init__(self, api: str = "unknown") -> None:
        self.api = api

    def sent(self, request: Json) -> Sent:
        """Show the request as one JSON part, or as text if it is one."""
        if request is None:
            return Sent()
        return Sent(messages=[Message("input", [_part(request)])])

    def answered(self, response: Json) -> Answered:
        """Show the answer as one JSON part; usage and a finish reason if they have the usual names."""
        if response is None:
            return Answered()
        read = Answered(answers=[Message("output", [_part(response)])])
        if type(response) is dict:
            read.usage = next((response[key] for key in _USAGES if type(response.get(key)) is dict), None)
            if reason := as_name(response.get("finish_reason")):
                read.finish_reasons = [reason]
        return read

    def stream(self) -> GenericStream:
        """Keep the events in a list."""
        return GenericStream()


class GenericStream:
    """Events of an unknown API: kept as they came."""

    def __init__(self) -> None:
        self.whole = False
        self.error: Json = None
        self._events: list[Json] = []
        self._usage: Json = None

    def add(self, event: Json, name: str | None) -> bool:
        """Take an event in."""
        self._events.append(event)
        if type(event) is dict:
            for key in _USAGES:
                self._usage = merge_usage(self._usage, event.get(key))
            error = event.get("error") or as_dict(event.get("databricks_output")).get("error")
            if error:
                self.error = error
        if name == "error" and self.error is None:
            self.error = event
        return True

    def result(self) -> Json:
        """Give the events, with the last usage and error beside them."""
        result: dict[str, Json] = {"events": list(self._events)}
        if self._usage is not None:
            result["usage"] = self._usage
        if self.error is not None:
            result["error"] = self.error
        return result


def _part(value: Json) -> Part:
    return Part("text", value) if type(value) is str else Part("json", value=value)

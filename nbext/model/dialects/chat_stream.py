"""Putting the chunks of a chat stream together."""

from __future__ import annotations

from typing import Any

from ..jsontext import compact
from ..usage import merge_usage
from .base import as_dict, as_list, as_text

Json = Any
# Deltas whose strings are pieces of a longer text; any other key is a value, the last one wins.
_GROWING = ("reasoning_content", "reasoning", "refusal")


class ChatStream:
    """Chunks to one ``chat.completion``: all choices, blocks, tool calls, logprobs, the last usage."""

    def __init__(self) -> None:
        self.whole = False
        self.error: Json = None
        self._head: dict[str, Json] = {}
        self._choices: dict[Any, _Choice] = {}

    def add(self, event: Json, name: str | None) -> bool:
        """Take a chunk in. Errors come as an event of that name, or as an ``error`` key."""
        if type(event) is not dict:
            return False
        content = False
        for key, value in event.items():
            if key == "choices":
                for choice in as_list(value):
                    content |= self._choice(choice)
            elif key == "usage":
                self._head["usage"] = merge_usage(self._head.get("usage"), value)
            elif key == "error" and value:
                self.error = value
            elif value is not None and (key not in self._head or key not in ("id", "created", "model")):
                self._head[key] = value
        if name == "error" and self.error is None:
            self.error = event
        if "delta" in event and "choices" not in event:
            content |= self._agent(event)
        return content

    def result(self) -> Json:
        """Give the answer as it stands."""
        head = {k: v for k, v in self._head.items() if k not in ("usage", "delta", "finish_reason")}
        if "object" in head or self._choices:
            head["object"] = "chat.completion"
        head["choices"] = [self._choices[key].result() for key in sorted(self._choices, key=_by_number)]
        if "usage" in self._head:
            head["usage"] = self._head["usage"]
        if self.error is not None:
            head["error"] = self.error
        return head

    def _choice(self, choice: Json) -> bool:
        if type(choice) is not dict:
            return False
        index = choice.get("index", 0)
        if type(index) is not int:
            index = 0
        state = self._choices.get(index)
        if state is None:
            state = self._choices[index] = _Choice(index)
        content = state.add(choice)
        if state.finish_reason is not None:
            self.whole = True
        return content

    def _agent(self, event: dict[str, Json]) -> bool:
        """Take in what a Databricks chat agent streams: ``{"delta": message}`` with the message's id."""
        delta = as_dict(event.get("delta"))
        key = delta.get("id")
        key = key if type(key) is str else ""
        state = self._choices.setdefault(key, _Choice(len(self._choices)))
        content = state.add({"delta": delta, "finish_reason": event.get("finish_reason")})
        if state.finish_reason is not None:
            self.whole = True
        return content


def _by_number(key: Any) -> tuple[int, str]:
    return (key, "") if type(key) is int else (1 << 30, key)


class _Choice:
    """One answer growing."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.finish_reason: Json = None
        self._role = "assistant"
        self._texts: dict[str, list[str]] = {}
        self._blocks: list[_Block] = []
        self._calls: dict[Any, dict[str, Json]] = {}
        self._arguments: dict[Any, list[str]] = {}
        # By the index, where more than one call came under it: the one its fragments go on with.
        self._latest: dict[Any, Any] = {}
        self._rest: dict[str, Json] = {}
        self._logprobs: dict[str, list[Json]] | None = None
        self._extra: dict[str, Json] = {}
        self._saw_content = False

    def add(self, choice: dict[str, Json]) -> bool:
        content = False
        for key, value in choice.items():
            if value is None or key == "index":
                continue
            if key in ("delta", "message"):
                content |= self._delta(value)
            elif key == "text":
                content |= self._delta({"content": value})
            elif key == "finish_reason":
                self.finish_reason = value
            elif key == "logprobs":
                self._more_logprobs(value)
            else:
                self._extra[key] = value
        return content

    def _delta(self, delta: Json) -> bool:
        if type(delta) is not dict:
            return False
        content = False
        for key, value in delta.items():
            if key == "content":
                content |= self._content(value)
            elif value is None:
                continue
            elif key == "role":
                self._role = value if type(value) is str else self._role
            elif key == "tool_calls":
                for call in as_list(value):
                    content |= self._tool_call(call)
            elif key == "function_call":
                content |= self._tool_call({"index": "function_call", "function": value})
            elif key == "audio":
                content |= self._audio(as_dict(value))
            elif key in _GROWING and type(value) is str:
                self._texts.setdefault(key, []).append(value)
                content |= bool(value)
            elif type(value) is list and type(self._rest.get(key)) is list:
                self._rest[key] = [*self._rest[key], *value]
            else:
                self._rest[key] = value
        return content

    def _content(self, value: Json) -> bool:
        if type(value) is str:
            self._saw_content = True
            if not value:
                return False
            if not self._blocks or self._blocks[-1].kind != "text":
                self._blocks.append(_Block({"type": "text"}))
                self._blocks[-1].plain = True
            self._blocks[-1].text.append(value)
            return True
        content = False
        for block in as_list(value):
            self._saw_content = True
            content |= self._block(block)
        return content

    def _block(self, block: Json) -> bool:
        if type(block) is not dict:
            block = {"type": "text", "text": block if type(block) is str else compact(block)}
        new = _Block(block)
        # gpt-oss sends one block per token: neighbours of one kind are one block.
        if self._blocks and self._blocks[-1].take(new):
            return bool(new.text)
        self._blocks.append(new)
        return bool(new.text) or not new.kind

    def _tool_call(self, call: Json) -> bool:
        if type(call) is not dict:
            return False
        function = as_dict(call.get("function"))
        key = call.get("index")
        if type(key) not in (int, str):
            # Without an index an id begins the next call, and no id goes on with the last one.
            key = call.get("id") if type(call.get("id")) is str else next(reversed(self._calls), 0)
        key = self._place(key, call.get("id"), bool(function.get("name")))
        known = self._calls.get(key)
        if known is None:
            known = self._calls[key] = {}
            self._arguments[key] = []
        for name, value in call.items():
            if name not in ("index", "function") and value is not None and not known.get(name):
                known[name] = value
        if function.get("name") and not known.get("name_"):
            known["name_"] = function["name"]
        given = function.get("arguments")
        if given is not None:
            self._arguments[key].append(given if type(given) is str else compact(given))
        return bool(given or function.get("name"))

    def _place(self, index: Any, given: Json, named: bool) -> Any:
        """Give the call a fragment belongs to: some gateways send all calls under one index.

        An id alone does not tell, as others make a new one for every fragment.
        """
        place = self._latest.get(index, index)
        known = self._calls.get(place)
        if named and given and known and known.get("id") and given != known["id"] and "name_" in known:
            place = self._latest[index] = (index, str(given))
        return place

    def _audio(self, audio: dict[str, Json]) -> bool:
        for key in ("data", "transcript"):
            if type(audio.get(key)) is str:
                self._texts.setdefault("audio." + key, []).append(audio[key])
        self._rest["audio"] = {**as_dict(self._rest.get("audio")), **audio}
        return bool(audio.get("data") or audio.get("transcript"))

    def _more_logprobs(self, value: Json) -> None:
        if type(value) is not dict:
            return
        if self._logprobs is None:
            self._logprobs = {}
        for key, tokens in value.items():
            if type(tokens) is list:
                self._logprobs.setdefault(key, []).extend(tokens)

    def result(self) -> dict[str, Json]:
        message: dict[str, Json] = {"role": self._role, "content": self._content_result()}
        for key in _GROWING:
            if key in self._texts:
                message[key] = "".join(self._texts[key])
        message.update(self._rest)
        if "audio" in message:
            spoken = {k[6:]: "".join(v) for k, v in self._texts.items() if k.startswith("audio.")}
            message["audio"] = {**message["audio"], **spoken}
        calls = {key: self._call_result(key) for key in list(self._calls)}
        legacy = calls.pop("function_call", None)
        if legacy is not None:
            message["function_call"] = legacy["function"]
        # Llama may close a stream with an empty fragment, which is no call.
        said = [c for c in calls.values() if c["id"] or c["function"]["name"] or c["function"]["arguments"]]
        if said:
            message["tool_calls"] = said
        choice = {"index": self.index, "message": message, "finish_reason": self.finish_reason}
        if self._logprobs is not None:
            choice["logprobs"] = self._logprobs
        return {**self._extra, **choice}

    def _content_result(self) -> Json:
        if not self._blocks:
            return "" if self._saw_content else None
        if all(block.plain for block in self._blocks):
            return "".join(as_text(block.result()["text"]) for block in self._blocks)
        return [block.result() for block in self._blocks]

    def _call_result(self, key: Any) -> dict[str, Json]:
        known = {k: v for k, v in self._calls[key].items() if k != "name_"}
        function = {"name": self._calls[key].get("name_"), "arguments": "".join(self._arguments[key])}
        return {"id": None, "type": "function", **known, "function": function}


class _Block:
    """A block of content growing: a text, or reasoning with its summary."""

    __slots__ = ("_block", "kind", "plain", "text")

    def __init__(self, block: dict[str, Json]) -> None:
        self._block = block
        kind = block.get("type")
        self.kind = kind if kind in ("text", "reasoning", "thinking") else ""
        self.plain = False
        self.text: list[str] = []
        if self.kind == "text" and as_text(block.get("text")):
            self.text.append(block["text"])
        elif self.kind == "reasoning":
            self.text += [as_text(as_dict(s).get("text")) for s in as_list(block.get("summary"))]
        elif self.kind == "thinking" and as_text(block.get("thinking")):
            self.text.append(block["thinking"])

    def take(self, other: _Block) -> bool:
        """Go on with the next block if it is of the same kind."""
        if not self.kind or self.kind != other.kind:
            return False
        self.plain &= other.plain
        self.text += other.text
        self._block = {**self._block, **{k: v for k, v in other._block.items() if v is not None}}
        return True

    def result(self) -> dict[str, Json]:
        text = "".join(self.text)
        if self.kind == "text":
            return {**self._block, "text": text}
        if self.kind == "thinking":
            return {**self._block, "thinking": text}
        if self.kind == "reasoning":
            given = as_list(self._block.get("summary"))
            last = as_dict(given[-1]) if given else {"type": "summary_text"}
            return {**self._block, "summary": [{**last, "text": text}]}
        return self._block

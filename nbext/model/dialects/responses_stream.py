"""Putting the events of a Responses stream together."""

from __future__ import annotations

from typing import Any

from ..usage import merge_usage
from .base import as_dict, as_list, as_text

Json = Any

_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})
# Which list of an item a delta goes to, under which index, as a block of which type and key.
_DELTAS: dict[str, tuple[str, str, str, str]] = {
    "response.output_text.delta": ("content", "content_index", "output_text", "text"),
    "response.refusal.delta": ("content", "content_index", "refusal", "refusal"),
    "response.reasoning_text.delta": ("content", "content_index", "reasoning_text", "text"),
    "response.reasoning_summary_text.delta": ("summary", "summary_index", "summary_text", "text"),
}
_ARGUMENTS = {
    "response.function_call_arguments.delta": "arguments",
    "response.mcp_call_arguments.delta": "arguments",
    "response.custom_tool_call_input.delta": "input",
    "response.code_interpreter_call_code.delta": "code",
}


class ResponseStream:
    """Events to one ``response``; the last event's own copy is taken where there is one."""

    def __init__(self) -> None:
        self.whole = False
        self.error: Json = None
        self._head: dict[str, Json] = {}
        self._items: dict[Any, dict[str, Json]] = {}
        # Texts still growing, by item, list and index: joined when someone looks.
        self._growing: dict[tuple[Any, str, int], tuple[str, str, list[str]]] = {}
        self._final: dict[str, Json] | None = None
        self._usage: Json = None
        self._beside: dict[str, Json] = {}

    def add(self, event: Json, name: str | None) -> bool:
        """Take an event in."""
        if type(event) is not dict:
            return False
        # An agent's trace may come beside any of them.
        beside = event.get("databricks_output")
        if type(beside) is dict:
            self._beside.update(beside)
        kind = event.get("type")
        kind = kind if type(kind) is str else name or ""
        if kind in _DELTAS or kind in _ARGUMENTS:
            return self._delta(event, kind)
        if kind in ("response.output_item.added", "response.output_item.done"):
            return self._item(event, done=kind.endswith("done"))
        if kind in _ENDS or type(event.get("response")) is dict:
            self._state(as_dict(event.get("response")), ended=kind in _ENDS)
        elif kind == "error" or event.get("error"):
            self.error = event.get("error") or {k: v for k, v in event.items() if k != "type"}
        elif event.get("object") == "response":
            # An agent's stream may end with the bare answer.
            self._state(event, ended=True)
        else:
            self._other(event)
        return False

    def result(self) -> Json:
        """Give the answer as it stands."""
        result = {"object": "response", **self._head}
        items = [self._item_result(key) for key in self._items]
        if self._final is not None:
            result.update(self._final)
        if not as_list(result.get("output")):
            result["output"] = items
        if self._beside:
            result["databricks_output"] = {**self._beside, **as_dict(result.get("databricks_output"))}
        if self._usage is not None and not as_dict(result.get("usage")):
            result["usage"] = self._usage
        if self.error is not None:
            result["error"] = self.error
            result["status"] = "failed"
        return result

    def _key(self, event: dict[str, Json], item: dict[str, Json]) -> Any:
        """Items go by their place; agents' events have none, only the item's id."""
        index = event.get("output_index")
        if type(index) is int:
            return index
        for holder, name in ((event, "item_id"), (item, "id")):
            if type(holder.get(name)) is str:
                return holder[name]
        return len(self._items) if item else next(reversed(self._items), 0)

    def _item(self, event: dict[str, Json], *, done: bool) -> bool:
        item = as_dict(event.get("item"))
        key = self._key(event, item)
        known = key in self._items
        if done or not known:
            self._items[key] = item
        if done:
            for growing in [g for g in self._growing if g[0] == key]:
                del self._growing[growing]
        said = done and not known
        return said or (item.get("type") in ("function_call", "custom_tool_call", "mcp_call") and not known)

    def _delta(self, event: dict[str, Json], kind: str) -> bool:
        text = as_text(event.get("delta"))
        key = self._key(event, {})
        if kind in _DELTAS:
            place, index_name, block, field = _DELTAS[kind]
            index = event.get(index_name)
            index = index if type(index) is int else 0
            new_type = "reasoning" if "reasoning" in kind else "message"
        else:
            place, index, block, field, new_type = "", 0, "", _ARGUMENTS[kind], "function_call"
        if key not in self._items:
            self._items[key] = {"type": new_type, **({"role": "assistant"} if new_type == "message" else {})}
        self._growing.setdefault((key, place, index), (block, field, []))[2].append(text)
        return bool(text)

    def _item_result(self, key: Any) -> dict[str, Json]:
        item = dict(self._items[key])
        for (owner, place, index), (block, field, texts) in list(self._growing.items()):
            if owner != key:
                continue
            text = "".join(texts)
            if not place:
                item[field] = text
                continue
            blocks = list(as_list(item.get(place)))
            while len(blocks) <= min(index, 1000):
                blocks.append({"type": block, field: ""})
            blocks[min(index, 1000)] = {"type": block, **as_dict(blocks[min(index, 1000)]), field: text}
            item[place] = blocks
        return item

    def _state(self, response: dict[str, Json], *, ended: bool) -> None:
        self._usage = merge_usage(self._usage, response.get("usage"))
        if ended:
            self.whole = True
            self._final = {k: v for k, v in response.items() if v is not None}
        else:
            self._head.update({k: v for k, v in response.items() if k != "output"})

    def _other(self, event: dict[str, Json]) -> None:
        for key, value in event.items():
            if key == "usage":
                self._usage = merge_usage(self._usage, value)
            elif key in ("custom_outputs", "databricks_service_policy", "model", "id"):
                self._head[key] = value

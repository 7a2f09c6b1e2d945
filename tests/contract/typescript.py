"""The interfaces of `renderers/src/wire/`, read far enough to check a JSON value against them."""

from __future__ import annotations

import re
from pathlib import Path

WIRE = Path(__file__).parents[2] / "renderers" / "src" / "wire"
# What a trace is made of; a payload that is no trace has a file of its own.
FILES = ("types.ts", "span.ts", "call.ts", "messages.ts")


def sources(*more: str) -> str:
    """Give the text of the files of a trace, and of `more`."""
    return "\n".join((WIRE / name).read_text("utf-8") for name in (*FILES, *more))


class Checker:
    """Says where a value departs from a type: a key too many, a key too few, a value of another kind."""

    def __init__(self, source: str | None = None) -> None:
        source = re.sub(r"/\*.*?\*/", "", source or sources(), flags=re.DOTALL)
        source = re.sub(r"//[^\n]*", "", source)
        self.types = {
            match[1]: self._balanced(source, match.end() - 1)
            for match in re.finditer(r"export interface (\w+) \{", source)
        }
        for match in re.finditer(r"export type (\w+) =(.*?);\n(?=\n|$|export)", source, re.DOTALL):
            self.types[match[1]] = match[2].strip()

    def problems(self, value, type_text, where="value"):
        text = type_text.strip()
        if text.startswith("{") and self._balanced(text, 0) == text:
            return self._object(value, text, where)
        if text.startswith("(") and text.endswith(")"):
            return self.problems(value, text[1:-1], where)
        options = split(text, "|")
        if len(options) > 1:
            found = [self.problems(value, option, where) for option in options if option]
            return [] if not all(found) else min(found, key=len)
        return self._simple(value, text, where)

    def _simple(self, value, text, where):
        if text.endswith("[]"):
            if not isinstance(value, list):
                return [f"{where}: expected a list of {text[:-2]}, got {value!r}"]
            return [p for i, one in enumerate(value) for p in self.problems(one, text[:-2], f"{where}[{i}]")]
        match = re.fullmatch(r"(?:Partial<)?Record<(.*?),\s*(.*?)>>?", text)
        if match:
            if not isinstance(value, dict):
                return [f"{where}: expected an object, got {value!r}"]
            keys = [p for key in value for p in self.problems(key, match[1], f"key of {where}")]
            return keys + [p for k, v in value.items() for p in self.problems(v, match[2], f"{where}.{k}")]
        if text in self.types and text != "Json":
            return self.problems(value, self.types[text], where)
        fine = {
            "string": isinstance(value, str),
            "number": isinstance(value, (int, float)) and not isinstance(value, bool),
            "boolean": isinstance(value, bool),
            "true": value is True,
            "null": value is None,
            "Json": True,
        }.get(text)
        if fine is None:
            fine = value == (int(text) if text.isdigit() else text.strip("'"))
        return [] if fine else [f"{where}: expected {text}, got {value!r}"]

    def _object(self, value, text, where):
        if not isinstance(value, dict):
            return [f"{where}: expected an object, got {value!r}"]
        fields = {}
        for field in split(text[1:-1].replace("\n", ";"), ";"):
            if field:
                name, kind = field.split(":", 1)
                fields[name.strip().removesuffix("?")] = (kind, name.strip().endswith("?"))
        problems = [f"{where}: has {key!r}, which is not known" for key in value if key not in fields]
        for name, (kind, optional) in fields.items():
            if name in value:
                problems += self.problems(value[name], kind, f"{where}.{name}")
            elif not optional:
                problems.append(f"{where}: lacks {name!r}")
        return problems

    @staticmethod
    def _balanced(text, start):
        depth = 0
        for i in range(start, len(text)):
            depth += (text[i] == "{") - (text[i] == "}")
            if depth == 0:
                return text[start : i + 1]
        raise ValueError("braces do not match")


def split(text, mark):
    """Split at a mark that is not inside brackets."""
    parts, depth, last = [], 0, 0
    for i, char in enumerate(text):
        depth += (char in "{<(") - (char in "}>)")
        if char == mark and depth == 0:
            parts.append(text[last:i].strip())
            last = i + 1
    return [*parts, text[last:].strip()]

"""Answers in JSON: an object that satisfies the schema asked for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from . import judging, tools
from .arguments import arguments_for, value_for
from .said import Source
from .text import answer_text
from .words import key_words

if TYPE_CHECKING:
    from .prompt import Prompt

_EXTRACT = re.compile(r"\b(extract|parse|read out|fill in)\b", re.I)


def json_answer(prompt: Prompt, variant: int = 0) -> str:
    """Return JSON text that satisfies ``prompt.schema``; an object with an answer when any JSON will do."""
    if judging.is_judging(prompt):
        return judging.judgement(prompt)
    results = tools.results_of(prompt)
    if results:
        prose = tools.answer_from(results, prompt)
    elif _EXTRACT.search(prompt.question):
        prose = prompt.question.split(":", 1)[-1].strip()
    else:
        prose = answer_text(prompt, variant)
    schema = prompt.schema or {}
    if not schema:
        return json.dumps({"answer": prose, "topics": key_words(prompt.question)[:3]}, ensure_ascii=False)
    source = Source(prompt.question, tools.facts_of(results), prose)
    if schema.get("type", "object") == "object" and "$ref" not in schema and "properties" in schema:
        return json.dumps(arguments_for(schema, source, everything=True)[0], ensure_ascii=False)
    return json.dumps(value_for("answer", schema, source, schema).value, ensure_ascii=False)

"""Prompts of a real registry, beside the messages made from them."""

from __future__ import annotations

import pytest

import nbext
from nbext.display.wire import whole_wire
from nbext.kernel.session import session
from nbext.model.call import Message, Part
from nbext.model.prompts import linked, variables_in

MODEL = "databricks-claude-sonnet-4"


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("Say {{ a }}.", "Say hi.", {"a": "hi"}),
        ("Say {{a}} and {{b}}", "Say x and y and z", {"a": "x", "b": "y and z"}),
        ("Same {{a}}, {{a}}.", "Same x, x.", {"a": "x"}),
        ("Same {{a}}, {{a}}.", "Same x, y.", None),
        ("Be brief.", "Be brief.", {}),
        ("Be brief.", "Be brief!", None),
        ("{{a}}", "anything", None),
        ("Say {{a}}.", "Say ", None),
    ],
)
def test_variables_are_found(template, text, expected):
    assert variables_in(template, text) == expected


def test_a_chat_prompt_needs_all_its_messages():
    def said(role, text):
        return Message(role, [Part("text", text)])

    prompt = {
        "name": "p",
        "version": 1,
        "template": [
            {"role": "system", "content": "Be {{tone}}, please."},
            {"role": "user", "content": "Tell of {{x}}."},
        ],
    }
    messages = [said("system", "Be kind, please."), said("user", "Tell of tea.")]
    found = linked([prompt], messages)
    assert [(one["messages"], one["variables"]) for one in found] == [([0, 1], {"tone": "kind", "x": "tea"})]
    assert linked([prompt], messages[:1]) == []
    assert linked([prompt], [said("user", "Be kind, please."), messages[1]]) == []


def test_a_prompt_loaded_in_a_cell_is_linked_shown_and_comes_back(client, store):
    import mlflow

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(store)
    load = mlflow.genai.load_prompt
    try:
        mlflow.set_experiment("prompted")
        mlflow.genai.register_prompt("greet", "Greet {{ name }} well.")
        mlflow.genai.register_prompt("greet", "Greet {{ name }} very well.")
        mlflow.genai.set_prompt_alias("greet", "live", 2)
        with nbext.trace("prompted", to=store, experiment="prompted") as capture, mlflow.start_span("greet"):
            prompt = mlflow.genai.load_prompt("prompts:/greet@live")
            client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": prompt.format(name="Ana")}]
            )
        assert mlflow.genai.load_prompt is load
        session.writer.drain(20)
        wire = next(span for span in whole_wire(capture)["spans"] if "call" in span)["call"]["prompts"][0]
        assert (wire["name"], wire["version"], wire["alias"]) == ("greet", 2, ["live"])
        assert (wire["template"], wire["variables"], wire["messages"]) == (
            "Greet {{ name }} very well.",
            {"name": "Ana"},
            [0],
        )
        mlflow.flush_trace_async_logging()
        nbext.push()
        loaded = nbext.mlflow_traces(uri=store, experiment="prompted")
        call = next(call for capture in loaded for call in capture.calls)
        assert call.prompts[0]["variables"] == {"name": "Ana"}
        assert call.prompts[0]["previous"] == {"version": 1, "template": "Greet {{ name }} well."}
    finally:
        mlflow.set_tracking_uri(before)

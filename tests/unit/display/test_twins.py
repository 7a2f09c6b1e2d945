"""After the name of a call stands what tells it from its siblings."""

from __future__ import annotations

from nbext.display.rows import rows_of
from nbext.display.twins import call_words
from nbext.display.wire import whole_wire
from nbext.model.call import Message, Part, Verdict
from nbext.model.capture import Capture
from tests.contract.captures import app, capture, chat, text
from tests.unit.model.building import START, attempt


def hints(made) -> list[str]:
    return [row.hint for row in rows_of(whole_wire(made))]


def test_calls_of_one_model_show_what_they_were_asked():
    made = capture([chat(n, n / 10, n / 10 + 0.5, question=f"Classify ticket {n}") for n in range(1, 4)], 1.0)
    assert hints(made) == ["Classify ticket 1", "Classify ticket 2", "Classify ticket 3"]


def test_a_model_that_no_sibling_has_tells_enough():
    made = capture([chat(1, 0.1, 0.2), chat(2, 0.3, 0.4, model="databricks-gpt-oss-120b")], 1.0)
    assert hints(made) == ["claude-haiku-4-5", "gpt-oss-120b"]


def test_an_empty_conversation_shows_the_model_and_not_the_request():
    request = {"model": "demo-chat", "messages": [], "temperature": 0.5, "tools": [{"type": "function"}]}
    made = Capture(id="c" * 16, start_ns=START)
    for number in range(2):
        sent = attempt(request=request, answer={"status": 200, "headers": {}, "body": {"choices": []}})
        sent.call_id = str(number) * 16
        made.add(sent)
    call = made.calls[0]
    assert (call.messages, call.prompt, call.params) == ([], "", {"temperature": 0.5})
    assert hints(made) == ["demo-chat", "demo-chat"]


def test_siblings_are_those_of_one_parent():
    spans = [app(50, "a", "CHAIN", 0.0, 0.5), app(51, "b", "CHAIN", 0.5, 1.0)]
    calls = [chat(1, 0.1, 0.2), chat(2, 0.6, 0.7)]
    calls[0].parent_span_id, calls[1].parent_span_id = spans[0].id, spans[1].id
    assert hints(capture(calls, 1.0, spans=spans)).count("claude-haiku-4-5") == 2


def wire_call(messages, answers, **changes):
    call = chat(1, 0.1, 0.2)
    call.messages, call.answers = messages, answers
    for name, value in changes.items():
        setattr(call, name, value)
    return whole_wire(capture([call], 1.0))["spans"][0]["call"]


def test_the_tools_that_were_asked_for_say_more_than_the_question():
    part = Part("tool_call", '{"email": "a@b.c"}', id="1", name="find_customer")
    assert (
        call_words(wire_call([text("user", "Charged twice")], [Message("assistant", [part])]))
        == "find_customer"
    )


def test_after_tool_results_the_answer_tells_more_than_the_question():
    result = Message("tool", [Part("tool_result", "C-1042", id="1")])
    call = wire_call([text("user", "Charged twice"), result], [text("assistant", "A ticket\nis open.")])
    assert call_words(call) == "A ticket is open."


def test_what_may_hold_personal_data_is_not_told():
    verdict = Verdict("guardrail", "Blocked", hide_input=True)
    assert call_words(wire_call([text("user", "card 4111")], [], verdict=verdict)) == ""

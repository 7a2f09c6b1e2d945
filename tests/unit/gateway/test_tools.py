import json
from typing import Literal

import pytest
from pydantic import BaseModel

from nbext.gateway.answers.arguments import arguments_for
from nbext.gateway.answers.said import Source

from .conftest import user


def tool(name, about, properties, required=None):
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }
    return {"type": "function", "function": {"name": name, "description": about, "parameters": schema}}


TEXT = {"type": "string"}
DESK = {
    "find_customer": lambda email: {"id": "C-1042", "name": "Ana Ruiz"},
    "list_invoices": lambda customer_id: [
        {"invoice_id": "INV-2041", "eur": 49},
        {"invoice_id": "INV-2042", "eur": 49},
    ],
    "search_help": lambda query, limit=3: "The later of two equal charges is refunded.",
    "open_ticket": lambda customer_id, subject, priority: {"ticket": "T-880"},
}
TOOLS = [
    tool("find_customer", "Find a customer by email", {"email": TEXT}),
    tool("list_invoices", "List the invoices of a customer", {"customer_id": TEXT}),
    tool("search_help", "Search the help pages", {"query": TEXT, "limit": {"type": "integer"}}, ["query"]),
    tool(
        "open_ticket",
        "Open a ticket",
        {"customer_id": TEXT, "subject": TEXT, "priority": {"enum": ["low", "normal", "high"]}},
    ),
]
QUESTION = (
    "ana@example.com was charged twice. Find the customer, check the invoices and the help, open a ticket."
)


@pytest.mark.parametrize(
    "model", ["demo-chat", "databricks-claude-haiku-4-5", "databricks-gpt-oss-120b", "databricks-gpt-5"]
)
def test_agent_loop_uses_results_of_one_tool_for_the_next(client, model):
    messages, rounds = user(QUESTION), []
    for _ in range(8):
        message = (
            client.chat.completions.create(model=model, messages=messages, tools=TOOLS).choices[0].message
        )
        messages.append(message.to_dict(warnings=False))
        if not message.tool_calls:
            break
        rounds.append(
            {call.function.name: json.loads(call.function.arguments) for call in message.tool_calls}
        )
        for call in message.tool_calls:
            result = DESK[call.function.name](**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})
    assert rounds == [
        {"find_customer": {"email": "ana@example.com"}, "search_help": {"query": "charged twice"}},
        {"list_invoices": {"customer_id": "C-1042"}},
        {
            "open_ticket": {
                "customer_id": "C-1042",
                "subject": "ana@example.com was charged twice",
                "priority": "high",
            }
        },
    ]
    final = json.dumps(messages[-1])
    assert "Ana Ruiz" in final and "INV-2042" in final and "T-880" in final


def test_tool_choice(client):
    ask = {"model": "demo-chat", "messages": user("hello there friend"), "tools": TOOLS}
    named = client.chat.completions.create(
        **ask, tool_choice={"type": "function", "function": {"name": "search_help"}}
    )
    assert [call.function.name for call in named.choices[0].message.tool_calls] == ["search_help"]
    none = client.chat.completions.create(**ask, tool_choice="none")
    assert none.choices[0].message.tool_calls is None and none.choices[0].finish_reason == "stop"
    single = client.chat.completions.create(
        model="demo-chat", messages=user(QUESTION), tools=TOOLS, parallel_tool_calls=False
    )
    assert len(single.choices[0].message.tool_calls) == 1


def streamed(client, model, tools=TOOLS, question=QUESTION):
    return [
        chunk.to_dict()["choices"][0]
        for chunk in client.chat.completions.create(
            model=model, messages=user(question), tools=tools, stream=True
        )
    ]


def test_llama_tool_stream(client):
    choices = streamed(client, "demo-chat")
    calls = [call for choice in choices for call in choice["delta"].get("tool_calls", ())]
    heads = [call for call in calls if "id" in call]
    assert [head["index"] for head in heads] == [0, 1]
    assert all(head["function"]["arguments"] == "" and head["type"] == "function" for head in heads)
    assert all(call.keys() == {"index", "function"} for call in calls if "id" not in call)
    first = "".join(call["function"]["arguments"] for call in calls if call["index"] == 0)
    assert json.loads(first) == {"email": "ana@example.com"}
    # The stream may close with an empty fragment beside the finish reason.
    assert choices[-1]["finish_reason"] == "tool_calls"
    assert choices[-1]["delta"]["tool_calls"][0]["function"]["arguments"] == ""


def test_claude_tool_stream_counts_its_index_from_one(client):
    choices = streamed(client, "databricks-claude-haiku-4-5")
    with_calls = [choice["delta"] for choice in choices if choice["delta"].get("tool_calls")]
    assert {delta["tool_calls"][0]["index"] for delta in with_calls} == {1, 2}
    assert all(delta["content"] is None and delta["role"] == "assistant" for delta in with_calls)
    assert with_calls[0]["tool_calls"][0]["id"].startswith("toolu_bdrk_")


def test_a_call_without_arguments_streams_no_fragment(client):
    tools = [tool("list_tables", "List all tables", {})]
    choices = streamed(client, "databricks-claude-haiku-4-5", tools, "List my tables")
    fragments = [
        call["function"]["arguments"] for choice in choices for call in choice["delta"].get("tool_calls", ())
    ]
    assert fragments == [""]


class Ticket(BaseModel):
    customer: str
    sentiment: Literal["positive", "neutral", "negative"]
    order_id: str
    amount: float
    tags: list[str]
    confidence: float
    note: str | None


def test_answers_satisfy_a_json_schema(client):
    text = "Extract: Maria Lopez is angry, order ORD-7731 for 59.90 EUR arrived broken."
    found = (
        client.chat.completions.parse(model="demo-chat", messages=user(text), response_format=Ticket)
        .choices[0]
        .message.parsed
    )
    assert (found.customer, found.sentiment, found.order_id, found.amount) == (
        "Maria Lopez",
        "negative",
        "ORD-7731",
        59.9,
    )
    assert 0 <= found.confidence <= 1


def test_json_object(client):
    text = (
        client.chat.completions.create(
            model="demo-chat",
            messages=user("Give me JSON about Delta tables"),
            response_format={"type": "json_object"},
        )
        .choices[0]
        .message.content
    )
    assert json.loads(text)["answer"]


@pytest.mark.parametrize(
    "name, schema, question, expected",
    [
        ("city", TEXT, "Weather in New York today?", "New York"),
        ("email", {"type": "string", "format": "email"}, "write to a.b@c.org", "a.b@c.org"),
        ("invoice_id", TEXT, "order ORD-77 and invoice INV-2041", "INV-2041"),
        ("url", TEXT, "read https://example.com/a?b=1 please", "https://example.com/a?b=1"),
        ("start_date", {"type": "string", "format": "date"}, "since 2026-07-04", "2026-07-04"),
        ("expression", TEXT, "What is 12 * (3)?", "12 * (3)"),
        ("query", TEXT, 'search for "late events"', "late events"),
        ("limit", {"type": "integer", "maximum": 10}, "find 250 then 7 rows", 7),
        ("unit", {"enum": ["celsius", "fahrenheit"]}, "in fahrenheit", "fahrenheit"),
        ("flag", {"const": 3}, "anything", 3),
        ("place", {"anyOf": [{"type": "null"}, TEXT]}, "fly to Oslo", "Oslo"),
        ("where", {"$ref": "#/$defs/Place"}, "fly to Oslo", {"city": "Oslo"}),
    ],
)
def test_arguments_say_what_the_question_says(name, schema, question, expected):
    place = {"type": "object", "properties": {"city": TEXT}, "required": ["city"]}
    root = {"type": "object", "properties": {name: schema}, "$defs": {"Place": place}}
    values, made_up = arguments_for(root, Source(question))
    assert values == {name: expected}
    assert not made_up


def test_optional_arguments_are_left_out_unless_said():
    schema = {
        "type": "object",
        "properties": {"query": TEXT, "limit": {"type": "integer"}},
        "required": ["query"],
    }
    assert arguments_for(schema, Source("late events"))[0] == {"query": "late events"}
    assert arguments_for(schema, Source("4 late events"))[0]["limit"] == 4


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"properties": {"a": None}},
        {"properties": {"a": {"$ref": "#/nowhere"}}},
        {"properties": {"a": {"anyOf": []}}},
    ],
)
def test_odd_schemas_do_not_break_the_stand_in(client, schema):
    odd = {"type": "function", "function": {"name": "odd", "parameters": schema}}
    calls = (
        client.chat.completions.create(model="demo-chat", messages=user("odd"), tools=[odd])
        .choices[0]
        .message.tool_calls
    )
    assert calls[0].function.name == "odd"

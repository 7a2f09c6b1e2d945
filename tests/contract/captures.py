"""Captures made by hand, and the wires made of them that pytest and vitest both read.

``python -m tests.contract.captures`` writes `fixtures/wire/*.json` anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

from nbext.model.call import (
    AttemptFacts,
    Call,
    Cost,
    GatewayFacts,
    Message,
    Part,
    Usage,
    Verdict,
)
from nbext.model.capture import Capture
from nbext.model.span import Span

FIXTURES = Path(__file__).parent / "fixtures" / "wire"

# 2026-10-14 12:02:00 UTC
START_NS = 1_791_979_320_000_000_000
TRACE = "434c6710e3a04b7c9d5f00112233aabb"
HOST = "https://adb-1234567890123456.7.azuredatabricks.net"


def ns(seconds):
    return START_NS + round(seconds * 1e9)


def hex_id(number):
    return f"{number:016x}"


def text(role, words):
    return Message(role, [Part("text", words)])


def attempt(
    number, at, end, code=200, *, head=None, error=None, retry_after=None, request_id=None, headers=None
):
    return AttemptFacts(
        number=number,
        start_ns=ns(at),
        headers_ns=ns(head if head is not None else end - 0.01)
        if code is not None and end is not None
        else None,
        end_ns=None if end is None else ns(end),
        status_code=code,
        error_type=error and error[0],
        error_message=error and error[1],
        request_id=request_id or f"58db0e4d-1111-4222-8333-{number:012d}",
        retry_after=retry_after,
        outcome=None if end is None else "complete",
        response_headers=headers
        or {
            "content-type": "application/json",
            "server": "databricks",
            "x-databricks-org-id": "1234567890123456",
        },
        request_bytes=312,
        response_bytes=540,
    )


def chat(
    number,
    at,
    end,
    question="What is a lakehouse, in two sentences?",
    answer="A lakehouse keeps one copy of the data in open files on cheap object storage. "
    "It replaces the pair of a data lake and a separate warehouse, and the copying between them.",
    *,
    model="databricks-claude-haiku-4-5",
    tokens=(312, 96),
    usd=0.0009,
    parent=None,
    first=None,
    system=None,
    **changes,
):
    messages = [*([text("system", system)] if system else []), text("user", question)]
    request = {"model": model, "messages": [{"role": m.role, "content": m.text} for m in messages]}
    if first is not None:
        request["stream"] = True
    call = Call(
        call_id=hex_id(number),
        trace_id=TRACE,
        start_ns=ns(at),
        parent_span_id=None if parent is None else hex_id(parent),
        end_ns=None if end is None else ns(end),
        status="ok" if end is not None else "running",
        status_code=200,
        api="chat.completions",
        url=f"{HOST}/serving-endpoints/chat/completions",
        endpoint=model,
        model=model,
        stream=first is not None,
        first_token_ns=None if first is None else ns(first),
        chunk_ns=[]
        if first is None
        else [ns(first + i * ((end or first + 0.4) - first) / 8) for i in range(8)],
        request=request,
        response={
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "created": START_NS // 10**9,
            "model": model,
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}
            ],
            "usage": {
                "prompt_tokens": tokens[0],
                "completion_tokens": tokens[1],
                "total_tokens": sum(tokens),
            },
        },
        messages=messages,
        answers=[text("assistant", answer)],
        finish_reasons=["stop"] if end is not None else [],
        usage=Usage(tokens[0], tokens[1], sum(tokens)),
        cost=Cost(usd, "listed", "genai-prices") if usd is not None else Cost(),
        facts=GatewayFacts(route="serving", request_id=f"58db0e4d-1111-4222-8333-{number:012d}"),
        attempts=[attempt(0, at, end)],
    )
    for name, value in changes.items():
        setattr(call, name, value)
    return call


def app(number, name, kind, at, end, parent=None, inputs=None, **changes):
    span = Span(
        id=hex_id(number),
        trace_id=TRACE,
        name=name,
        type=kind,
        start_ns=ns(at),
        end_ns=None if end is None else ns(end),
        parent_id=None if parent is None else hex_id(parent),
        inputs=inputs,
    )
    for key, value in changes.items():
        setattr(span, key, value)
    return span


def capture(calls, end, *, name=None, spans=(), number=1, cell=12):
    made = Capture.of_calls(calls, id=hex_id(0xCAFE00 + number), start_ns=START_NS, name=name, cell=cell)
    made.app_spans = list(spans)
    made.end_ns = ns(end)
    return made


def one_call():
    return capture([chat(1, 0.0004, 0.84)], 0.842)


def stream():
    return capture(
        [chat(1, 0.0004, 0.84, first=0.31, system="You are a data engineer. Answer in plain words.")],
        0.842,
        number=2,
    )


def retries():
    call = chat(1, 0.001, 2.41)
    call.attempts = [
        attempt(0, 0.001, 0.13, 429, retry_after=1.0),
        attempt(1, 1.13, 1.25, 503),
        attempt(2, 1.75, 2.41),
    ]
    return capture([call], 2.42, number=3)


def guardrail():
    call = chat(
        1,
        0.001,
        0.12,
        question="mail jo@example.com card 4111 1111 1111 1111",
        status="blocked",
        status_code=400,
        error_type="BAD_REQUEST",
        error_message="Guardrail blocked the input",
        answers=[],
        finish_reasons=[],
        usage=Usage(0, 0, 0),
        cost=Cost(),
        verdict=Verdict(
            "guardrail",
            "Blocked before the model saw it",
            ["Input guardrail of support-chat: personal data, category privacy. HTTP 400, no tokens used."],
            "Take the values out before you send, or ask the endpoint’s owner to mask instead of block.",
            categories=["privacy"],
            masked="mail EMAIL_ADDRESS card CREDIT_CARD",
            hide_input=True,
        ),
        response={"error_code": "BAD_REQUEST", "message": "Guardrail blocked the input"},
    )
    call.attempts = [attempt(0, 0.001, 0.12, 400)]
    return capture([call], 0.121, number=4)


def policy():
    call = chat(
        1,
        0.001,
        0.19,
        answer="This request was denied by a service policy.",
        status="blocked",
        tokens=(0, 0),
        usd=None,
        verdict=Verdict(
            "policy",
            "Blocked by service policy “PII”, before the call",
            [
                "HTTP said 200 and the SDK raised nothing. "
                "The “answer” is the gateway’s text, not the model’s."
            ],
            'In code, treat finish_reason == "content_filter" as a refusal.',
            reason="The text holds an IBAN.",
            hide_input=True,
        ),
        finish_reasons=["content_filter"],
    )
    return capture([call], 0.2, number=5)


def interrupted():
    call = chat(
        1, 0.001, 2.31, first=0.9, answer="1. Parties. The agreement is between", tokens=(18_400, 118)
    )
    call.status, call.finish_reasons = "interrupted", []
    call.usage.estimated = True
    call.cost = Cost(0.057, "listed", "genai-prices", partial=True)
    call.verdict = Verdict(
        "interrupted", "You stopped it after 2.31 s", ["118 tokens had arrived and are kept."]
    )
    call.attempts[0].outcome = "cancelled"
    return capture([call], 2.312, number=6)


def embeddings():
    call = chat(1, 0.001, 0.1, model="databricks-gte-large-en", tokens=(1920, 0), usd=0.0002)
    call.api = "embeddings"
    call.url = f"{HOST}/serving-endpoints/embeddings"
    call.messages = [
        Message("input", [Part("text", f"Churn rose in EMEA after the price change {i}") for i in range(64)])
    ]
    call.answers = [Message("output", [Part("vectors", value={"count": 64, "dim": 1024, "norm": 1.0})])]
    call.request = {"model": "databricks-gte-large-en", "input": [p.text for p in call.messages[0].parts]}
    call.response = {"object": "list", "data": "(64 vectors × 1,024)", "usage": {"prompt_tokens": 1920}}
    call.usage = Usage(1920, None, 1920)
    call.finish_reasons = []
    return capture([call], 0.102, number=7)


SYSTEM = "You are a churn analyst. Answer only from query results. Do not guess. " * 10
QUESTION = "Which region lost the most customers in Q3, and why?"
SQL = "SELECT reason, count(*) FROM crm.churn_q3 GROUP BY reason"


def churn_agent():
    """Give an agent of 25 spans: parallel tools, a failed one, a retried call, judges side by side."""
    spans = [
        app(1, "churn_agent", "AGENT", 0.0, 9.62, inputs={"question": QUESTION}),
        app(2, "plan", "CHAIN", 0.02, 1.61, 1),
        app(4, "gather", "CHAIN", 1.62, 3.13, 1),
        app(5, "search_docs", "RETRIEVER", 1.63, 2.08, 4, {"query": "churn definition Q3"}),
        app(7, "vector_query", "TOOL", 1.74, 2.07, 5, {"k": "k 8"}),
        app(8, "run_sql", "TOOL", 1.63, 3.12, 4, {"what": "churn by region and month"}),
        app(9, "run_sql", "TOOL", 1.63, 2.71, 4, {"what": "support tickets by region"}),
        app(
            10,
            "run_sql",
            "TOOL",
            1.63,
            2.02,
            4,
            {"sql": SQL},
            status="error",
            error_type="TABLE_OR_VIEW_NOT_FOUND",
            error_message="crm.churn_q3",
            events=[
                {
                    "name": "exception",
                    "time_ns": ns(2.02),
                    "attributes": {
                        "exception.type": "SqlError",
                        "exception.stacktrace": "Traceback …\nSqlError: no table",
                    },
                }
            ],
        ),
        app(11, "repair", "CHAIN", 3.14, 6.13, 1),
        app(13, "run_sql", "TOOL", 5.57, 6.12, 11, {"what": "churn_by_quarter, 2026Q3"}),
        app(14, "analyse", "CHAIN", 6.14, 7.35, 1),
        app(16, "check", "CHAIN", 7.36, 7.98, 1),
        app(19, "no_pii", "TOOL", 7.37, 7.376, 16, ["regex"]),
        app(20, "write", "CHAIN", 7.99, 9.61, 1),
        app(21, "read_style", "RETRIEVER", 8.0, 8.04, 20, {"path": "house_style.md"}),
        app(23, "save_note", "TOOL", 9.54, 9.6, 20, {"path": "churn_q3.md"}),
        app(24, "write_file", "TOOL", 9.545, 9.575, 23, ["1.9 kB"]),
        app(25, "notify", "TOOL", 9.578, 9.598, 23, {"channel": "#churn"}),
    ]
    sonnet = {"model": "databricks-claude-sonnet-4-5", "question": QUESTION, "system": SYSTEM}
    repair = chat(
        12,
        3.15,
        5.56,
        parent=11,
        first=4.66,
        tokens=(2310, 142),
        usd=0.0091,
        **sonnet,
        answer="The table is called `churn_by_quarter`.",
    )
    repair.attempts = [
        attempt(0, 3.15, 3.28, 429, retry_after=1.0),
        attempt(1, 4.28, 5.56, head=4.4, request_id="58db0e4d-1111-4222-8333-444455556666"),
    ]
    asked = Part("tool_call", f'{{"sql": "{SQL}"}}', id="toolu_1", name="run_sql")
    repair.messages += [
        Message("assistant", [asked]),
        Message(
            "tool",
            [Part("tool_result", "TABLE_OR_VIEW_NOT_FOUND: crm.churn_q3", id="toolu_1", is_error=True)],
        ),
    ]
    repair.answers[0].parts.insert(0, Part("reasoning", "The table does not exist; look for one like it."))
    repair.answers[0].parts.append(
        Part("tool_call", '{"sql": "SELECT 1", "limit": 10}', id="toolu_2", name="run_sql")
    )
    embed = chat(6, 1.64, 1.73, parent=5, model="databricks-gte-large-en", tokens=(14, 0), usd=None)
    embed.api = "embeddings"
    embed.messages = [text("input", "churn definition Q3")]
    embed.answers = [Message("output", [Part("vectors", value={"count": 1, "dim": 1024})])]
    embed.cost = Cost(0.0000014, "listed", "genai-prices")
    judge = {"model": "databricks-llama-4-maverick", "parent": 16}
    calls = [
        chat(3, 0.03, 1.6, parent=2, first=0.44, tokens=(1180, 210), usd=0.0067, **sonnet),
        embed,
        repair,
        chat(
            15,
            6.15,
            7.34,
            parent=14,
            first=6.9,
            model="databricks-gpt-oss-120b",
            tokens=(4310, 206),
            usd=0.001,
        ),
        chat(17, 7.37, 7.97, first=7.55, tokens=(1880, 24), usd=0.0008, **judge),
        chat(18, 7.37, 7.79, first=7.6, tokens=(633, 16), usd=0.0003, **judge),
        chat(22, 8.05, 9.54, parent=20, first=8.7, tokens=(5070, 752), usd=0.0261, **sonnet),
    ]
    return capture(calls, 9.62, name="churn_agent", spans=spans, number=8, cell=21)


def parallel():
    """Give 50 calls, ten at a time; one fails, one gives up, one runs still."""
    calls = []
    for i in range(50):
        at = 0.02 * i + (i // 10) * 0.7
        calls.append(
            chat(i + 1, at, at + 0.4 + (i * 37 % 23) / 20, question=f"Classify ticket {i}", answer="billing")
        )
    failed, limited = calls[9], calls[27]
    failed.status, failed.status_code, failed.answers = "error", 500, []
    failed.error_type, failed.error_message = "INTERNAL_ERROR", "upstream connect error"
    failed.usage, failed.cost = Usage(), Cost()
    failed.attempts = [attempt(0, 0.18, 0.4, 500), attempt(1, 0.9, (failed.end_ns - START_NS) / 1e9, 500)]
    limited.status, limited.status_code, limited.answers = "rate_limited", 429, []
    limited.usage, limited.cost = Usage(), Cost()
    limited.verdict = Verdict(
        "rate_limit", "Rate limit: gave up after 1 attempt", ["Exceeded workspace QPS rate limit."]
    )
    return capture(calls, 6.4, name="enrich", number=9)


def running():
    """Give a capture seen 2 s in: one call done, one streaming, one waiting to retry."""
    calls = [
        chat(1, 0.01, 1.2),
        chat(2, 0.02, None, first=0.8, answer="Category: billing. Urgency"),
        chat(3, 0.03, None),
    ]
    calls[2].attempts = [attempt(0, 0.03, 0.3, 429, retry_after=3.0)]
    calls[2].answers, calls[2].usage, calls[2].cost = [], Usage(), Cost()
    calls[1].usage, calls[1].cost = Usage(), Cost()
    made = capture(calls, 2.0, name="enrich", number=10)
    made.end_ns = None
    return made


def odd():
    """Give what no tracer should send: cycles, strays, doubles, odd clocks, values JSON cannot say."""
    spans = [
        app(1, "stray", "CHAIN", 0.1, 0.5, parent=99),
        app(2, "one of a ring", "CHAIN", 0.2, 0.6, parent=3),
        app(3, "two of a ring", "CHAIN", 0.3, 0.5, parent=2),
        app(4, "itself", "TOOL", 0.1, 0.2, parent=4),
        app(5, "twin", "TOOL", 0.4, 0.5),
        app(5, "twin again", "TOOL", 0.6, 0.7),
        app(6, "child of the twins", "TOOL", 0.41, 0.43, parent=5),
        app(7, "ends before it starts", "TOOL", 0.8, 0.7),
        app(8, "before the capture", "TOOL", -0.3, 0.05),
        app(9, "after the capture", "TOOL", 0.95, 1.4),
        app(10, "no time at all", "TOOL", 0.5, 0.5),
        app(11, "", "SOMETHING_NEW", 0.5, 0.55, inputs={"n": float("nan"), "b": b"\x00\x01", 3: {"$": 0}}),
        app(
            12,
            "\x1b[31mred\x00 \u202etxt.exe",
            "TOOL",
            0.5,
            0.56,
            inputs=["<img src=x onerror=alert(1)>", "\ud800"],
        ),
        app(13, "still open", "CHAIN", 0.9, None, status="running"),
    ]
    weird = chat(20, 0.2, 0.4, answer="<script>alert(1)</script> \x1b]0;pwned\x07 \u202e", usd=None)
    weird.notes = ["SSE ended without [DONE]"]
    weird.messages.append(
        Message("tool", [Part("json", value={"$": 1}), Part("image", mime_type="image/png", size=1_200_000)])
    )
    html = chat(21, 0.5, 0.6, answers=[], response=None, usd=None)
    html.response_text, html.status, html.api = (
        "<html><body>502 Bad Gateway</body></html>",
        "error",
        "unknown",
    )
    html.status_code, html.attempts, html.usage = 502, [], Usage()
    return capture([weird, html], 1.0, spans=spans, number=11)


def empty():
    made = capture([], 0.5, number=12)
    made.other_requests = 3
    return made


def long_run(count=3412):
    """Give more spans than a small output may hold."""
    words = [
        "lorem",
        "ipsum",
        "dolor",
        "sit",
        "amet",
        "consectetur",
        "adipiscing",
        "elit",
        "sed",
        "do",
        "eiusmod",
        "tempor",
    ]
    calls = [
        chat(
            i + 1,
            i * 0.01,
            i * 0.01 + 0.4,
            question=f"Row {i}: " + " ".join(words[(i * j) % len(words)] for j in range(1, 40)),
            answer=f"{i * 7919 % 10007:x}",
        )
        for i in range(count)
    ]
    return capture(calls, count * 0.01 + 0.4, name="eval_batch", number=13)


def failures():
    made = capture([chat(1, 0.001, 0.4), chat(2, 0.41, 0.8)], 0.81, number=14)
    made.failures, made.first_failure = 2, "ValueError: body was read before the hook"
    return made


# name → (capture, options of wire_of, stored packed)
CASES = {
    "one_call": (one_call, {}, False),
    "stream": (stream, {}, False),
    "retries": (retries, {}, False),
    "guardrail": (guardrail, {}, False),
    "policy": (policy, {}, False),
    "interrupted": (interrupted, {}, False),
    "embeddings": (embeddings, {}, False),
    "churn_agent": (churn_agent, {}, False),
    "churn_agent_packed": (churn_agent, {}, True),
    "one_call_packed": (one_call, {}, True),
    "parallel": (parallel, {}, False),
    "running": (running, {"now_ns": ns(2.0)}, False),
    "odd": (odd, {}, False),
    "odd_packed": (odd, {}, True),
    "empty": (empty, {}, False),
    "cut": (lambda: long_run(200), {"max_bytes": 6_000}, True),
    "failures": (failures, {}, False),
}

SAVED = "2026-10-14T12:02:00+00:00"


def wire_case(name):
    """Give a case's wire: (as stored, plain)."""
    from nbext.display.wire import pack, wire_of

    make, options, packed = CASES[name]
    # Where spans are cut, the time of saving is in the size that is told.
    with mock.patch("nbext.display.wire._iso_now", lambda: SAVED):
        plain = wire_of(make(), **options)
    # So that one case is packed as JSON, and one zipped.
    with mock.patch("nbext.display.pack.PLAIN_BYTES", 2_500):
        return (pack(plain) if packed else plain), plain


def expectation(plain):
    """Give what both halves must say of a wire."""
    from nbext.display.critical import critical_path
    from nbext.display.tree import build_tree, depth_first

    ms = plain.get("ms", 2000.0)
    rows = [
        {"id": node.id, "depth": node.depth, "kind": node.kind}
        for node in depth_first(build_tree(plain["spans"], ms))
    ]
    return {
        "ms": ms,
        "totals": plain["totals"],
        "rows": rows,
        "critical": sorted(critical_path(plain["spans"], ms).ids),
    }


def main():
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name in CASES:
        stored, plain = wire_case(name)
        path = FIXTURES / f"{name}.json"
        path.write_text(
            json.dumps({"wire": stored, "expect": expectation(plain)}, ensure_ascii=True, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()

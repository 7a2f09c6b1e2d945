"""Calls made by hand: the frames need nothing of what recorded them."""

from __future__ import annotations

import pytest

from nbext.model.call import AttemptFacts, Call, Cost, GatewayFacts, Message, Part, Usage
from nbext.model.span import Span
from nbext.results.captured import Capture

START = 1_700_000_000_000_000_000
MS = 1_000_000


def text(role: str, words: str) -> Message:
    return Message(role, [Part("text", words)])


def plain_call(number: int, **changes: object) -> Call:
    """A chat call that went well."""
    start = START + number * 100 * MS
    call = Call(
        call_id=f"{number:016x}",
        trace_id=f"{number:032x}",
        start_ns=start,
        capture_id="c" * 16,
        cell=7,
        end_ns=start + 50 * MS,
        status="ok",
        status_code=200,
        api="chat.completions",
        url="https://host/serving-endpoints/chat/completions",
        endpoint="demo-chat",
        model="demo-chat",
        served_model="demo-chat-v1",
        request={"temperature": 0.5, "messages": [{"role": "user", "content": f"question {number}"}]},
        messages=[text("system", "Be brief."), text("user", f"question {number}")],
        answers=[text("assistant", f"answer {number}")],
        finish_reasons=["stop"],
        usage=Usage(input_tokens=10, output_tokens=5, total_tokens=15, cached_tokens=4),
        cost=Cost(0.001, "listed", "genai-prices"),
        facts=GatewayFacts(request_id=f"req-{number}", provider="openai"),
        attempts=[
            AttemptFacts(
                0,
                start,
                headers_ns=start + 20 * MS,
                end_ns=start + 50 * MS,
                status_code=200,
                outcome="complete",
            )
        ],
    )
    for name, value in changes.items():
        setattr(call, name, value)
    return call


@pytest.fixture
def capture() -> Capture:
    """A tool loop in an agent's span, a retried stream, a failure, one still running."""
    asks = plain_call(
        1,
        trace_id="a" * 32,
        parent_span_id="5" * 16,
        answers=[
            Message(
                "assistant",
                [
                    Part("reasoning", "think"),
                    Part("text", "Let me look."),
                    Part("tool_call", '{"q": "x"}', id="t1", name="search"),
                    Part("tool_call", "{broken", id="t2", name="count"),
                ],
            )
        ],
        finish_reasons=["tool_calls"],
    )
    answers = plain_call(
        2,
        trace_id="a" * 32,
        parent_span_id="5" * 16,
        messages=[
            text("user", "question 1"),
            asks.answers[0],
            Message("tool", [Part("tool_result", "found", id="t1")]),
            Message("tool", [Part("tool_result", "boom", id="t2", is_error=True)]),
        ],
    )
    start = START + 300 * MS
    retried = plain_call(
        3,
        stream=True,
        end_ns=start + 1_000 * MS,
        first_token_ns=start + 600 * MS,
        attempts=[
            AttemptFacts(
                0, start, start + 10 * MS, start + 12 * MS, 429, "rate_limited", "slow down", retry_after=0.5
            ),
            AttemptFacts(1, start + 512 * MS, start + 550 * MS, start + 1_000 * MS, 200, outcome="complete"),
        ],
        usage=Usage(input_tokens=1, output_tokens=2, estimated=True),
        cost=Cost(),
    )
    failed = plain_call(
        4,
        status="error",
        status_code=400,
        error_type="BAD_REQUEST",
        error_message="no such thing",
        answers=[],
        finish_reasons=[],
        usage=Usage(),
        cost=Cost(),
        served_model=None,
    )
    running = plain_call(
        5, status="running", status_code=None, end_ns=None, answers=[], finish_reasons=[], attempts=[]
    )
    capture = Capture.of(
        Capture.of_calls([asks, answers, retried, failed, running], id="c" * 16, name="made by hand", cell=7)
    )
    capture.app_spans.append(
        Span(
            "5" * 16,
            "a" * 32,
            "agent",
            "AGENT",
            START + 90 * MS,
            START + 290 * MS,
            inputs={"q": 1},
            outputs="done",
        )
    )
    return capture

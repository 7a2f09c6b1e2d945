"""Whatever a gateway answers, there is a call, and it can be written as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbext.model import dialects
from nbext.model.assemble import call_of_attempts, call_of_bodies
from nbext.model.jsontext import loads, too_deep
from nbext.model.redact import DEFAULT
from nbext.model.verdicts import hint_of

from .building import attempt, cases, pieces_of, plain

CASES = cases()
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        [
            "\ud83d",
            "sk-ant-api03-aaaaaaaaaaaaaaaa1234",
            "data:image/png;base64,AA",
            "{",
            10**400,
            "content_filter",
        ]
    ),
)
URLS = [
    "https://h/serving-endpoints/x/invocations",
    "https://h/v1/chat/completions",
    "https://h/v1/completions",
    "https://h/v1/embeddings",
    "https://h/v1/responses",
    "https://h/v1/messages",
    "https://h/v1beta/models/g:streamGenerateContent",
    "https://h/v1/rerank",
    "https://h/v1/images/generations",
    "https://h/v1/audio/speech",
    "https://h/other",
]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        found += _paths(child, (*path, key))
    return found


def _replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = _replaced(value[path[0]], path[1:], new)
    return copy


JSONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def damaged(draw: Any) -> tuple[dict[str, Any], list[bytes]]:
    """A case of the fixtures with values of its bodies replaced by anything, and its bytes cut."""
    case = draw(st.sampled_from(CASES))
    answer = case["answer"] or {"status": 200, "headers": {}, "text": ""}
    for name in ("body", "events", "named"):
        if name in answer:
            path = draw(st.sampled_from(_paths(answer[name])))
            answer = {**answer, name: _replaced(answer[name], path, draw(JSONS))}
    request = case["request"]
    request = _replaced(request, draw(st.sampled_from(_paths(request))), draw(JSONS))
    try:
        whole = b"".join(pieces_of(answer))
    except (TypeError, ValueError):
        whole = json.dumps(answer.get("events", answer.get("named"))).encode()
    whole = whole[: draw(st.integers(0, len(whole)))] if draw(st.booleans()) else whole
    cut = draw(st.integers(0, len(whole)))
    answer = {**answer, "status": draw(st.sampled_from([200, 200, 200, 400, 403, 429, 500]))}
    url = draw(st.sampled_from([case["url"], *URLS]))
    return {"url": url, "request": request, "answer": answer}, [p for p in (whole[:cut], whole[cut:]) if p]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(damaged(), st.sampled_from(["complete", "closed", "abandoned", "cancelled", "error", None]))
def test_damaged_answers(made: tuple[dict[str, Any], list[bytes]], outcome: str | None) -> None:
    case, pieces = made
    answer = {**case["answer"], "text": "x"}
    one = attempt(case["url"], case["request"], answer, outcome=outcome, pieces=pieces)
    call = call_of_attempts([one, one] if outcome else [one])
    _check(call)
    whole = b"".join(pieces)
    for stored in (whole, whole.decode("latin-1"), case["answer"].get("body"), case["answer"].get("events")):
        _check(
            call_of_bodies(
                call_id="c",
                trace_id="t",
                start_ns=0,
                end_ns=1,
                request=case["request"],
                response=stored,
                url=case["url"],
            )
        )


def _check(call: Any) -> None:
    unread = [note for note in call.notes if "could not be read as" in note]
    assert not unread, unread
    json.dumps(plain(call), allow_nan=False)
    for text in (call.prompt, call.completion, call.error_message or ""):
        text.encode()
    assert call.usage.input_tokens is None or 0 <= call.usage.input_tokens < 2**53
    hint_of(call)


@settings(max_examples=200, deadline=None)
@given(JSONS)
def test_every_dialect_reads_anything(value: Any) -> None:
    for dialect in dialects.ALL:
        dialect.sent(value)
        dialect.answered(value)
        stream = dialect.stream()
        for name in (None, "error"):
            stream.add(value, name)
        stream.result()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_redactor_takes_any_text(text: str) -> None:
    assert isinstance(DEFAULT.text("password=" + text + " AKIA eyJ://@ key secret: "), str)


@pytest.mark.parametrize("depth", [150, 900, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_json(depth: int, opening: str, closing: str) -> None:
    text = '{"choices":' + opening * depth + "1" + closing * depth + "}"
    answer = {"status": 200, "headers": {"content-type": "application/json"}, "text": text}
    call = call_of_attempts([attempt(request={}, answer=answer)])
    json.dumps(plain(call))
    assert (call.response is None) is (depth > 200)
    if depth > 200:
        assert call.error_type == "invalid_json"


def test_deep_values_that_were_parsed_elsewhere() -> None:
    value: Any = 1
    for _ in range(5000):
        value = [value]
    assert too_deep(value)
    call = call_of_bodies(
        call_id="c", trace_id="t", start_ns=0, end_ns=1, request=value, response={"a": value}
    )
    assert call.request == "(nested too deeply)"


def test_answer_of_100_megabytes_is_kept_by_its_beginning() -> None:
    text = '{"choices": [{"message": {"content": "' + "abcdefgh " * (100_000_000 // 9) + '"}}]}'
    answer = {"status": 200, "headers": {"content-type": "application/json"}, "text": text}
    call = call_of_attempts([attempt(request={}, answer=answer)])
    assert call.response is None
    assert call.response_text is not None
    assert len(call.response_text) == 65_536
    assert call.notes[0] == "The answer is 100.0 MB; its beginning is kept here."
    assert call.status == "ok"


def test_big_vectors_are_shortened_without_being_parsed() -> None:
    vector = ",".join(["0.0123456789"] * 1536)
    rows = ",".join(f'{{"object":"embedding","index":{i},"embedding":[{vector}]}}' for i in range(500))
    text = f'{{"object":"list","data":[{rows}],"model":"m","usage":{{"prompt_tokens":9,"total_tokens":9}}}}'
    answer = {"status": 200, "headers": {"content-type": "application/json"}, "text": text}
    call = call_of_attempts([attempt("https://h/v1/embeddings", {"input": ["a"] * 500}, answer)])
    assert call.answers[0].parts[0].value == {"count": 500, "dim": 1536, "norm": pytest.approx(0.48385)}
    assert call.response["data"][499]["embedding"] == {"dim": 1536, "first": [0.0123456789] * 8}
    assert call.usage.total_tokens == 9


def test_loads() -> None:
    assert loads('{"a": NaN, "b": -Infinity, "c": 1e400, "d": 1e300}') == {
        "a": "NaN",
        "b": "-Infinity",
        "c": "1e400",
        "d": 1e300,
    }
    assert loads(r'"\ud83d\ude00"') == "😀"
    assert loads(r'["\ud83d", {"\ude00": 1}]') == ["�", {"�": 1}]
    assert loads("1" * 5000) == "1" * 5000
    with pytest.raises(ValueError, match="nested too deeply"):
        loads("[" * 300 + "]" * 300)

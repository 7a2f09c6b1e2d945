"""Tokens are read off the end of an answer where it tells them, and are the same wherever they stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import nbext

from ..inference_table import samples
from .test_numbers import row, write

if TYPE_CHECKING:
    from pathlib import Path

USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
OTHER = {"prompt_tokens": 900, "completion_tokens": 900, "total_tokens": 1800}
BASE = {"id": "c", "object": "chat.completion", "model": "m"}


def choices(text: str = "hi", **more: Any) -> list[dict[str, Any]]:
    return [{"index": 0, "message": {"role": "assistant", "content": text, **more}, "finish_reason": "stop"}]


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


CACHED = {**USAGE, "prompt_tokens_details": {"cached_tokens": 5}}
NAMED = {"input_tokens": 7, "output_tokens": 3}


def stream(*usages: Any, last: str = "[DONE]") -> str:
    chunk = {**BASE, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "x"}}]}
    return (
        "".join(f"data: {json.dumps({**chunk, 'usage': usage})}\n\n" for usage in usages)
        + f"data: {last}\n\n"
    )


def chunks(*usages: Any) -> str:
    return json.dumps([{**BASE, "choices": [{"index": 0, "delta": {}}], "usage": usage} for usage in usages])


FORMS = {
    "at the end": json.dumps({**BASE, "choices": choices(), "usage": USAGE}),
    "compact": compact({**BASE, "choices": choices(), "usage": USAGE}),
    "indented": json.dumps({**BASE, "choices": choices(), "usage": USAGE}, indent=2),
    "more behind": json.dumps({**BASE, "choices": choices(), "usage": USAGE, "service_tier": "default"}),
    "a list behind": json.dumps({**BASE, "choices": choices(), "usage": USAGE, "extra": [{"a": 1}]}),
    "another behind": json.dumps({**BASE, "choices": choices(), "usage": USAGE, "x": {"usage": OTHER}}),
    "in front": json.dumps({"usage": USAGE, **BASE, "choices": choices()}),
    "one inside": json.dumps({**BASE, "usage": USAGE, "x": {"choices": choices(), "usage": OTHER}}),
    "in a list": json.dumps({**BASE, "usage": USAGE, "x": [{"y": [{"z": 1}], "usage": OTHER}]}),
    "details": json.dumps({**BASE, "choices": choices(), "usage": CACHED}),
    "spoken of": json.dumps({**BASE, "choices": choices('"usage": {"prompt_tokens": 8}}'), "usage": USAGE}),
    "brackets spoken of": json.dumps(
        {**BASE, "choices": choices(f"}}], {json.dumps({'usage': OTHER})[1:]}"), "usage": USAGE}
    ),
    "a tool": json.dumps(
        {
            **BASE,
            "choices": choices(tool_calls=[{"id": "t", "function": {"name": "f", "arguments": "{}"}}]),
            "usage": USAGE,
        }
    ),
    "streamed": "".join(
        f"data: {json.dumps({**BASE, 'object': 'chat.completion.chunk', 'choices': part, 'usage': used})}\n\n"
        for part, used in (
            ([{"index": 0, "delta": {"content": "hi"}, "finish_reason": None}], None),
            ([{"index": 0, "delta": {}, "finish_reason": "stop"}], CACHED),
        )
    ),
    "with every event": stream(OTHER, USAGE),
    "null in the last event": stream(USAGE, None),
    "lines that end otherwise": stream(OTHER, USAGE).replace("\n", "\r\n"),
    "an event behind": stream(OTHER, USAGE, last='{"choices": []}'),
    "chunks": chunks(OTHER, USAGE),
    "chunks and a line end": chunks(OTHER, USAGE) + "\n",
    "null in the last chunk": chunks(USAGE, None),
    "a message": json.dumps({"type": "message", "content": [{"type": "text", "text": "x"}], "usage": NAMED}),
    "a message that wrote": json.dumps(
        {
            "type": "message",
            "content": [],
            "usage": {**NAMED, "input_tokens": 3, "cache_creation_input_tokens": 4},
        }
    ),
    "a response": json.dumps(
        {
            "object": "response",
            "error": None,
            "output": [{"content": [{"text": "x"}]}],
            "usage": {**NAMED, "input_tokens_details": {"cached_tokens": 5}, "total_tokens": 10},
            "metadata": {},
        }
    ),
    "a response in events": "".join(
        f"event: {kind}\ndata: {json.dumps({'type': kind, 'response': {'error': None, 'usage': used}})}\n\n"
        for kind, used in (("response.created", None), ("response.completed", {**NAMED, "total_tokens": 10}))
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_wherever_they_stand(tmp_path: Path, form: str) -> None:
    table = write(tmp_path / "t.parquet", [row(0, response=FORMS[form])])
    totals = table.overview(since="2026-01-01").totals.iloc[0]
    assert (totals.input_tokens, totals.output_tokens) == (7, 3)
    frame = table.calls_df()
    assert (frame.input_tokens.item(), frame.output_tokens.item()) == (7, 3)


def test_all_forms_in_one_table(tmp_path: Path) -> None:
    """Rows of one form do not lead astray how those of another are read."""
    rows = [row(i, response=text) for i, text in enumerate(FORMS.values())]
    table = write(tmp_path / "t.parquet", rows)
    totals = table.overview(since="2026-01-01").totals.iloc[0]
    assert (totals.input_tokens, totals.output_tokens) == (7 * len(FORMS), 3 * len(FORMS))
    pd.testing.assert_frame_equal(table.calls_df(), nbext.calls_df(table.calls()))


def test_an_endpoint_no_row_names_is_said_to_be_unknown(tmp_path: Path) -> None:
    nameless = [row(i, request=json.dumps({"messages": []}), served_entity_id="f" * 32) for i in (1, 2)]
    write(tmp_path / "t.parquet", [row(0), *nameless])
    overview = nbext.inference_table(tmp_path / "t.parquet").overview(since="2026-01-01")
    counted = overview.by_endpoint.set_index("endpoint").requests.to_dict()
    assert counted == {"ep": 1, "not known": 2}
    (note,) = overview.numbers.notes
    assert note.startswith("2 requests do not say their endpoint")
    named = nbext.inference_table(tmp_path / "t.parquet", endpoint="ep").overview(since="2026-01-01")
    assert named.by_endpoint.set_index("endpoint").requests.to_dict() == {"ep": 3}
    assert named.numbers.notes == []


def test_an_entity_of_two_endpoints_tells_none(tmp_path: Path) -> None:
    """Rows that name no endpoint are not given to the one that is met more often."""
    asked = [json.dumps({"model": name, "messages": []}) for name in ("a", "a", "b")]
    rows = [row(i, request=request) for i, request in enumerate([*asked, json.dumps({"messages": []})])]
    table = write(tmp_path / "t.parquet", rows)
    counted = table.overview(since="2026-01-01").by_endpoint.set_index("endpoint").requests.to_dict()
    assert counted == {"a": 2, "b": 1, "not known": 1}
    assert table.calls_df().endpoint.fillna("").tolist().count("") == 1


@pytest.mark.parametrize("broken", ["{broken", "nope"])
def test_a_broken_request_hides_no_other_endpoint(tmp_path: Path, broken: str) -> None:
    """Few different texts are stored as a dictionary, which an engine may read whole."""
    rows = [row(i, served_entity_id=None) for i in range(6)]
    rows[2]["request"] = broken
    table = write(tmp_path / "t.parquet", rows)
    found = table.overview(since="2026-01-01").by_endpoint.set_index("endpoint").requests
    assert found.to_dict() == {"ep": 5, "not known": 1}
    assert table.where("endpoint = 'ep'").count() == 5
    assert (table.calls_df().endpoint == "ep").sum() == 5


def _anthropic(*, later: dict[str, int]) -> str:
    start = {"input_tokens": 10, "cache_read_input_tokens": 50_000, "cache_creation_input_tokens": 5}
    message = {"type": "message", "role": "assistant", "id": "m", "model": "c", "content": []}
    events = (
        {"type": "message_start", "message": {**message, "usage": {**start, "output_tokens": 1}}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": later},
        {"type": "message_stop"},
    )
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)


GEMINI = {"promptTokenCount": 3, "candidatesTokenCount": 6, "thoughtsTokenCount": 10, "totalTokenCount": 19}


@pytest.mark.parametrize(
    ("response", "counts"),
    [
        (_anthropic(later={"output_tokens": 42}), (50_015, 42)),
        (_anthropic(later={"output_tokens": 42, "input_tokens": 10}), (50_015, 42)),
        (json.dumps({"candidates": [], "usageMetadata": GEMINI}), (3, 16)),
    ],
)
def test_counts_that_stand_apart(tmp_path: Path, response: str, counts: tuple[int, int]) -> None:
    table = write(tmp_path / "t.parquet", [row(0, response=response)])
    totals = table.overview(since="2026-01-01").totals.iloc[0]
    assert (totals.input_tokens, totals.output_tokens) == counts
    frame = table.calls_df()
    assert (frame.input_tokens.item(), frame.output_tokens.item()) == counts
    assert table.where(f"input_tokens = {counts[0]} AND output_tokens = {counts[1]}").count() == 1


def test_an_endpoint_that_only_the_url_names() -> None:
    """Gemini's body names no model; the frame, a filter and the overview read the URL."""
    asked = {"request_id": "r", "event_time": samples.START, "status_code": 200, "destination_name": "svc"}
    path = "/ai-gateway/gemini/v1beta/models/gemini-3-pro:generateContent"
    given = {**asked, "url": f"https://w{path}", "request": '{"contents": []}', "response": "{}"}
    named = {**asked, "request_id": "s", "url": "https://w/ai-gateway/mlflow/v1/chat/completions"}
    named |= {"request": json.dumps({"model": "svc", "messages": []}), "response": "{}"}
    table = nbext.inference_table(pd.DataFrame([given, named]))
    assert sorted(table.calls_df().endpoint) == ["gemini-3-pro", "svc"]
    assert sorted(table.overview(since="2026-01-01").by_endpoint.endpoint) == ["gemini-3-pro", "svc"]
    assert table.endpoint("gemini-3-pro").count() == 1

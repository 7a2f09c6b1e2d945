"""MLflow's trace tables of Unity Catalog, as local copies through DuckDB."""

from __future__ import annotations

import shutil
from datetime import datetime, timezone

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import nbext
from nbext.sources.mlflow import TraceStoreError
from tests.unit.mlflow_load.otel import AS_MAP, BEGUN, STORED_VARIANT, S, spans, write


@pytest.fixture
def unified(tmp_path):
    path = tmp_path / "app_trace_unified.parquet"
    rows = [
        {
            "trace_id": f"{number:032x}",
            "client_request_id": f"req-{number}",
            "request_time": datetime.fromtimestamp(BEGUN / S + days * 86_400, tz=timezone.utc),
            "state": "OK",
            "trace_metadata": [("mlflow.trace.user", "ana")],
            "tags": [("mlflow.traceName", f"agent {number}")],
            "spans": [{**one, "attributes": list(one["attributes"].items())} for one in spans(number, days)],
            "assessments": [
                {
                    "assessment_name": "grounded",
                    "source": {"source_id": "judge", "source_type": "LLM_JUDGE"},
                    "feedback": {"value": '"yes"'},
                    "span_id": None,
                    "valid": True,
                }
            ],
        }
        for number, days in ((1, 0), (2, 3))
    ]
    text = pa.string()
    pairs = pa.map_(text, text)
    span = pa.struct(
        [
            *[(n, text) for n in ("trace_id", "span_id", "parent_span_id", "name")],
            ("start_time_unix_nano", pa.int64()),
            ("end_time_unix_nano", pa.int64()),
            ("attributes", pairs),
            ("status", pa.struct([("message", text), ("code", text)])),
        ]
    )
    judged = pa.struct(
        [
            ("assessment_name", text),
            ("source", pa.struct([("source_id", text), ("source_type", text)])),
            ("feedback", pa.struct([("value", text)])),
            ("span_id", text),
            ("valid", pa.bool_()),
        ]
    )
    schema = pa.schema(
        [
            ("trace_id", text),
            ("client_request_id", text),
            ("request_time", pa.timestamp("us", tz="UTC")),
            ("state", text),
            ("trace_metadata", pairs),
            ("tags", pairs),
            ("spans", pa.list_(span)),
            ("assessments", pa.list_(judged)),
        ]
    )
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return path


@pytest.fixture(params=["map", "variant"])
def otel(request, tmp_path):
    """The span table in its first and second version."""
    path = tmp_path / "app_otel_spans.parquet"
    if request.param == "map":
        write(path, AS_MAP)
    else:
        shutil.copy(STORED_VARIANT, path)
    return path


def test_a_unified_table_is_read(unified):
    traces = nbext.mlflow_traces(unified)
    assert [capture.name for capture in traces] == ["agent 2", "agent 1"]
    frame = traces.spans_df()
    assert list(frame["type"]) == ["AGENT", "CHAT_MODEL"] * 2
    call = traces[1].calls[0]
    assert (call.prompt, call.completion, call.usage.total_tokens, call.duration_ms) == ("hi", "yes", 4, 900)
    assert traces.df()["client_request_id"].tolist() == ["req-2", "req-1"]
    assert [a.name for a in traces[0].spans[0].assessments] == ["grounded"]


def test_the_span_tables_are_read(otel):
    traces = nbext.mlflow_traces(otel)
    assert [c.spans[0].trace_id for c in traces] == [f"{2:032x}", f"{1:032x}"]
    assert [span.type for span in traces[0].spans] == ["AGENT", "CHAT_MODEL"]
    assert traces[0].calls[0].prompt == "hi"
    assert traces[0].spans[1].parent_id == f"{20:016x}"


def test_since_and_limit_are_asked_of_the_table(unified, otel):
    for path in (unified, otel):
        day = datetime.fromtimestamp(BEGUN / S + 86_400, tz=timezone.utc)
        assert [c.spans[0].trace_id for c in nbext.mlflow_traces(path, since=day)] == [f"{2:032x}"]
        assert len(nbext.mlflow_traces(path, limit=1)) == 1


def test_what_is_no_trace_table_is_refused(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    with pytest.raises(TraceStoreError, match=r"is no trace table: expected <prefix>_trace_unified"):
        nbext.mlflow_traces(tmp_path / "x.parquet")
    with pytest.raises(TraceStoreError, match="takes since= and limit="):
        nbext.mlflow_traces(tmp_path / "x.parquet", filter="x = 1")

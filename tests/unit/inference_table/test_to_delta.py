"""Your own calls in a table of the same shape, and the gateway's table as the stand-in writes it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import deltalake
import openai
import pyarrow as pa
import pytest

import nbext
import nbext.gateway
from nbext.kernel.session import session
from nbext.sinks.delta import DeltaError

if TYPE_CHECKING:
    from pathlib import Path

SAME = [
    "status",
    "status_code",
    "error_type",
    "model",
    "completion",
    "input_tokens",
    "output_tokens",
    "finish_reason",
]


def ask(base_url: str) -> None:
    client = openai.OpenAI(base_url=base_url, api_key="x", max_retries=0)
    for model in ("demo-chat", "demo-guardrail", "demo-500"):
        with suppress(openai.APIStatusError):
            client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": "Capital of France?"}]
            )
    for _ in client.chat.completions.create(
        model="demo-chat", messages=[{"role": "user", "content": "Capital of Spain?"}], stream=True
    ):
        pass


@pytest.fixture(scope="module")
def capture() -> Any:
    with nbext.gateway.serve(speed=float("inf")) as gateway, nbext.trace("own", display=False) as captured:
        ask(gateway.base_url)
    return captured


def test_read_with_the_same_verbs(capture: Any, tmp_path: Path) -> None:
    assert capture.to_delta(tmp_path / "own") == tmp_path / "own"
    table = nbext.inference_table(tmp_path / "own")
    assert table.flavour.name == "serving"
    frame, own = table.calls_df(), capture.calls_df()
    for name in SAME:
        assert frame[name].equals(own[name]), name
    assert frame["request_id"].tolist() == own["request_id"].tolist()
    assert [call.status for call in table.errors().calls()] == ["error"]
    assert [call.status for call in table.blocked().calls()] == ["blocked"]
    assert table.search("spain").count() == 1
    assert table.relation.columns["trace_id"] == "varchar"


def test_appended_twice_is_read_once(capture: Any, tmp_path: Path) -> None:
    for _ in range(3):
        capture.to_delta(tmp_path / "own")
    assert len(nbext.inference_table(tmp_path / "own").calls_df()) == len(capture.calls)


def test_every_finished_capture_by_setting(tmp_path: Path) -> None:
    nbext.configure(delta=str(tmp_path / "all"))
    try:
        with nbext.gateway.serve(speed=float("inf")) as gateway:
            for name in ("one", "two"):
                with nbext.trace(name, display=False):
                    ask(gateway.base_url)
        table = nbext.inference_table(tmp_path / "all")
        assert table.count() == 8
    finally:
        nbext.configure(delta="")
    # A commit for each capture, not for each call.
    assert len(list((tmp_path / "all" / "_delta_log").glob("*.json"))) == 2


def test_a_table_that_cannot_be_written(capture: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DeltaError, match="is there and is no Delta table"):
        capture.to_delta(tmp_path)
    with pytest.raises(DeltaError, match="is there and is no Delta table"):
        capture.to_delta(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_table_of_other_columns(capture: Any, tmp_path: Path) -> None:
    deltalake.write_deltalake(str(tmp_path / "t"), pa.table({"a": [1]}))
    with pytest.raises(
        DeltaError, match=r"a Delta table of other columns \(a\); give a new folder"
    ) as caught:
        capture.to_delta(tmp_path / "t")
    assert "\n" not in str(caught.value)
    assert deltalake.DeltaTable(str(tmp_path / "t")).version() == 0


def test_a_setting_that_fails_is_said_and_breaks_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    nbext.configure(delta=str(tmp_path / "file"))
    try:
        with nbext.gateway.serve(speed=float("inf")) as gateway, nbext.trace("x", display=False) as captured:
            ask(gateway.base_url)
        session.writer.drain(10)
    finally:
        nbext.configure(delta="")
    assert len(captured.calls) == 4
    assert "is no Delta table" in captured.first_failure


@pytest.mark.parametrize("form", ["completion", "chunks", "sse"])
def test_the_tables_the_stand_in_writes(form: Any, tmp_path: Path) -> None:
    with nbext.gateway.serve(
        tables=tmp_path, speed=float("inf"), duplicate_fraction=0.5, stream_form=form, seed=1
    ) as gateway:
        with nbext.trace("x", display=False) as captured:
            ask(gateway.base_url)
            ask(gateway.unity_url)
        gateway.deliver()
    own = captured.calls_df().set_index("request_id")
    for name, least in (("payload", 4), ("unity_payload", 3)):
        frame = nbext.inference_table(tmp_path / name).calls_df().set_index("request_id")
        assert len(frame) >= least
        assert frame.index.is_unique
        both = own.loc[frame.index]
        for column in ("status", "status_code", "completion", "output_tokens", "model"):
            assert frame[column].tolist() == both[column].tolist(), (name, column)

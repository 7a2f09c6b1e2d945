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
from nbext import settings
from nbext.kernel.session import session
from nbext.sinks.delta import DeltaError

from . import samples

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


@pytest.fixture(scope="module")
def broken() -> Any:
    """Calls whose bodies do not tell how they ended, and one that was answered."""
    text = [{"role": "user", "content": "Tell me a story."}]
    with nbext.gateway.serve(speed=float("inf")) as gateway, nbext.trace("own", display=False) as captured:
        for url in ("http://127.0.0.1:9/serving-endpoints", gateway.base_url):
            client = openai.OpenAI(base_url=url, api_key="x", max_retries=0)
            with suppress(openai.APIConnectionError):
                client.chat.completions.create(model="demo-chat", messages=text)
        with suppress(Exception):
            client.chat.completions.create(model="demo-disconnect", messages=text)
        with suppress(Exception):
            for _ in client.chat.completions.create(model="demo-disconnect", messages=text, stream=True):
                pass
        stream = client.chat.completions.create(model="demo-chat", messages=text, stream=True)
        next(iter(stream))
        stream.close()
    return captured


def test_calls_that_broke_off_are_read_as_they_ended(broken: Any, tmp_path: Path) -> None:
    own = broken.calls_df()
    assert list(own["status"]) == ["error", "ok", "error", "error", "interrupted"]
    broken.to_delta(tmp_path / "own")
    table = nbext.inference_table(tmp_path / "own")
    frame = table.calls_df()
    for name in ("status", "status_code", "error_type", "error_message", "completion"):
        assert frame[name].equals(own[name]), name
    assert [call.verdict and call.verdict.title for call in table.calls()][:2] == [
        broken.calls[0].verdict.title,
        None,
    ]
    assert table.calls()[4].verdict.kind == broken.calls[4].verdict.kind == "interrupted"
    assert list(table.errors().calls_df()["error_type"]) == list(own["error_type"].dropna())
    assert table.where("status = 'interrupted'").count() == 1
    totals = table.overview().totals.iloc[0]
    assert (totals.requests, totals.errors) == (5, 3)
    assert set(table.spans_df()["status"]) == {"error", "ok", "interrupted"}


def test_a_status_of_someone_else_is_no_status_of_a_call() -> None:
    """Only a table of your own calls tells how they ended; a column of that name elsewhere is a column."""
    rows = samples.arrow("serving").slice(0, 1)
    table = nbext.inference_table(rows.append_column("status", pa.array(["error"])))
    assert list(table.calls_df()["status"]) == ["ok"]
    assert table.errors().count() == 0


def test_appended_twice_is_read_once(capture: Any, tmp_path: Path) -> None:
    for _ in range(3):
        capture.to_delta(tmp_path / "own")
    assert len(nbext.inference_table(tmp_path / "own").calls_df()) == len(capture.calls)


def test_a_table_of_an_earlier_version_is_appended_to(broken: Any, capture: Any, tmp_path: Path) -> None:
    now = deltalake.DeltaTable(str(capture.to_delta(tmp_path / "now"))).to_pyarrow_table()
    deltalake.write_deltalake(
        str(tmp_path / "own"), now.drop_columns(["status", "error_type", "error_message"])
    )
    broken.to_delta(tmp_path / "own")
    status = nbext.inference_table(tmp_path / "own").calls_df()["status"]
    assert sorted(status) == sorted([*capture.calls_df()["status"], *broken.calls_df()["status"]])


def test_a_table_of_something_else_gets_no_columns(capture: Any, tmp_path: Path) -> None:
    deltalake.write_deltalake(str(tmp_path / "own"), pa.table({"a": [1]}))
    with pytest.raises(DeltaError, match="is a Delta table of other columns"):
        capture.to_delta(tmp_path / "own")
    assert [f.name for f in deltalake.DeltaTable(str(tmp_path / "own")).schema().fields] == ["a"]


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


def test_a_stream_that_goes_on_after_its_block(tmp_path: Path) -> None:
    nbext.configure(delta=str(tmp_path / "all"))
    try:
        with nbext.gateway.serve(speed=float("inf")) as gateway:
            client = openai.OpenAI(base_url=gateway.base_url, api_key="x")
            with nbext.trace("open", display=False) as captured:
                stream = client.chat.completions.create(
                    model="demo-chat", messages=[{"role": "user", "content": "Hello"}], stream=True
                )
                pieces = iter(stream)
                next(pieces)
            captured.to_delta(tmp_path / "own")
            session.writer.drain(10)
            before = [nbext.inference_table(tmp_path / name).calls_df() for name in ("all", "own")]
            assert [frame.status.item() for frame in before] == ["interrupted"] * 2
            list(pieces)
            captured.to_delta(tmp_path / "own")
            session.writer.drain(10)
    finally:
        nbext.configure(delta="")
    (call,) = captured.calls
    for name in ("all", "own"):
        table = nbext.inference_table(tmp_path / name)
        assert (table.count(), table.calls_df().status.item()) == (1, "ok")
        assert table.calls_df().completion.item() == call.completion
        assert table.overview(days=1).totals.requests.item() == 1


def test_a_table_that_cannot_be_written(capture: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DeltaError, match="is there and is no Delta table"):
        capture.to_delta(tmp_path)
    with pytest.raises(DeltaError, match="is there and is no Delta table"):
        capture.to_delta(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("main.llm.calls", r"main\.llm\.calls looks like a table of a catalog.*'\./main\.llm\.calls'"),
        ("s3://bucket/calls", "s3://bucket/calls is no folder of this machine"),
        ("dbfs:/calls", "dbfs:/calls is no folder of this machine: give one, .* below /Volumes or /dbfs"),
        ("", r"to_delta\(''\): expected the folder of a Delta table"),
        (None, r"to_delta\(None\): expected the folder of a Delta table"),
        (5, r"to_delta\(5\): expected the folder of a Delta table"),
    ],
)
def test_what_is_no_folder(
    capture: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Any, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DeltaError, match=said):
        capture.to_delta(given)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_dots_in_its_name(
    capture: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    capture.to_delta("./main.llm.calls")
    # One that is there is what is meant.
    capture.to_delta("main.llm.calls")
    assert nbext.inference_table(tmp_path / "main.llm.calls").count() == len(capture.calls)


def test_the_setting_takes_what_to_delta_takes(tmp_path: Path) -> None:
    try:
        nbext.configure(delta=tmp_path / "own")
        assert settings.current().delta == str(tmp_path / "own")
        with pytest.raises(ValueError, match=r"delta: main\.llm\.calls looks like a table of a catalog"):
            nbext.configure(delta="main.llm.calls")
        assert settings.current().delta == str(tmp_path / "own")
    finally:
        nbext.configure(delta="")


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

"""Columns of the user's own, and choosing among ours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbext
from nbext.frames import CALLS
from nbext.frames.build import frame
from nbext.frames.column import follow

from .conftest import plain_call

if TYPE_CHECKING:
    from nbext.results.captured import Capture

Column = nbext.Column


def test_choosing_and_ordering(capture: Capture) -> None:
    got = nbext.calls_df(capture, columns=["model", "call_id"])
    assert list(got.columns) == ["model", "call_id"]
    assert list(nbext.calls_df(capture, columns="model").columns) == ["model"]


def test_adding_one(capture: Capture) -> None:
    got = nbext.calls_df(capture, columns=[*CALLS, Column("temperature", "request.temperature", "Float64")])
    assert list(got["temperature"]) == [0.5] * 5
    assert len(got.columns) == len(CALLS) + 1


def test_a_function(capture: Capture) -> None:
    column = Column("words", lambda call: len(call.prompt.split()), "Int64", "words")
    assert list(nbext.calls_df(capture, columns=[column])["words"]) == [2] * 5


def test_paths_reach_json_inside_rows_of_several_things(capture: Capture) -> None:
    path = Column("temperature", "call.request.temperature", "Float64")
    assert set(nbext.messages_df(capture, columns=[path])["temperature"]) == {0.5}
    assert set(nbext.attempts_df(capture, columns=[path])["temperature"]) == {0.5}
    assert set(nbext.tool_calls_df(capture, columns=[path])["temperature"]) == {0.5}


def test_a_json_key_named_like_a_method_of_dict() -> None:
    calls = [plain_call(1, request={"items": 3, "keys": {"values": 4}}), plain_call(2, request={})]
    got = nbext.calls_df(
        calls,
        columns=[Column("items", "request.items", "Int64"), Column("values", "request.keys.values", "Int64")],
    )
    assert list(got["items"]) == [3, pd.NA]
    assert list(got["values"]) == [4, pd.NA]


def test_what_a_path_does_not_find_is_na() -> None:
    calls = [
        plain_call(1, request=None),
        plain_call(2, request={"a": [1, {"b": "x"}]}),
        plain_call(3, request=[]),
    ]
    got = nbext.calls_df(
        calls, columns=[Column("b", "request.a.1.b", "string"), Column("far", "request.a.9.b", "string")]
    )
    assert list(got["b"]) == [pd.NA, "x", pd.NA]
    assert got["far"].isna().all()


def test_nan_and_na_from_a_function_are_na() -> None:
    values = iter([1, None, math.nan, pd.NA])
    calls = [plain_call(n) for n in range(4)]
    got = nbext.calls_df(calls, columns=[Column("n", lambda _: next(values), "Int64")])
    assert list(got["n"].isna()) == [False, True, True, True]
    values = iter([1.5, None, math.nan, pd.NA])
    got = nbext.calls_df(calls, columns=[Column("n", lambda _: next(values), "Float64")])
    assert list(got["n"].isna()) == [False, True, True, True]


@pytest.mark.parametrize(
    ("dtype", "value", "message"),
    [
        ("Int64", "12", "column 'n': '12' is not Int64"),
        ("Int64", 1.5, "column 'n': 1.5 is not Int64"),
        ("Int64", 2**70, "column 'n': 1180591620717411303424 is not Int64"),
        ("Float64", "x", "column 'n': 'x' is not Float64"),
        ("datetime", "now", "column 'n': 'now' is not datetime"),
        ("boolean", "maybe", "column 'n': 'maybe' is not boolean"),
    ],
)
def test_a_value_that_does_not_fit(dtype: str, value: object, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        nbext.calls_df([plain_call(1)], columns=[Column("n", lambda _: value, dtype)])
    assert str(caught.value) == message


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(ValueError, match="…") as caught:
        nbext.calls_df([plain_call(1)], columns=[Column("n", lambda _: "x" * 10_000, "Float64")])
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        (["modle"], ValueError, "no column 'modle' in the calls frame; did you mean 'model'?"),
        (["model", "model"], ValueError, "column 'model' was given twice for the calls frame"),
        ([3], TypeError, "columns: expected names and Column objects, got int"),
        (5, TypeError, "columns: expected a list of names and Column objects, got 5"),
    ],
)
def test_wrong_columns(columns: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        nbext.calls_df([], columns=columns)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_wrong_declarations() -> None:
    with pytest.raises(ValueError, match="column 'x': unknown dtype 'int64'; did you mean 'Int64'"):
        Column("x", "x", "int64")
    with pytest.raises(ValueError, match="no frame 'cals'; known: calls, spans"):
        nbext.frames.describe("cals")


# ── whatever comes in ──────────────────────────────────────────────────────

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.text(st.characters(exclude_categories=[])) | st.none(), max_size=8))
def test_any_text_makes_a_string_column(values: list[str | None]) -> None:
    made = frame(values, [Column("x", lambda v: v, "string")])
    assert str(made["x"].dtype) == "string"
    assert list(made["x"].isna()) == [v is None for v in values]
    for got, given_text in zip(made["x"], values, strict=True):
        if given_text is not None and not any(0xD800 <= ord(c) < 0xE000 for c in given_text):
            assert got == given_text


@given(st.lists(st.integers(-(2**63) + 1, 2**63 - 1) | st.none(), max_size=8))
def test_any_64_bit_number_keeps_its_value(values: list[int | None]) -> None:
    made = frame(values, [Column("x", lambda v: v, "Int64")])
    assert [None if v is pd.NA else int(v) for v in made["x"]] == values


@given(st.lists(st.floats(allow_nan=False) | st.none(), max_size=8))
def test_any_float_keeps_its_value(values: list[float | None]) -> None:
    made = frame(values, [Column("x", lambda v: v, "Float64")])
    assert [None if v is pd.NA else float(v) for v in made["x"]] == values


@given(st.lists(st.text() | st.none(), max_size=8), st.lists(st.text(), max_size=3, unique=True))
def test_any_text_makes_a_category(values: list[str | None], closed: list[str]) -> None:
    made = frame(values, [Column("x", lambda v: v, "category", categories=tuple(closed))])
    assert [None if pd.isna(v) else v for v in made["x"]] == values
    assert list(made["x"].cat.categories)[: len(closed)] == closed


@given(st.lists(anything, max_size=5))
def test_any_value_makes_an_object_column(values: list[object]) -> None:
    made = frame(values, [Column("x", lambda v: v)])
    assert made["x"].dtype == np.dtype(object)
    assert all(got is value for got, value in zip(made["x"], values, strict=True))


@given(anything, st.lists(st.sampled_from(["a", "0", "-1", "items", "__class__", "", "real"]), max_size=4))
def test_a_path_never_raises_nor_leaves_the_data(value: object, steps: list[str]) -> None:
    found = follow(value, steps)
    assert found is None or isinstance(found, (bool, int, float, str, list, dict))

"""The quick look at many texts misses none that the redactor would look into."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.model.redact import DEFAULT
from nbext.sources.inference_table import suspects as looking
from nbext.sources.inference_table.suspects import suspects
from tests.unit.model.test_redact import SECRETS

KELVIN = "\N{KELVIN SIGN}"
# What words of secrets and runs are made of, and what parts them.
PIECES = [
    *("key", "Key", "kEY", KELVIN + "ey", "token=", "TOKEN was", "passw", "pASSWord", "pwd", "PWD:"),
    *("secret", "Secret", "passphrase", "api_", "access ", "auth", "://", "@", "https://u:p@h", "sk-"),
    *("AKIA", "eyJ", "a", "Z9_", "-", "abcdefgh", "0123456789abcdef", "é", "日本", "🙂", " ", ", ", "\n"),
    *(".", '"', "broken", "answer", "create", "take", KELVIN, "ke", "y", "cr", "et", "s", "w", "d"),
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=12).map("".join)


def missed(rows: list[str | None], array: pa.Array) -> list[str]:
    found = set(suspects(array).tolist())
    return [
        text
        for at, text in enumerate(rows)
        if text is not None and DEFAULT.suspicious(text) and at not in found
    ]


@given(st.lists(texts, max_size=20), st.integers(0, 3))
def test_none_is_missed(rows: list[str], cut: int) -> None:
    for kind in (pa.string(), pa.large_string()):
        assert missed(rows[cut:], pa.array(rows, kind).slice(cut)) == []


@given(st.lists(texts, min_size=1, max_size=20))
def test_none_is_missed_across_blocks(rows: list[str]) -> None:
    before = looking._BLOCK
    looking._BLOCK = 64
    try:
        assert missed(rows, pa.array(rows)) == []
    finally:
        looking._BLOCK = before


@pytest.mark.parametrize("start", range(18))
def test_every_shape_of_key(start: int) -> None:
    """Whatever bytes they begin at."""
    rows = [f"{'.' * start}{text}, and so on" for text, _ in SECRETS.values()]
    assert missed(rows, pa.array(rows)) == []


def test_a_large_column_with_gaps() -> None:
    rng = random.Random(3)
    words = ["the", "market", "asked", "for", "a", "broken", "answer", "and", "took", "crown", "across"]
    rows: list[str | None] = [" ".join(rng.choices(words, k=80)) for _ in range(3000)]
    rows[::7] = [None] * len(rows[::7])
    assert suspects(pa.array(rows)).size == 0
    planted = rng.sample([at for at in range(3000) if at % 7], 200)
    for at in planted:
        text = str(rows[at])
        where = rng.randint(0, len(text))
        secret = rng.choice([" my Password is hunter22 ", " sk-" + "a1" * 20 + " "])
        rows[at] = text[:where] + secret + text[where:]
    assert suspects(pa.array(rows)).tolist() == sorted(planted)


@pytest.mark.parametrize("rows", [[], [None, None], [""], ["", ""], ["a"], ["k"], ["ke"], ["@"], ["é"]])
def test_small_columns(rows: list[str | None]) -> None:
    found = suspects(pa.array(rows, pa.string()))
    assert found.dtype.kind == "i"
    assert found.tolist() == ([0] if rows == ["@"] else [])
    assert isinstance(found, np.ndarray)


@pytest.mark.parametrize("name", SECRETS)
def test_the_hint_is_found_in_every_text_with_a_secret(name: str) -> None:
    """By the engine that is given it."""
    found = pc.match_substring_regex(pa.array([f"Here: {SECRETS[name][0]}."]), DEFAULT.hint)
    assert found.to_pylist() == [True]

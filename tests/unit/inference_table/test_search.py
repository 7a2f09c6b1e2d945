"""What `.search()` finds: words in any case, in whatever way JSON writes their letters."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import nbext
from nbext.sources.inference_table import TableError

from . import samples

TEXTS = [
    "Österreich ist SCHÖN",
    "ÉTÉ à la plage",
    "ΟΔΟΣ and οδός",
    "İstanbul",
    "R&D <b> it's 100% a/b",
    "tab\tnew\nline",
    'say "x" back\\slash',
    "😀 日本語",
    "ДОБРЫЙ день",
]


@pytest.fixture(scope="module")
def table() -> Any:
    """Each text as it is, escaped to ASCII, and as writers for pages and scripts escape it."""
    rows = []
    for at, text in enumerate(TEXTS):
        plain, ascii_only = (
            json.dumps(samples.answer(text), ensure_ascii=escape) for escape in (False, True)
        )
        more = (
            plain.replace("&", "\\u0026").replace("<", "\\u003C").replace("'", "\\u0027").replace("/", "\\/")
        )
        for way, body in enumerate((plain, ascii_only, more)):
            named = {"databricks_request_id": f"{at}-{way}", "response": body}
            rows.append({**samples.serving_rows()[0], **named})
    return nbext.inference_table(pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("österreich", 0),
        ("ÖSTERREICH schön", 0),
        ("été À", 1),
        ("οδος", 2),
        ("ΟΔΟΣ", 2),
        ("ΟΔΌΣ", 2),
        ("İstanbul", 3),
        ("r&d", 4),
        ('"R&D <B>"', 4),
        ("it's a/b", 4),
        ("100%", 4),
        ('"tab\tnew" "new\nline"', 5),
        ("back\\slash", 6),
        ("😀", 7),
        ("日本語", 7),
        ("добрый ДЕНЬ", 8),
    ],
)
def test_words_are_found_in_every_writing(table: Any, words: str, at: int) -> None:
    found = {call.facts.request_id for call in table.search(words).calls()}
    assert found == {f"{at}-{way}" for way in range(3)}


@pytest.mark.parametrize("words", [".*", "^", "a|b", "(?i)x", "[a-z]ster", "österreicH.", "\ud800", "\x00"])
def test_words_are_no_patterns(table: Any, words: str) -> None:
    assert table.search(words).count() == 0


@pytest.mark.parametrize("words", ["", "  ", None, 5, ["a"]])
def test_no_words(table: Any, words: Any) -> None:
    with pytest.raises(TableError, match="expected one word or more"):
        table.search(words)

"""Conditions that engines would read in ways of their own, and long ones."""

from __future__ import annotations

from typing import Any

import pytest

import nbext
from nbext.sources.inference_table import TableError

from . import samples


@pytest.fixture(scope="module")
def table() -> Any:
    return nbext.inference_table(samples.arrow("serving"))


@pytest.mark.parametrize(
    ("condition", "python"),
    [
        ("regexp_matches(requester, 'USER1', 'i')", lambda c: "user1" in str(c.facts.requester)),
        ("requester ~* 'USER1'", lambda c: "user1" in str(c.facts.requester)),
        ("regexp_extract(requester, 'USER(.)', 1, 'i') = '1'", lambda c: "user1" in str(c.facts.requester)),
        ("status_code IN () OR status_code = 429", lambda c: c.status_code == 429),
        ("status_code NOT IN () AND status_code = 429", lambda c: c.status_code == 429),
        ("'MAX_RESPONSE_SIZE_EXCEEDED' IN logging_error_codes", lambda c: c.facts.truncated != []),
        ("len(logging_error_codes) > 0", lambda c: c.facts.truncated != []),
        ("status_code > 400 = true", lambda c: c.status_code > 400),
        ("(status_code > 400) = (status_code > 403)", lambda c: c.status_code <= 400 or c.status_code > 403),
        ("NOT 1 / (status_code - 200) < 0", lambda c: c.status_code != 200),
        ("status_code % (status_code - 200) IS NULL", lambda c: c.status_code == 200),
        ("response LIKE '%!_limit!_%' ESCAPE '!'", lambda c: "_limit_" in str(c.response)),
        ("(true)", lambda c: True),
    ],
)  # fmt: skip
def test_what_engines_would_read_in_their_own_ways(table: Any, condition: str, python: Any) -> None:
    found = {call.call_id for call in table.where(condition).calls()}
    assert found == {call.call_id for call in table.calls() if python(call)}
    assert found


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("status_code IS 200", "only NULL, TRUE and FALSE stand after IS"),
        ("100 < status_code < 300", "two comparisons are joined by AND"),
        ("regexp_matches(requester, 'x', 'q')", "the flags 'q' of a regular expression"),
        ("'x' IN requester", "expected a column of lists, or values in brackets"),
        ("CASE WHEN status_code = 429 THEN 1 END", "1 is a number and no condition"),
        ("CASE WHEN status_code = 429 THEN true ELSE requester END", "requester is a text and no condition"),
    ],
)
def test_what_engines_would_not_read_alike_is_refused(table: Any, condition: str, why: str) -> None:
    with pytest.raises(TableError) as caught:
        table.where(condition)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("many", [61, 1200])
def test_many_joined_conditions_are_not_nested(table: Any, many: int) -> None:
    codes = [429, *range(1000, 1000 + many)]
    any_of = " OR ".join(f"status_code = {code}" for code in codes)
    none_of = " AND ".join(f"NOT status_code = {code}" for code in codes)
    listed = f"status_code IN ({', '.join(map(str, codes))})"
    limited = table.where("status_code = 429").count()
    assert table.where(any_of).count() == table.where(listed).count() == limited > 0
    assert table.where(none_of).count() == table.count() - limited
    with pytest.raises(TableError, match="request is a text and no condition"):
        table.where(f"{any_of} OR request")


def test_a_condition_without_end(table: Any) -> None:
    with pytest.raises(TableError, match="nested too deeply"):
        table.where("NOT " * 70 + "true")
    with pytest.raises(TableError, match="100,001 characters; at most 100,000 are read"):
        table.where("status_code = 1".ljust(100_001))

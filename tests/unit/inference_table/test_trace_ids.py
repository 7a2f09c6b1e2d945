"""Ids of many requests at once are those of each."""

from __future__ import annotations

import random
import uuid

import pyarrow as pa
import pytest

from nbext.sources.inference_table.rows import Row
from nbext.sources.inference_table.trace_ids import ids_of

RNG = random.Random(7)
UUIDS = [str(uuid.UUID(int=RNG.getrandbits(128))) for _ in range(50)]
ODD = [
    "",
    "req-1",
    UUIDS[0].upper(),
    UUIDS[0].replace("-", ""),
    "{" + UUIDS[0] + "}",
    UUIDS[0].replace("-", "_"),
    # As long as one, and none: a letter too far, a control sign that would pass for a digit, two bytes.
    "g" + UUIDS[0][1:],
    "\x11" + UUIDS[0][1:],
    UUIDS[0][:-2] + "é",
    UUIDS[0][1:] + "-",
]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@pytest.mark.parametrize("ids", [UUIDS, ODD, *([*UUIDS[:3], odd] for odd in ODD), [*UUIDS[:2], None], []])
def test_as_one_by_one(ids: list[str | None], kind: pa.DataType) -> None:
    rows = [None if one is None else Row(id=one, start_ns=0) for one in ids]
    for cut in (0, 1):
        traces, calls = ids_of(pa.array(ids, kind).slice(cut))
        assert traces.to_pylist() == [row and row.trace_id for row in rows[cut:]]
        assert calls.to_pylist() == [row and row.call_id for row in rows[cut:]]

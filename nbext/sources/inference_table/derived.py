"""What is derived of a row in SQL, by the names of columns it has, in DuckDB's dialect.

Tokens, status and the like are read off the stored text without parsing it: a quotation mark inside
a JSON string is escaped, so ``"completion_tokens"`` with plain quotation marks is a key wherever it
stands, and the last one wins in one JSON, a list of chunks, the text of events and the events of
the Responses API alike. No stored text, however broken, makes such a statement fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model.facts import NAMED, NO_NAMES
from .flavour import LEGACY, SERVING, UNITY
from .status import STATUS
from .told import TOLD_SQL

if TYPE_CHECKING:
    from collections.abc import Callable

# A row that holds an answer.
ANSWERED = "coalesce(status_code, 200) < 300"
# The last usage object and what follows it.
USAGE = "split_part(response, '\"usage\"', -1)"
# Keys of token counts, in the APIs' own words.
TOKENS = {
    "sent": ("prompt_tokens", "input_tokens", "promptTokenCount"),
    "made": ("completion_tokens", "output_tokens", "candidatesTokenCount"),
    "cached": ("cached_tokens", "cache_read_input_tokens", "cachedContentTokenCount"),
    "total": ("total_tokens",),
    "read": ("cache_read_input_tokens",),
    "written": ("cache_creation_input_tokens",),
}


def tokens_sql(kind: str, usage: str = USAGE, *more: str) -> str:
    """Read the number behind the last of a key, in the last usage object first: it is short.

    Parameters
    ----------
    kind : str
        One of `TOKENS`.
    usage : str
        SQL of the last usage object.
    more : str
        SQL of what else to look into, in this order; the whole answer if there is nothing.
    """

    def number(text: str, key: str) -> str:
        return (
            f"TRY_CAST(regexp_extract(split_part({text}, '\"{key}\"', -1),"
            f" '^\\s*:\\s*([0-9]{{1,15}})([^0-9]|$)', 1) AS BIGINT)"
        )

    tries = []
    for text in (usage, *(more or ("response",))):
        tries += [number(text, key) for key in TOKENS[kind]]
        if kind == "made":
            # Gemini counts thoughts apart from the candidates.
            tries[-1] = f"{tries[-1]} + coalesce({number(text, 'thoughtsTokenCount')}, 0)"
    return f"coalesce({', '.join(tries)})"


def beside_sql(read: str, written: str) -> str:
    """Count what a cache gave and took."""
    return f"(coalesce({read}, 0) + coalesce({written}, 0))"


def apart_sql(sent: str, made: str, total: str, beside: str) -> str:
    """Tell whether the prompt is counted without what a cache held; the total tells, or the size."""
    return f"({sent} < {beside} OR {total} >= {sent} + coalesce({made}, 0) + {beside})"


def sent_sql(
    name: Callable[[str], str], usage: str = USAGE, begins: str = "contains(response, '\"message_start\"')"
) -> str:
    """Count input tokens, cached ones included: Claude counts them apart; see `model.usage.usage_of`.

    Parameters
    ----------
    name : callable
        Gives the SQL of a kind of tokens.
    usage : str
        SQL of the last usage object.
    begins : str
        SQL that tells a stream of Anthropic's from its beginning.
    """
    sent, made, total, read, written = map(name, ("sent", "made", "total", "read", "written"))
    beside = beside_sql(read, written)
    apart = (
        f"{apart_sql(sent, made, total, beside)}"
        f" OR ({total} IS NULL AND contains({usage}, '\"input_tokens\"'))"
    )
    cached = f"contains({usage}, '\"cache_read_input_tokens\"')"
    # Anthropic's stream tells the input at its beginning, and often only there.
    begun = f"{total} IS NULL AND {begins}"
    return f"CASE WHEN ({cached} AND ({apart})) OR ({begun}) THEN {sent} + {beside} ELSE {sent} END"


_JSON = "TRY(json_extract_string({body}, '$.{key}'))"
# A stream is no one JSON; its first chunk, or the message it begins with, names the model.
SERVED = f"""
CASE WHEN starts_with(response, '[') OR starts_with(response, 'data:') OR starts_with(response, 'event:')
  THEN nullif(regexp_extract(response, '"model"\\s*:\\s*"([^"\\\\]{{1,200}})"', 1), '')
  ELSE {_JSON.format(body="response", key="model")} END
"""

# Some routes name the endpoint in the URL, as Gemini's, whose body does not.
_NO_NAMES = ", ".join(f"'{name}'" for name in sorted(NO_NAMES))
_NAME = f"regexp_extract(url, '{NAMED}', 1)"
_BY_URL = f"CASE WHEN {_NAME} NOT IN ({_NO_NAMES}) THEN nullif({_NAME}, '') END"

# Names any flavour has. An expression that needs a column the table lacks is NULL.
COMMON: dict[str, str] = {
    "status": STATUS,
    "input_tokens": sent_sql(tokens_sql),
    "output_tokens": tokens_sql("made"),
    "cached_tokens": tokens_sql("cached"),
    "model": _JSON.format(body="request", key="model"),
    "served_model": SERVED,
    "streamed": "coalesce(regexp_matches(request, '\"stream\"\\s*:\\s*true'), FALSE)",
    # What a row stands for when only a share of the requests is logged.
    "weight": "CASE WHEN sampling_fraction > 0 THEN 1.0 / sampling_fraction ELSE 1.0 END",
}
OWN: dict[str, dict[str, str]] = {
    SERVING.name: {
        "id": "databricks_request_id",
        "time": "request_time",
        "duration_ms": "execution_duration_ms",
        "ttfb_ms": "NULL",
        "entity": "served_entity_id",
        "endpoint": f"coalesce({COMMON['model']}, {TOLD_SQL})",
    },
    LEGACY.name: {
        "id": "databricks_request_id",
        "time": "CAST(make_timestamp(timestamp_ms * 1000) AS TIMESTAMPTZ)",
        "duration_ms": "execution_time_ms",
        "ttfb_ms": "NULL",
        "entity": "request_metadata['model_name']",
        "endpoint": "request_metadata['endpoint_name']",
    },
    UNITY.name: {
        "id": "request_id",
        "time": "event_time",
        "duration_ms": "latency_ms",
        "ttfb_ms": "time_to_first_byte_ms",
        "entity": "destination_name",
        # A policy's answer names no model.
        "served_model": (f"coalesce({SERVED}, CASE WHEN {ANSWERED} THEN destination_model END)"),
        "endpoint": f"coalesce({_BY_URL}, {COMMON['model']}, destination_name)",
    },
}

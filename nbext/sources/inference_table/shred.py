"""The columns of the calls frame, read off the stored bodies by DuckDB, for the rows that are plain.

Building a `Call` of every row to keep a dozen values of it is what makes reading a large table
slow. A row is *plain* when its bodies have the usual shape of a chat completion, or of an error of
the gateway; of such a row each value is one path of its JSON. Every other row comes back whole and
becomes a `Call`, so that both ways say the same of every row, and a row that no shape fits costs
no other one anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .derived import apart_sql, beside_sql
from .flavour import LEGACY, UNITY, Flavour

if TYPE_CHECKING:
    from collections.abc import Iterable

# Paths into the answer and the request, each parsed once for all of them.
_ANSWER = {
    "object": "$.object",
    "model": "$.model",
    "content": "$.choices[0].message.content",
    "finish": "$.choices[0].finish_reason",
    "sent": "$.usage.prompt_tokens",
    "made": "$.usage.completion_tokens",
    "total": "$.usage.total_tokens",
    "cached": "$.usage.prompt_tokens_details.cached_tokens",
    "reasoning": "$.usage.completion_tokens_details.reasoning_tokens",
    "read": "$.usage.cache_read_input_tokens",
    "written": "$.usage.cache_creation_input_tokens",
    "id": "$.id",
    "provider": "$.provider",
    "role": "$.choices[0].message.role",
    "code": "$.error_code",
    "message": "$.message",
    # From here on: what makes a row one that is not plain.
    "second": "$.choices[1]",
    "error": "$.error",
    "detail": "$.detail",
    "output": "$.databricks_output",
    "policy": "$.databricks_service_policy",
    "refusal": "$.choices[0].message.refusal",
    "audio": "$.choices[0].message.audio",
    "hit": "$.usage.prompt_cache_hit_tokens",
    "sent_too": "$.usage.input_tokens",
    "made_too": "$.usage.output_tokens",
}
_COUNTS = ("sent", "made", "total", "cached", "reasoning", "read", "written")
_REQUEST = {
    "model": "$.model",
    "stream": "$.stream",
    "client": "$.client_request_id",
    "system": "$.system",
    "version": "$.anthropic_version",
    "role": "$.messages[#-1].role",
    "said": "$.messages[#-1].content",
}
# Looked at only where the last message is none of the user's.
_BEFORE = [f"$.messages[#-{n}].{key}" for n in (2, 3, 4) for key in ("role", "content")]
_OTHER_ROLES = "('assistant', 'tool', 'system', 'developer', 'function')"
# Names of the result that are not columns of the frame; the columns of rows that come whole start with ROW.
ODD = "nbext_odd"
ROW = "nbext_row_"
ENDPOINT = "nbext_endpoint"


def shred_sql(
    rows: str, flavour: Flavour, names: Iterable[str], *, whole: bool = False, trusting: bool = False
) -> str:
    """Give the statement that reads the frame's columns of plain rows, and the others whole.

    Parameters
    ----------
    rows : str
        A SELECT in DuckDB's dialect, of the flavour's columns.
    flavour : Flavour
    names : iterable of str
        Which of them it gives.
    whole : bool
        Give every row whole: no text may pass unseen by a hook of the user.
    trusting : bool
        Fail at a body that begins as an object and is none. To expect none takes a twelfth less
        time: where one may be, all that is read of every body is copied.
    """
    here = list(names)
    return f"""
WITH nbext_rows AS ({rows}),
nbext_typed AS (SELECT *, {_typed(flavour, here)} FROM nbext_rows),
nbext_read AS (SELECT *, {_lists(trusting)} FROM nbext_typed),
nbext_values AS (SELECT *, {_values(trusting)} FROM nbext_read),
nbext_said AS (SELECT *, {_said()} FROM nbext_values),
nbext_facts AS (SELECT *, {_facts(here, whole=whole)} FROM nbext_said)
SELECT {", ".join(f"{sql} AS {name}" for name, sql in _result(flavour, here).items())}
FROM nbext_facts
"""


def _typed(flavour: Flavour, here: list[str]) -> str:
    """Columns in the types of the frame, whatever they are stored as."""

    def column(name: str, kind: str) -> str:
        return f'TRY_CAST("{name}" AS {kind})' if name in here else f"CAST(NULL AS {kind})"

    if flavour is LEGACY and "request_time" not in here:
        start = f"{column('timestamp_ms', 'BIGINT')} * 1000000"
    else:
        time = "request_time" if flavour is LEGACY else flavour.time
        start = f"epoch_us({column(time, 'TIMESTAMPTZ')}) * 1000"
    ttfb = column("time_to_first_byte_ms", "DOUBLE") if flavour is UNITY else "CAST(NULL AS DOUBLE)"
    chat = "TRUE"
    if flavour is UNITY:
        api, url = column("api_type", "VARCHAR"), column("url", "VARCHAR")
        chat = (
            f"coalesce(ends_with({api}, '/chat/completions') OR "
            f"({api} IS NULL AND ({url} IS NULL OR ends_with({url}, '/chat/completions'))), FALSE)"
        )
    return ", ".join(
        (
            f"{column(flavour.id, 'VARCHAR')} AS t_id",
            f"{start} AS t_start",
            f"CAST(TRY_CAST({column(flavour.duration, 'DOUBLE')} AS BIGINT) AS DOUBLE) AS t_duration",
            f"CAST(TRY_CAST({ttfb} AS BIGINT) AS DOUBLE) AS t_ttfb",
            f"TRY_CAST({column('status_code', 'DOUBLE')} AS BIGINT) AS t_code",
            f"{column('client_request_id', 'VARCHAR')} AS t_client",
            f"{column('url', 'VARCHAR')} AS t_url" if flavour is UNITY else "CAST('' AS VARCHAR) AS t_url",
            f"{chat} AS t_chat",
            f"{column('request', 'VARCHAR')} AS t_request",
            f"{column('response', 'VARCHAR')} AS t_response",
        )
    )


def _lists(trusting: bool) -> str:
    """Read all values of a body in one pass; text that is no JSON object, or a broken one, gives NULL."""
    answer = _extract("t_response", _ANSWER.values(), trusting)
    return f"{answer} AS a, {_extract('t_request', _REQUEST.values(), trusting)} AS q"


def _extract(body: str, paths: Iterable[str], trusting: bool, where: str = "TRUE") -> str:
    listed = ", ".join(f"'{path}'" for path in paths)
    # Around the body and not around the list, which would be copied for those rows that pass.
    given = f"CASE WHEN starts_with({body}, '{{') AND {where} THEN {body} END"
    read = f"json_extract_string({given}, [{listed}])"
    return read if trusting else f"TRY({read})"


def _values(trusting: bool) -> str:
    """Name the values, taken out of the lists once."""
    order = list(_ANSWER)
    place = {name: f"a[{at}]" for at, name in enumerate(order, 1)}
    kept = order[: order.index("second")]
    counts = ", ".join(place[name] for name in _COUNTS)
    rest = ", ".join(place[name] for name in order[order.index("second") :])
    others = f"q[{len(_REQUEST) - 1}] IN {_OTHER_ROLES}"
    return ", ".join(
        [
            *(f"{place[name]} AS a_{name}" for name in kept),
            *(f"q[{at}] AS q_{name}" for at, name in enumerate(_REQUEST, 1)),
            # NULLs leave no text: one look for all that must be numbers.
            f"concat_ws(',', {counts}) AS counts",
            f"coalesce({rest}) AS rest",
            f"{_extract('t_request', _BEFORE, trusting, others)} AS before",
        ]
    )


def _a(name: str) -> str:
    return f"a_{name}"


def _q(name: str) -> str:
    return f"q_{name}"


def _is_text(body: str, value: str, path: str) -> str:
    """Tell a JSON string from a list, an object, a number or a truth value, which come as text too.

    Nearly every text is told by its first letter; only a CASE keeps a second parse to the others.
    """
    is_text = f"coalesce(TRY(json_type({body}, '{path}')) = 'VARCHAR', FALSE)"
    first = f"ascii({value})"
    # With a blank in it, it is no number.
    word = f"regexp_full_match({value}, '-?[0-9.eE+-]+|true|false')"
    doubtful = f"{first} IN (91, 123) OR CASE WHEN contains({value}, ' ') THEN FALSE ELSE {word} END"
    return (
        f"CASE WHEN {value} IS NULL THEN FALSE "
        f"WHEN {first} BETWEEN 45 AND 57 OR {first} IN (91, 102, 116, 123)"
        f" THEN CASE WHEN {doubtful} THEN {is_text} ELSE TRUE END ELSE TRUE END"
    )


def _said() -> str:
    """Find the last user message among the last few; NULL where another reader must decide."""
    last, text = _q("said"), _is_text("t_request", _q("said"), _REQUEST["said"])
    whens = [f"WHEN {_q('role')} = 'user' THEN CASE WHEN {last} <> '' AND {text} THEN {last} END"]
    skipped = f"{_q('role')} IN {_OTHER_ROLES}"
    for n in range(0, len(_BEFORE), 2):
        role, said = f"before[{n + 1}]", f"before[{n + 2}]"
        text = _is_text("t_request", said, _BEFORE[n + 1])
        whens.append(f"WHEN {skipped} AND {role} = 'user' AND {said} <> '' AND {text} THEN {said}")
        skipped += f" AND {role} IN {_OTHER_ROLES}"
    numbers = ", ".join(f"TRY_CAST(a_{name} AS BIGINT) AS n_{name}" for name in _COUNTS)
    return f"CASE {' '.join(whens)} END AS said, {numbers}"


def _facts(here: list[str], *, whole: bool) -> str:
    """Tell what kind of row it is, and its texts. A CASE keeps the looks at errors to the errors."""
    if whole:
        return "FALSE AS plain"
    content, finish = _a("content"), _a("finish")
    chat = [
        f"{_a('object')} = 'chat.completion'",
        f"({_a('role')} IS NOT NULL OR {content} IS NOT NULL)",
        f"{_a('code')} IS NULL AND {_a('message')} IS NULL",
        "(counts = '' OR regexp_full_match(counts, '[0-9]{1,15}(,[0-9]{1,15})*'))",
        f"{_a('id')} IS DISTINCT FROM 'databricks-guardrail-block'",
        f"{finish} IS DISTINCT FROM 'content_filter'",
        f"({content} IS NULL OR {_is_text('t_response', content, _ANSWER['content'])})",
        # Else the row tells who answered.
        *([f"({_a('model')} <> '' OR destination_model IS NULL)"] if "destination_model" in here else []),
    ]
    code, message = _a("code"), _a("message")
    failed = [
        f"regexp_full_match({code}, '[A-Za-z_][A-Za-z0-9_]*')",
        f"{code} NOT IN ('content_filter', 'content_policy_violation', 'ResponsibleAIPolicyViolation',"
        " 'true', 'false')",
        # With a blank in it, it is no number and no truth value.
        f"contains({message}, ' ') AND {_a('model')} IS NULL",
        f"NOT regexp_matches({message}, '^\\s*[\\[{{]')",
        "counts = ''",
        *(f"{_a(name)} IS NULL" for name in ("finish", "object", "role", "content")),
        f"{_a('id')} IS NULL AND {_a('provider')} IS NULL",
        f"NOT (t_code = 403 AND starts_with({message}, 'Budget'))",
    ]
    asked = [
        "t_id IS NOT NULL AND t_start IS NOT NULL AND t_chat",
        f"{_q('system')} IS NULL AND {_q('version')} IS NULL",
        f"({_q('stream')} IS NULL OR {_q('stream')} IN ('true', 'false'))",
        "said IS NOT NULL AND rest IS NULL",
        *(["(coalesce(status, 'ok') = 'ok' OR t_code >= 400)"] if "status" in here else []),
    ]
    kinds = (
        f"CASE WHEN t_code BETWEEN 200 AND 299 THEN {' AND '.join(chat)}"
        f" WHEN t_code BETWEEN 400 AND 599 THEN {' AND '.join(failed)} ELSE FALSE END"
    )
    return f"coalesce({' AND '.join(asked)} AND {kinds}, FALSE) AS plain"


def _result(flavour: Flavour, here: list[str]) -> dict[str, str]:
    """Give the columns; what they say of rows that are not plain is overwritten."""
    code, message = _a("code"), _a("message")
    words = (
        f"CASE WHEN {message} IS NULL THEN NULL WHEN starts_with({message}, {code} || ': ') "
        f"THEN substr({message}, length({code}) + 3) ELSE {message} END"
    )
    sent, made, total, read, written = map(_count, ("sent", "made", "total", "read", "written"))
    # Databricks counts what a cache held in the prompt or beside it.
    beside = beside_sql(read, written)
    apart = (
        f"({beside} > 0 AND {sent} IS NOT NULL AND coalesce({apart_sql(sent, made, total, beside)}, FALSE))"
    )
    given = f"(CASE WHEN {beside} = 0 THEN {sent} WHEN {apart} THEN {sent} + {beside} ELSE {sent} END)"
    whole = (
        f"CASE WHEN {total} IS NULL THEN CASE WHEN {sent} IS NULL AND {made} IS NULL THEN NULL "
        f"ELSE coalesce({given}, 0) + coalesce({made}, 0) END WHEN {beside} = 0 THEN {total} "
        f"WHEN {apart} THEN greatest({total}, {given} + coalesce({made}, 0)) ELSE {total} END"
    )
    provider = (
        f"coalesce(nullif({_a('provider')}, ''),"
        f" CASE WHEN starts_with({_a('id')}, 'msg_bdrk_') THEN 'amazon-bedrock' END)"
    )
    told = {LEGACY.name: "request_metadata", UNITY.name: "destination_name"}.get(flavour.name)
    return {
        "start_time": "t_start",
        "duration_ms": "t_duration",
        "ttft_ms": f"CASE WHEN {_q('stream')} = 'true' AND t_code < 400 THEN t_ttfb END",
        "status": "CASE WHEN t_code = 429 THEN 'rate_limited' WHEN t_code >= 400 THEN 'error' ELSE 'ok' END",
        "status_code": "t_code",
        "error_type": code,
        "error_message": words,
        "model": f"nullif({_q('model')}, '')",
        "served_model": f"nullif({_a('model')}, '')",
        "stream": f"coalesce({_q('stream')} = 'true', FALSE)",
        "input_tokens": given,
        "output_tokens": made,
        "cached_tokens": f"coalesce({_count('cached')}, {read})",
        "cache_write_tokens": written,
        "reasoning_tokens": _count("reasoning"),
        "total_tokens": whole,
        "finish_reason": f"nullif({_a('finish')}, '')",
        "prompt": "said",
        # Empty where an answer holds no text: see `parts`, as a CASE here would copy all of them.
        "completion": _a("content"),
        "request_id": "t_id",
        "client_request_id": f"coalesce(t_client, {_q('client')})",
        "url": "coalesce(t_url, '')",
        "provider": provider,
        ENDPOINT: f'"{told}"' if told in here else "CAST(NULL AS VARCHAR)",
        ODD: "NOT plain",
        **{f'"{ROW}{name}"': f'CASE WHEN NOT plain THEN "{name}" END' for name in here},
    }


def _count(name: str) -> str:
    return f"n_{name}"

"""How a call ended, in SQL, as `model.verdicts` tells it of the parsed bodies.

A quotation mark inside a JSON string is escaped, so a key with plain ones is a key wherever it stands;
only where a word of interest occurs at all is the text parsed, for the place of the key. What is not
told: a body that is JSON in a JSON string, one nested more than 200 levels, a tool's input that is itself
an object such as ``{"finish_reason": "content_filter"}``, and whether the request asked an API that
answers JSON: a broken body and a web page are errors whatever was asked.
"""

from __future__ import annotations


def _if(first: str, then: str) -> str:
    """Look closer only where a quick look says so: DuckDB takes the sides of an AND in any order."""
    return f"CASE WHEN {first} THEN {then} ELSE FALSE END"


def _has(*texts: str) -> str:
    """Tell whether a text is in an answer: from a letter that is rare on, the look skips through it."""
    return "(" + " OR ".join(f"contains(response, '{text}')" for text in texts) + ")"


def _is(pattern: str) -> str:
    return f"regexp_matches(response, '{pattern}')"


def _refused(quote: str) -> str:
    codes = "content_filter|content_policy_violation|ResponsibleAIPolicyViolation"
    return _is(f"{quote}(code|status|type|error_code){quote}\\s*:\\s*{quote}({codes}){quote}")


# The gateway's own message, or a provider's, may be JSON in a string.
_INSIDE = _is('"(message|error)"\\s*:\\s*"\\s*\\{')
_ESCAPED = '\\\\"'
_GUARDRAIL = _if(
    _has("_guardrail"), f"{_INSIDE} AND " + _is(f"{_ESCAPED}(input|output)_guardrail{_ESCAPED}\\s*:")
)
_REFUSED = _if(
    _has("_filter", "_violation", "PolicyViolation"),
    f"{_refused(chr(34))} OR ({_INSIDE} AND {_refused(_ESCAPED)})",
)
_BUDGET = _is("Budget .{1,400} has reached its limit of")
_ENDED = _if(
    _has('_filter"'),
    _is(
        '"(finish_reason|stop_reason)"\\s*:\\s*"content_filter"'
        '|"incomplete_details"\\s*:\\s*\\{[^{}]*"reason"\\s*:\\s*"content_filter"'
    ),
)
_HELD = _if(
    _has('Reason"'),
    _is(
        '"finishReason"\\s*:\\s*"(SAFETY|PROHIBITED_CONTENT|BLOCKLIST|SPII|IMAGE_SAFETY)"'
        '|"blockReason"\\s*:\\s*"[^"]'
    ),
)
_POLICY = '"databricks_service_policy"\\s*:\\s*\\{'
_ACTION = '[^{}]*"action"'
# A policy may only have masked; one that names no action denied.
_DENIED = _if(
    _has('_service_policy"'),
    f"{_is(_POLICY)} AND (NOT {_is(_POLICY + _ACTION)} OR "
    + _is(f'(?i){_POLICY}{_ACTION}\\s*:\\s*"(deny|block)?"')
    + ")",
)
_NAMELESS = _if(
    _has('-guardrail-block"'),
    _is('"id"\\s*:\\s*"databricks-guardrail-block"') + f" AND NOT {_is(_POLICY)}",
)
# One JSON a line.
_LINES = _is("^\\{.*\\}\\s*\\n\\s*\\{")
_OBJECT, _LIST, _PAGE = (f"starts_with(ltrim(response), '{letter}')" for letter in "{[<")
_WEB_PAGE = _if(
    _PAGE,
    _is("(?i)^\\s*<(!doctype html|html|head|body)") + " OR contains(lower(left(response, 500)), '<html')",
)
# NaN is no JSON to every engine, and read all the same.
_NUMBERS = _is("[:,]\\s*(NaN|-?Infinity)") + " AND " + _is("[}\\]]\\s*$")
_NO_OBJECT = _if("TRY(json_keys(response)) IS NULL", f"NOT ({_NUMBERS} OR {_LINES})")
_NO_LIST = _if("TRY(json_array_length(response)) IS NULL", f"NOT ({_NUMBERS})")
_BROKEN = f"CASE WHEN {_OBJECT} THEN {_NO_OBJECT} WHEN {_LIST} THEN {_NO_LIST} ELSE FALSE END"
# One list of all events, whether they are kept as a list, as one JSON, as a JSON a line or as they were sent.
_EVENTS = (
    f"CASE WHEN {_LIST} THEN response WHEN {_OBJECT} AND NOT {_LINES} THEN '[' || response || ']' "
    "ELSE '[' || array_to_string("
    "regexp_extract_all(response, '(?m)^(?:data:)?[ ]*(\\{.*\\})\\s*$', 1), ',') || ']' END"
)


def _said(path: str, what: str = "[^\\]\\[NULnul, ]") -> str:
    """Tell whether any event says something there that is not null."""
    found = f"CAST(TRY(json_extract_string({_EVENTS}, '$[*].{path}')) AS TEXT)"
    return f"coalesce(regexp_matches({found}, '{what}'), FALSE)"


_KEYS = ("error", "error_code", "databricks_output.error", "response.error")
_FAILED = _if(
    # One step more, for the bodies of the Responses API all say that their error is null.
    _if(_has('"error'), _is('"error(_code)?"\\s*:\\s*[^\\snf]|:\\s*"error"')),
    " OR ".join((*map(_said, _KEYS), _said("type", "(^|[^a-zA-Z_.])error($|[^a-zA-Z_.])"))),
)
# An event may be called an error and say so with no key.
_NAMED = _if(
    f"starts_with(response, 'event:') OR {_has(chr(10) + 'event:')}",
    _is("(^|\\n)event:\\s*error\\s*\\n"),
)
STATUS = f"""
CASE
  WHEN {_GUARDRAIL} THEN 'blocked'
  WHEN status_code >= 400 THEN CASE
    WHEN {_REFUSED} THEN 'blocked'
    WHEN status_code = 429 THEN 'rate_limited'
    WHEN status_code = 403 THEN CASE WHEN {_BUDGET} THEN 'blocked' ELSE 'error' END
    ELSE 'error' END
  WHEN {_ENDED} THEN 'blocked'
  WHEN {_HELD} THEN 'blocked'
  WHEN {_DENIED} THEN 'blocked'
  WHEN {_NAMELESS} THEN 'blocked'
  WHEN status_code >= 300 THEN 'error'
  WHEN {_FAILED} OR {_NAMED} THEN CASE WHEN {_REFUSED} THEN 'blocked' ELSE 'error' END
  WHEN {_WEB_PAGE} OR {_BROKEN} THEN 'error'
  ELSE 'ok'
END
"""

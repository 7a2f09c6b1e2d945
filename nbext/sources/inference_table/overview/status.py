"""Quick ways to tell that a call went well, for rows whose ends `tokens` has read.

What they do not tell is left to `status.STATUS`, which takes ten times as long.
"""

from __future__ import annotations

from ..derived import ANSWERED

# Of an answer's ending: what follows its last list of objects.
CHOICES = """(starts_with(ending, ' "usage"') OR starts_with(ending, '"usage"'))"""

# What the quick ways to a status must not meet in front of the choices, and behind them: parts of words
# that begin with a letter which is rare there, for up to it the look skips through a text.
_ODD_HEADS = ('{"error', '{"id": "databricks-', '{"id":"databricks-')
_ODD_ENDS = ("rror", 'vice_policy"', '-guardrail-block"')
_ODD = ('_filter"', 'vice_policy"', '-guardrail-block"', 'Reason"')
_NO_ERROR = ('"error": null', '"error":null')


def plainly_ok() -> str:
    """Tell what nearly every row is with one look through it: choices, followed by a usage that is whole.

    An error or a policy in front of choices that are there all the same is not seen; no gateway writes one.
    """
    heads = " AND ".join(f"NOT starts_with(response, '{head}')" for head in _ODD_HEADS)
    ends = " AND ".join(f"NOT contains(ending, '{word}')" for word in _ODD_ENDS)
    return (
        f"short IS NOT NULL AND {CHOICES} AND starts_with(response, '{{\"') AND {heads} AND {ends} "
        "AND NOT contains(response, '_filter\"')"
    )


def clearly_ok() -> str:
    """Tell an answer of another form with some looks: it is whole, and has no word of trouble."""
    whole = f"""
        CASE WHEN NOT {ANSWERED} THEN FALSE WHEN short IS NOT NULL THEN TRUE
          WHEN starts_with(response, '{{') OR starts_with(response, '[') THEN json_valid(response)
          ELSE starts_with(response, 'data:') OR starts_with(response, 'event:') END
    """
    quiet = " AND ".join(f"NOT contains(response, '{word}')" for word in _ODD)

    def silent(text: str) -> str:
        # A stream has several times the keys of one answer, and may name an event an error.
        return (
            f"CASE WHEN starts_with(response, '{{') THEN NOT contains({text}, '\"error') "
            f"ELSE NOT contains({text}, 'rror') END"
        )

    # The Responses API says that there is no error.
    without = "replace(response, '{0}', '')".format
    said = " ".join(
        f"WHEN contains(response, '{words}') THEN {silent(without(words))}" for words in _NO_ERROR
    )
    return f"{whole} AND {quiet} AND CASE WHEN {silent('response')} THEN TRUE {said} ELSE FALSE END"

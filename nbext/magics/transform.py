"""``%%gateway_trace`` at the top of a cell becomes a line magic; the body below it stays as it is.

So the body is run by IPython itself: top-level ``await``, the last expression, line numbers,
``%magics`` and ``!commands`` all work as in any other cell.
"""

from __future__ import annotations

import re

from IPython.core.inputtransformer2 import cell_magic, classic_prompt, ipython_prompt, leading_indent

# `%%gateway_trace?` asks for help and is left to IPython.
_FIRST_LINE = re.compile(r"%%gateway_trace(?:[ \t]+(?P<options>.*))?$")
_FUTURE = re.compile(r"(?P<code>from\s+__future__\s+import\s+[\w, \t]*\w)(?P<comment>\s*(#.*)?)$")


def trace_first_line(lines: list[str]) -> list[str]:
    """Rewrite the lines of a cell; other cells are given back as they are."""
    match = _FIRST_LINE.match(lines[0].rstrip()) if lines else None
    if match is None:
        return lines
    options, body = match["options"] or "", lines[1:]
    again = _FIRST_LINE.match(body[0].rstrip()) if body else None
    if again is not None:
        # Pasted twice: one cell all the same.
        options, body = f"{options} {again['options'] or ''}".strip(), ["\n", *body[1:]]
    # The call itself and not `%gateway_trace`: a quote in the options must not confuse the tokenizer.
    call = f"get_ipython().run_line_magic('gateway_trace', {'--cell ' + options!r})"
    blank = next((i for i, line in enumerate(body) if line.strip()), len(body))
    # What IPython has done to the cell it now does to the body, which was not at its start then.
    below = body[blank:]
    for clean in (leading_indent, classic_prompt, ipython_prompt):
        below = clean(below)
    return [*_with_call(call, body[:blank], below)]


# A half-typed cell in a terminal is then judged as the cell magic it looks like.
trace_first_line.has_side_effects = True  # type: ignore[attr-defined]


def _with_call(call: str, blank: list[str], body: list[str]) -> list[str]:
    """Put the call in the first line, or behind the imports from the future, which must come first."""
    last = -1
    for i, line in enumerate(body):
        if _FUTURE.match(line.rstrip()):
            last = i
        elif line.strip() and not line.startswith("#"):
            break
    if last < 0:
        return [call + "\n", *blank, *cell_magic(body)]
    future = _FUTURE.match(body[last].rstrip())
    if future is None:
        return [call + "\n", *blank, *body]
    joined = f"{future['code']}; {call}{future['comment']}\n"
    return ["\n", *blank, *body[:last], joined, *body[last + 1 :]]

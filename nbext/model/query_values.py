"""Query values in what an HTTP library says went wrong: of URLs only the names are kept."""

from __future__ import annotations

import re

_QUERY = re.compile(r"\?[\w.~%\[\]+-]+=[^\s\"<>]*")
# What stands behind a value but is not of it: the sentence around the URL.
_VALUE = re.compile(r"=[^&#]*?(?=['\"`),.:;\]}]*\Z|[&#])")
_FRAGMENT = re.compile(r"#.*?(?=['\"`),.:;\]}]*\Z)")


def without_query_values(text: str) -> str:
    """Take the values out of the queries of all URLs in a text.

    >>> without_query_values("no answer from /v1/chat?key=abc&x=1 (refused)")
    'no answer from /v1/chat?key=&x= (refused)'
    """
    if "?" not in text:
        return text
    return _QUERY.sub(lambda query: _FRAGMENT.sub("", _VALUE.sub("=", query[0])), text)

"""Where traces can be looked at in MLflow's own pages."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterable


def trace_url(uri: str, experiment_id: str | None, trace_id: str) -> str | None:
    """Give the page of a trace; None where the store has no pages.

    Parameters
    ----------
    uri : str
        Tracking URI. A file or a database has no pages until ``mlflow ui`` serves them.
    experiment_id : str or None
    trace_id : str
        As MLflow writes it, ``tr-…`` or ``trace:/…``.

    Examples
    --------
    >>> trace_url("http://localhost:5000/", "3", "tr-1")
    'http://localhost:5000/#/experiments/3/traces?selectedEvaluationId=tr-1'
    >>> trace_url("sqlite:///mlflow.db", "3", "tr-1") is None
    True
    """
    if experiment_id is None:
        return None
    if uri.startswith("databricks"):
        host = os.environ.get("DATABRICKS_HOST", "")
        if not host or uri not in ("databricks", "databricks://"):
            return None
        base = (host if "://" in host else f"https://{host}").rstrip("/") + "/ml"
    elif uri.startswith(("http://", "https://")):
        parts = urlsplit(uri)
        # A password in the address is for the client, not for a link that is shown.
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
        base = urlunsplit(bare).rstrip("/") + "/#"
    else:
        return None
    found = quote(trace_id, safe="")
    return f"{base}/experiments/{quote(experiment_id, safe='')}/traces?selectedEvaluationId={found}"


def shared_page(pages: Iterable[str]) -> str | None:
    """Give the page of several traces: theirs if it is one, else that of the experiment all are in.

    Examples
    --------
    >>> page = "http://localhost:5000/#/experiments/3/traces?selectedEvaluationId=tr-"
    >>> shared_page([page + "1", page + "2"])
    'http://localhost:5000/#/experiments/3/traces'
    """
    known = set(pages)
    if len(known) > 1:
        known = {page.partition("?")[0] for page in known}
    return known.pop() if len(known) == 1 else None


def is_page(url: object) -> bool:
    """Tell an address that may be made a link of: http or https, of a host, without name or password."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc

"""Where traces go: a tracking store and an experiment in it."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

# https://mlflow.org/docs/latest/self-hosting/architecture/backend-store/
_SCHEMES = ("sqlite", "http", "https", "databricks", "file", "postgresql", "mysql", "mssql")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(\+[A-Za-z0-9_]+)?:(?=/)")
DEFAULT_EXPERIMENT = "Default"
BY_ID = "id:"
AS_MLFLOW = "mlflow"
OFF = "off"


@dataclass(frozen=True, slots=True)
class Target:
    """A tracking store and an experiment in it.

    Attributes
    ----------
    uri : str
        The tracking URI as it is shown and written, without the password it may have.
    experiment : str
        Name or path; ``id:<number>`` for one known by its id.
    full_uri : str
        With the password; only in memory.
    """

    uri: str
    experiment: str
    full_uri: str = field(default="", compare=False, repr=False)

    @property
    def key(self) -> str:
        """A short name for it, fit for a file."""
        return hashlib.sha256(f"{self.uri}\n{self.experiment}".encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"{self.uri} (experiment {self.experiment.removeprefix(BY_ID)})"


def target_of(to: str | None, experiment: str | None) -> Target | None:
    """Find where traces go.

    Parameters
    ----------
    to : str or None
        A tracking URI, or a path as MLflow takes it; ``mlflow`` for wherever ``mlflow`` points at;
        ``off`` for nowhere. None or empty: wherever ``mlflow`` points at, if the user's code has
        imported it and set a tracking URI.
    experiment : str or None
        Name or path. None or empty: the one that is set in ``mlflow`` when it is the same store,
        else ``Default``.

    Returns
    -------
    Target or None
        None for nowhere.

    Raises
    ------
    ValueError
        No such kind of store, or ``mlflow`` is asked for and is not there.
    """
    to = (to or "").strip()
    if to.lower() == OFF:
        return None
    theirs = _mlflow_uri(to)
    if not to and theirs is None:
        return None
    uri = theirs if to in ("", AS_MLFLOW) else checked(to)
    assert uri is not None
    experiment = (experiment or "").strip()
    if not experiment:
        experiment = _active_experiment() if theirs == uri else ""
    return Target(_shown(uri), experiment or DEFAULT_EXPERIMENT, uri)


def check(to: str) -> None:
    """Refuse what `target_of` would refuse of a place, at the time it is given.

    Raises
    ------
    ValueError
        MLflow has no such kind of store.
    """
    to = to.strip()
    if to and to.lower() not in (OFF, AS_MLFLOW):
        checked(to)


def checked(uri: str) -> str:
    """Give a tracking URI with its path made absolute, as a process elsewhere needs it.

    Raises
    ------
    ValueError
        MLflow has no such kind of store; says which there are.
    """
    if uri == "databricks":
        return uri
    found = _SCHEME.match(uri)
    scheme = found.group(1).lower() if found else ""
    if found and len(scheme) > 1 and scheme not in _SCHEMES:
        close = difflib.get_close_matches(scheme, _SCHEMES, n=1, cutoff=0.6)
        raise ValueError(
            f"to: {_shown(uri)!r} is no tracking URI of MLflow; "
            + (f"did you mean {close[0]}:…?" if close else f"expected {', '.join(_SCHEMES)}, or a folder")
        )
    if scheme in ("http", "https") and not urlsplit(uri).hostname:
        raise ValueError(f"to: {uri!r} has no host; expected http://host:port")
    if scheme == "sqlite":
        head, _, path = uri.partition(":///")
        return f"{head}:///{Path(path).expanduser().absolute()}" if path else uri
    if scheme == "file":
        return uri
    if not found or len(scheme) == 1:
        if uri.endswith((".db", ".sqlite", ".sqlite3")):
            raise ValueError(f"to: {uri!r} is a path; for a file of SQLite write sqlite:///{uri}")
        if ":" in uri and len(scheme) != 1:
            raise ValueError(
                f"to: {_shown(uri)!r} is no tracking URI of MLflow; expected {_SCHEMES[0]}:///…, http://…"
            )
        return Path(uri).expanduser().absolute().as_uri()
    return uri


def mlflow_points_at() -> str | None:
    """Give the tracking URI the user's code has set in ``mlflow``; None when it has set none."""
    mlflow = sys.modules.get("mlflow")
    if mlflow is None or not hasattr(mlflow, "is_tracking_uri_set") or not mlflow.is_tracking_uri_set():
        return None
    uri = str(mlflow.get_tracking_uri())
    try:
        return checked(uri)
    except ValueError:
        # A plugin's own kind of store.
        return uri


def _mlflow_uri(to: str) -> str | None:
    uri = mlflow_points_at()
    if to != AS_MLFLOW or uri is not None:
        return uri
    if os.environ.get("MLFLOW_TRACKING_URI"):
        return checked(os.environ["MLFLOW_TRACKING_URI"])
    if "mlflow" in sys.modules:
        return checked(str(sys.modules["mlflow"].get_tracking_uri()))
    raise ValueError(
        "to: 'mlflow' is where mlflow points at, but no tracking URI is set; call "
        "mlflow.set_tracking_uri(…), set MLFLOW_TRACKING_URI, or give the URI here"
    )


def _active_experiment() -> str:
    # `mlflow.set_experiment` says it to other processes in this way.
    name, number = os.environ.get("MLFLOW_EXPERIMENT_NAME"), os.environ.get("MLFLOW_EXPERIMENT_ID")
    if number:
        return BY_ID + number
    return name or ""


def _shown(uri: str) -> str:
    parts = urlsplit(uri)
    if not parts.password:
        return uri
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}@{host}" if parts.username else host))

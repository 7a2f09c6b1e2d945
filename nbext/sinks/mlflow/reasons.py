"""Why a store does not take traces, in one line, with what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import redact

if TYPE_CHECKING:
    from .target import Target

OLDEST = "3.6"

_STATUS = re.compile(
    r"error code (\d{3})|too many (\d{3}) error responses|\b([45]\d\d) (?:Client|Server) Error"
)
_LONGEST = 240
# What Databricks' SDK and MLflow say where nobody is logged in.
_NO_LOGIN = ("cannot configure default credentials", "credential configuration failed")
_THEN = "then %gateway_trace push"
_UNREACHABLE = (
    "Connection refused",
    "Max retries exceeded",
    "timed out",
    "Connection aborted",
    "Name or service not known",
)


def reason_of(error: BaseException | str, target: Target) -> tuple[str, bool]:
    """Say what is wrong.

    Parameters
    ----------
    error : exception or str
        What was raised, or what MLflow has logged.
    target : Target

    Returns
    -------
    (str, bool)
        The line, and whether the user has to do something before it can go on.
    """
    text = " ".join(str(error).split())
    status = _status(text)
    code = str(getattr(error, "error_code", "") or "")
    if isinstance(error, ImportError):
        missing = (error.name or "mlflow") == "mlflow"
        what = "MLflow is not installed" if missing else f"MLflow cannot be loaded: {_short(text)}"
        return f"{what}; pip install -U 'nbext[mlflow]', {_THEN}", True
    if status == 401 or code == "UNAUTHENTICATED" or any(words in text for words in _NO_LOGIN):
        code = " (401)" if status == 401 else ""
        return f"{target.uri} wants a login{code}; {_login(target)}, {_THEN}", True
    if status == 403 or code == "PERMISSION_DENIED":
        what = f"no permission to write to {target} (403); ask for it or choose another experiment"
        return f"{what}, {_THEN}", True
    return _of_text(text, status, target)


def _of_text(text: str, status: int | None, target: Target) -> tuple[str, bool]:
    if "experiment" in text.lower() and any(
        word in text for word in ("deleted", "No Experiment", "not found")
    ):
        return f"no such experiment: {_short(text)}; choose another with --experiment", True
    if "maintenance mode" in text:
        return f"MLflow no longer writes folders ({target.uri}); give a file: --to sqlite:///mlflow.db", True
    if "upported" in text and "URI" in text:
        return f"{target.uri} is no store MLflow knows; give its tracking URI with --to", True
    if status is not None and (status >= 500 or status == 429):
        return f"{target.uri} answered {status}; it is tried again by itself", False
    if any(word in text for word in _UNREACHABLE):
        return f"{target.uri} cannot be reached; it is tried again by itself", False
    return f"{target.uri}: {_short(text)}", False


def too_old(version: str) -> str:
    """Say that the installed MLflow is too old."""
    return f"MLflow {version} is too old to export to; pip install -U 'mlflow>={OLDEST}', {_THEN}"


def _status(text: str) -> int | None:
    found = _STATUS.search(text)
    return int(next(filter(None, found.groups()))) if found else None


def _login(target: Target) -> str:
    if target.uri.startswith("databricks"):
        return "log in with `databricks auth login` or set DATABRICKS_HOST and DATABRICKS_TOKEN"
    return "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"


def _short(text: str) -> str:
    text = redact.DEFAULT.text(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

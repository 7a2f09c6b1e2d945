"""What MLflow complains of, in one line with what to do."""

from __future__ import annotations

import re

from ...model import redact

OLDEST = "3.6"
_LONGEST = 240
# What Databricks' SDK and MLflow say where nobody is logged in.
_NO_LOGIN = ("cannot configure default credentials", "credential configuration failed")
_STATUS = re.compile(r"error code (\d{3})|\b(4\d\d|5\d\d)\b (?:Client|Server) Error")
_UNREACHABLE = ("Connection refused", "Max retries exceeded", "timed out", "Name or service not known")


class TraceStoreError(RuntimeError):
    """MLflow's traces could not be read; one line with the way out."""


def import_mlflow() -> object:
    """Import MLflow.

    Raises
    ------
    TraceStoreError
        There is none, or one that is too old.
    """
    try:
        import mlflow
    except ImportError:
        raise TraceStoreError("MLflow is not installed; pip install 'nbext[mlflow]'") from None
    if _numbers(mlflow.__version__) < _numbers(OLDEST):
        raise TraceStoreError(
            f"MLflow {mlflow.__version__} is too old; pip install -U 'mlflow>={OLDEST}', "
            "then restart the kernel"
        )
    return mlflow


def refused(error: BaseException, uri: str, what: str = "the traces") -> TraceStoreError:
    """Put MLflow's complaint in words that say what to do next."""
    text = redact.DEFAULT.text(" ".join(str(error).split()))
    found = _STATUS.search(text)
    status = int(found.group(1) or found.group(2)) if found else None
    code = str(getattr(error, "error_code", "") or "")
    if status == 401 or code == "UNAUTHENTICATED" or any(words in text for words in _NO_LOGIN):
        way = (
            "log in with `databricks auth login` or set DATABRICKS_HOST and DATABRICKS_TOKEN"
            if uri.startswith("databricks")
            else "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
        )
        return TraceStoreError(f"{uri} wants a login{' (401)' if status == 401 else ''}; {way}")
    if status == 403 or code == "PERMISSION_DENIED":
        return TraceStoreError(f"no permission to read {what} of {uri} (403); ask its owner for it")
    if any(word in text for word in _UNREACHABLE):
        return TraceStoreError(f"{uri} cannot be reached; is the server running, and is the URI right?")
    if "upported" in text and "URI" in text:
        return TraceStoreError(
            f"{uri} is no store MLflow knows; expected sqlite:///…, http://… or databricks"
        )
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return TraceStoreError(f"could not read {what} of {uri}: {short}")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])

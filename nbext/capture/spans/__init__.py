"""Application spans: what MLflow and OpenTelemetry record around the calls of a cell.

Nothing of either is imported here; where they are not loaded, nothing is done.
"""

from __future__ import annotations

from . import children, mlflow, otel, silence
from .calls import place

__all__ = ["begin", "end", "forget", "look_again", "place", "settle"]

settle = children.settle
forget = silence.forget


def begin() -> None:
    """Collect spans from here on; again when MLflow has been imported meanwhile."""
    mlflow.install()
    silence.begin()
    otel.watch_global()


def look_again() -> None:
    """See to it that the spans to come are collected: the user may have configured either meanwhile."""
    mlflow.install()
    otel.watch_global()


def end() -> None:
    """Leave MLflow as the user has it."""
    silence.end()
    mlflow.uninstall()

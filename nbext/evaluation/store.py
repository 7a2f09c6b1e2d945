"""The tracking store an evaluation is recorded in, for as long as it runs."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import settings
from ..kernel.session import session
from ..sinks.mlflow.target import BY_ID, Target, target_of
from ..sources.mlflow.errors import import_mlflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subjects import Subject

_EXPERIMENT = "nbext evaluations"
_FILE = "evaluations.db"


def target_for(subjects: list[Subject]) -> Target:
    """Give the store: that of the traces, else that of the options, else a file beside the journal."""
    for subject in subjects:
        if subject.place is None:
            continue
        stored = subject.place.capture.stored
        if stored is not None and stored.get("uri"):
            return Target(stored["shown"], "", stored["uri"])
        found = session.exports.target_of(subject.place.capture)
        if found is not None:
            return found
    options = settings.current()
    target = target_of(options.to, options.experiment)
    if target is not None:
        return target
    folder = Path(options.journal_folder).expanduser().absolute()
    folder = folder if folder.name == ".nbext" else folder / ".nbext"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    uri = f"sqlite:///{folder / _FILE}"
    return Target(uri, _EXPERIMENT, uri)


@contextlib.contextmanager
def pointed_at(target: Target) -> Iterator[Any]:
    """Have ``mlflow`` point at a store while this lasts, and then again where it did."""
    mlflow: Any = import_mlflow()
    uri = target.full_uri or target.uri
    before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
    moved = before != uri
    if moved:
        mlflow.set_tracking_uri(uri)
    try:
        yield mlflow
    finally:
        if moved:
            mlflow.set_tracking_uri(before or "")


@contextlib.contextmanager
def within(mlflow: Any, target: Target, traces: list[Any] | None) -> Iterator[None]:
    """Be in the experiment: that of the traces, by a run of its own; else the target's.

    A run the user has begun stays the one.
    """
    if mlflow.active_run() is not None:
        yield
        return
    if traces:
        with mlflow.start_run(experiment_id=traces[0].info.experiment_id):
            yield
        return
    before = os.environ.get("MLFLOW_EXPERIMENT_ID")
    name = target.experiment or _EXPERIMENT
    if target.uri.endswith(f"/{_FILE}") and mlflow.get_experiment_by_name(name) is None:
        # MLflow would keep files of it in the folder the notebook is in.
        folder = Path(target.uri.partition(":///")[2]).parent / "evaluations"
        mlflow.create_experiment(name, artifact_location=folder.as_uri())
    if name.startswith(BY_ID):
        mlflow.set_experiment(experiment_id=name.removeprefix(BY_ID))
    else:
        mlflow.set_experiment(name)
    try:
        with mlflow.start_run():
            yield
    finally:
        if before is not None and before != os.environ.get("MLFLOW_EXPERIMENT_ID"):
            with contextlib.suppress(Exception):
                # That store may not have it; then nothing was to be kept.
                mlflow.set_experiment(experiment_id=before)


def traces_of(mlflow: Any, subjects: list[Subject]) -> list[Any] | None:
    """Give the stored traces of all subjects, of one experiment; None where one is not there."""
    found = []
    for subject in subjects:
        if subject.place is None:
            return None
        trace = mlflow.get_trace(subject.place.stored_trace, silent=True)
        if trace is None or not trace.data.spans:
            return None
        found.append(trace)
    places = {trace.info.experiment_id for trace in found}
    return found if len(places) == 1 else None

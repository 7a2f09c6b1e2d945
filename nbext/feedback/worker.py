"""The process that stores what was said: ``python -m nbext.feedback.worker FILE``.

It works through a kernel's file for one tracking store, and ends when there is nothing left to do.
A judgement whose trace is not stored yet waits for it. Writing twice stores once: each carries its
own id, which is looked for first.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..sinks.mlflow.reasons import reason_of
from ..sinks.mlflow.target import Target
from ..sinks.mlflow.worker import lock
from .queue import FeedbackQueue

if TYPE_CHECKING:
    from .queue import Said

# How the kernel hands the place over: not in the arguments, which everyone on the machine can read.
VARIABLE = "NBEXT_FEEDBACK_TARGET"
ID = "nbext.feedback_id"

_POLL_SECONDS = 0.3
_IDLE_SECONDS = 30.0
_BACK_OFF = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
# Without a kernel that shows it there is an end to trying; the rest waits for the next push.
_ALONE_SECONDS = 120.0
_NOT_THERE = ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND")
_NEVER = ("INVALID_PARAMETER_VALUE", "BAD_REQUEST", "MALFORMED_REQUEST")
# Read by MLflow when it is imported: what fails fails soon, as we try again ourselves.
_ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


class Worker:
    """Stores what a kernel's file asks for.

    Parameters
    ----------
    queue : FeedbackQueue
    target : Target
    """

    def __init__(self, queue: FeedbackQueue, target: Target) -> None:
        self.queue = queue
        self.target = target
        self._mlflow: Any = None
        self._kernel = os.getppid()
        self._failures = 0

    def run(self) -> None:
        """Work until there is nothing left to do, or nothing can be done without the user."""
        since = time.monotonic()
        while True:
            self.queue.refresh()
            waiting = self.queue.waiting(self.target.uri)
            alone = os.getppid() != self._kernel
            quiet = time.monotonic() - since
            if (not waiting and (alone or quiet > _IDLE_SECONDS)) or (alone and quiet > _ALONE_SECONDS):
                return
            try:
                moved = sum(self._store_or_refuse(one) for one in waiting) > 0
                self._failures = 0
            except Exception as error:  # whatever it is, the user is told and nothing is lost
                why, stuck = reason_of(error, self.target)
                if self.queue.troubles.get(self.target.uri) != (why, stuck):
                    self.queue.trouble(self.target.uri, why, stuck=stuck)
                if stuck:
                    return
                moved = False
                self._failures += 1
            if moved:
                since = time.monotonic()
            elif self._failures:
                self._rest(_BACK_OFF[min(self._failures, len(_BACK_OFF)) - 1])
            else:
                time.sleep(_POLL_SECONDS)

    def _rest(self, seconds: float) -> None:
        """Wait, but no longer than until the user asks again."""
        end, nudges = time.monotonic() + seconds, self.queue.nudges
        while time.monotonic() < end:
            time.sleep(_POLL_SECONDS)
            self.queue.refresh()
            if self.queue.nudges != nudges:
                self._failures = 0
                return

    def _store_or_refuse(self, said: Said) -> bool:
        """Write one; one that the store will never take is put aside, so that the others go on."""
        try:
            return self._store(said)
        except Exception as error:
            if str(getattr(error, "error_code", "")) not in _NEVER:
                raise
            self.queue.failed(said.id, reason_of(error, self.target)[0])
            return True

    def _store(self, said: Said) -> bool:
        """Write one; False when its trace is not there yet."""
        mlflow = self._loaded()
        try:
            known = mlflow.get_trace(said.trace)
        except Exception as error:
            if str(getattr(error, "error_code", "")) not in _NOT_THERE:
                raise
            known = None
        if known is None:
            # What the store does not answer, MLflow tells as a trace that is not there.
            mlflow.MlflowClient().search_experiments(max_results=1)
            return False
        new = self._assessment(said)
        mine = [one for one in known.info.assessments or () if one.valid is not False and _same(one, new)]
        if any((one.metadata or {}).get(ID) == said.id for one in mine):
            pass
        elif mine and said.assessment.kind == "feedback":
            mlflow.update_assessment(said.trace, mine[-1].assessment_id, new)
        elif mine:
            mlflow.delete_assessment(said.trace, mine[-1].assessment_id)
            mlflow.log_assessment(said.trace, new)
        else:
            mlflow.log_assessment(said.trace, new)
        self.queue.stored(said.id)
        return True

    def _assessment(self, said: Said) -> Any:
        entities = sys.modules["mlflow.entities"]
        one = said.assessment
        shared = {
            "name": one.name,
            "value": one.value,
            "source": entities.AssessmentSource(source_type=one.source, source_id=one.source_id or "default"),
            "metadata": {ID: said.id},
            "span_id": said.span,
            "create_time_ms": (one.at_ns or time.time_ns()) // 1_000_000,
        }
        if one.kind == "expectation":
            return entities.Expectation(**shared)
        return entities.Feedback(**shared, rationale=one.rationale)

    def _loaded(self) -> Any:
        if self._mlflow is None:
            os.environ.update(_ENVIRONMENT)
            import mlflow
            import mlflow.entities

            mlflow.set_tracking_uri(self.target.full_uri or self.target.uri)
            self._mlflow = mlflow
        return self._mlflow


def _same(one: Any, new: Any) -> bool:
    def key(it: Any) -> tuple[Any, ...]:
        return it.name, it.source.source_type, it.source.source_id, it.span_id or None

    return key(one) == key(new)


def main() -> int:
    """Run the process."""
    given = json.loads(os.environ.pop(VARIABLE))
    target = Target(given["uri"], "", given["full_uri"])
    # The cell that runs goes first.
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    path = Path(sys.argv[1])
    # The kernel that was killed may have left a process at work on its file.
    held = lock(path.with_name(f"{path.name}-{target.key}"))
    if held is None:
        return 0
    try:
        Worker(FeedbackQueue(path), target).run()
    finally:
        os.close(held)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The kernel's side of storing what was said: starts the process, and sees what became of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from ..kernel.session import session
from .queue import SUFFIX, FeedbackQueue, Said
from .worker import VARIABLE

if TYPE_CHECKING:
    from ..model.assessment import Assessment
    from ..sinks.mlflow.target import Target
    from .place import Place

_POLL_SECONDS = 0.3
_RESTART_SECONDS = 5.0
_NO_PLACE = "Kept beside the journal; no tracking store is set. nbext.push(to=URI) takes it along."


class Post:
    """Sends what is said to tracking stores. There is one, `post`."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._queue: FeedbackQueue | None = None
        self._targets: dict[str, Target] = {}
        # By file and URI.
        self._workers: dict[tuple[Path, str], subprocess.Popen[bytes]] = {}
        self._started: dict[tuple[Path, str], float] = {}
        # Of earlier kernels of this folder.
        self._earlier: dict[Path, FeedbackQueue] = {}
        self._thread: threading.Thread | None = None
        # What was said, and is shown as waiting.
        self._shown: dict[str, tuple[Assessment, weakref.ref[object], str]] = {}

    def say(self, place: Place, made: list[Assessment]) -> str:
        """Have judgements stored; say in a sentence where they go."""
        target = self._target(place)
        with self._lock:
            queue = self._file()
            for one in made:
                one.queued = True
                said = Said(
                    one.id or "",
                    one,
                    place.capture.id,
                    place.span.id,
                    place.stored_trace,
                    place.stored_span,
                    None if target is None else target.uri,
                )
                queue.say(said)
                self._shown[said.id] = one, weakref.ref(place.capture), place.span.id
            if target is None:
                return _NO_PLACE
            self._to(target)
        return f"Goes to {target.uri}; until it is there it waits beside the journal."

    def send(self, target: Target | None = None) -> int:
        """Take up what waits, also what earlier kernels left, with a place for what had none; count it."""
        from ..sinks.mlflow.target import Target as Place

        with self._lock:
            self._look_for_earlier()
            count = 0
            for queue in self._queues():
                queue.refresh()
                if target is not None:
                    queue.send([one.id for one in queue.waiting() if one.to is None], target.uri)
                    self._targets[target.uri] = target
                    queue.refresh()
                for uri in {one.to for one in queue.items.values() if one.state != "stored" and one.to}:
                    queue.again(uri)
                queue.refresh()
                waiting = queue.waiting()
                count += len(waiting)
                for uri in {one.to for one in waiting if one.to is not None}:
                    self._to(self._targets.setdefault(uri, Place(uri, "")), queue=queue, force=True)
            return count

    def waiting(self) -> list[Said]:
        """Give what is still to be stored."""
        with self._lock:
            found = []
            for queue in self._queues():
                queue.refresh()
                found += queue.waiting()
            return found

    def wait(self, seconds: float) -> bool:
        """Wait until all that has a place is stored; False when that takes longer, or cannot be."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._lock:
                left = [one for one in self.waiting() if one.to is not None]
                stuck = {
                    uri for q in self._queues() for uri, (_, needs_user) in q.troubles.items() if needs_user
                }
                self._settle(self._file())
                if all(one.to in stuck for one in left):
                    return not left
                self._keep_working(stuck)
            time.sleep(0.1)
        return False

    def troubles(self) -> list[str]:
        """Say why something waits or failed."""
        with self._lock:
            told = []
            for queue in self._queues():
                queue.refresh()
                told += [why for why, _ in queue.troubles.values()]
                told += [one.why for one in queue.items.values() if one.state == "failed" and one.why]
            return list(dict.fromkeys(told))

    def close(self) -> None:
        """End the processes; what they have not stored stays waiting."""
        with self._lock:
            for worker in self._workers.values():
                if worker.poll() is None:
                    worker.terminate()
                    worker.wait(10)
            self._workers.clear()
            self._targets.clear()
            self._queue = None
            self._earlier.clear()
            self._shown.clear()

    # ── inside ────────────────────────────────────────────────────────────

    def _queues(self) -> list[FeedbackQueue]:
        return [self._file(), *self._earlier.values()]

    def _look_for_earlier(self) -> None:
        """Find what kernels that are gone have left in the folder of the journal."""
        own = self._file().path
        for path in sorted(own.parent.glob(f"*{SUFFIX}")):
            if path != own and path not in self._earlier and not _lives(path):
                self._earlier[path] = FeedbackQueue(path)

    def _file(self) -> FeedbackQueue:
        journal = session.journal
        path = None if journal is None else journal.path.with_suffix(SUFFIX)
        if self._queue is None or (path is not None and self._queue.path != path):
            if path is None:
                path = Path(tempfile.mkdtemp(prefix="nbext-feedback-")) / f"kernel{SUFFIX}"
            self._queue = FeedbackQueue(path)
        return self._queue

    def _target(self, place: Place) -> Target | None:
        from .. import settings
        from ..sinks.mlflow.target import Target, target_of

        stored = place.capture.stored
        if stored is not None:
            uri = stored.get("uri")
            return None if uri is None else Target(stored["shown"], "", uri)
        routed = session.exports.target_of(place.capture)
        if routed is not None:
            return routed
        options = settings.current()
        try:
            return target_of(options.to, options.experiment)
        except ValueError:
            return None

    def _to(self, target: Target, *, queue: FeedbackQueue | None = None, force: bool = False) -> None:
        self._targets[target.uri] = target
        queue = queue or self._file()
        key = queue.path, target.uri
        worker = self._workers.get(key)
        alive = worker is not None and worker.poll() is None
        rested = time.monotonic() - self._started.get(key, -_RESTART_SECONDS) >= _RESTART_SECONDS
        if not alive and (force or rested):
            self._started[key] = time.monotonic()
            self._workers[key] = _process(queue.path, target)
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="nbext-feedback", daemon=True)
            self._thread.start()

    def _keep_working(self, stuck: set[str]) -> None:
        """Have what earlier kernels left worked on, also when the process they left ends meanwhile."""
        for queue in self._earlier.values():
            for uri in {one.to for one in queue.waiting() if one.to in self._targets} - stuck:
                if uri is not None:
                    self._to(self._targets[uri], queue=queue)

    def _watch(self) -> None:
        while True:
            with self._lock:
                queue = self._file()
                queue.refresh()
                self._settle(queue)
                waiting = {one.to for one in queue.waiting() if one.to in self._targets}
                moving = {uri for uri in waiting if not queue.troubles.get(uri or "", ("", False))[1]}
                if not moving:
                    self._thread = None
                    return
                for uri in moving:
                    if uri is not None:
                        self._to(self._targets[uri])
            time.sleep(_POLL_SECONDS)

    def _settle(self, queue: FeedbackQueue) -> None:
        """Show what has arrived."""
        for one in list(queue.items.values()):
            if one.state == "waiting" or one.id not in self._shown:
                continue
            shown, held, span_id = self._shown.pop(one.id)
            shown.queued = False
            if one.state == "failed":
                shown.error = one.why
            capture = held()
            if capture is not None:
                from .show import refresh

                refresh(capture, span_id)  # type: ignore[arg-type]


def _process(path: Path, target: Target) -> subprocess.Popen[bytes]:
    environment = dict(os.environ)
    package = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [package, environment.get("PYTHONPATH")]))
    environment[VARIABLE] = json.dumps({"uri": target.uri, "full_uri": target.full_uri or target.uri})
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID"):
        environment.pop(name, None)
    # A session of its own: an interrupt of the cell is not for it, and it outlives the kernel.
    return subprocess.Popen(
        [sys.executable, "-m", "nbext.feedback.worker", str(path)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _lives(path: Path) -> bool:
    """Tell whether the kernel that wrote a file runs: its process id is in the name."""
    try:
        os.kill(int(path.stem.split("-")[2]), 0)
    except (IndexError, ValueError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True


post = Post()

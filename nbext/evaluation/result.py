"""What came of an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..model.assessment import find
from ..results.captured import Capture, Captures

if TYPE_CHECKING:
    import pandas as pd

    from .subjects import Subject


class Evaluation:
    """Judgements of traces or calls.

    Attributes
    ----------
    names : list of str
        Of the scorers.
    metrics : dict
        What MLflow made of all of them: ``{"safety/mean": 0.9}``.
    run_id : str
        MLflow's run.
    seconds : float
        How long it took.
    judges : Capture
        The calls that the judges made of their models.
    """

    def __init__(
        self,
        subjects: list[Subject],
        names: list[str],
        metrics: dict[str, float],
        run_id: str,
        seconds: float,
        *,
        judges: Capture,
    ) -> None:
        self._subjects = subjects
        self.names = names
        self.metrics = metrics
        self.run_id = run_id
        self.seconds = seconds
        self.judges = judges

    def __repr__(self) -> str:
        told = [f"{key} {value:.3g}" for key, value in self.metrics.items()]
        return (
            f"<Evaluation of {len(self._subjects):,}: {', '.join(told or self.names)}; {self.seconds:.1f} s>"
        )

    def __len__(self) -> int:
        return len(self._subjects)

    @property
    def captures(self) -> Captures:
        """What was judged, its judgements at the spans."""
        found: dict[str, Capture] = {}
        for subject in self._subjects:
            if subject.place is not None:
                found.setdefault(subject.place.capture.id, subject.place.capture)
        calls = [s.call for s in self._subjects if s.place is None and s.call is not None]
        if calls:
            of_table = Capture.of(Capture.of_calls(calls, id=calls[0].call_id[:16], name="evaluated"))
            found[of_table.id] = of_table
        return Captures(found.values())

    def df(self) -> pd.DataFrame:
        """Give a frame with one row per trace or call that was judged.

        Returns
        -------
        pandas.DataFrame
            ``trace_id``, ``call_id`` (NA for a trace of several calls), ``input``, ``output``, and of
            each scorer its value under its name, ``<name>_rationale`` and ``<name>_error``.
        """
        from ..frames import Column
        from ..frames.build import frame

        columns = [
            Column("trace_id", lambda s: s.place.span.trace_id if s.place else s.call.trace_id, "string"),
            Column("call_id", lambda s: None if s.call is None else s.call.call_id, "string"),
            Column("input", lambda s: _text(s.row["inputs"] if s.call is None else s.call.prompt), "string"),
            Column("output", lambda s: _text(s.row["outputs"]), "string"),
        ]
        for name in self._all_names():
            columns += [
                Column(name, _field(name, "value"), "object"),
                Column(f"{name}_rationale", _field(name, "rationale"), "string"),
                Column(f"{name}_error", _field(name, "error"), "string"),
            ]
        return frame(self._subjects, columns)

    def _all_names(self) -> list[str]:
        """Give the names of all judgements; a scorer may give several."""
        given = [
            one.name
            for subject in self._subjects
            for one in subject.assessments
            if one.kind == "feedback" and one.source != "HUMAN"
        ]
        return list(dict.fromkeys([*self.names, *given]))

    def show(self) -> None:
        """Draw what was judged, with its badges."""
        for capture in self.captures:
            capture.show()


def _field(name: str, field: str) -> Any:
    def get(subject: Subject) -> Any:
        one = find(subject.assessments, name)
        return None if one is None else getattr(one, field)

    return get


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    import json

    return json.dumps(value, ensure_ascii=False, default=str)

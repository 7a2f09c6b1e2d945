"""Runs an evaluation, and brings its results to the calls."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from .. import settings
from ..feedback.show import refresh, write
from ..kernel.session import session
from ..model.assessment import CODE, JUDGE, Assessment, put
from ..sources.mlflow.errors import import_mlflow
from ..sources.mlflow.judgements import judgement_of
from .asked import watched
from .judge import judge_of
from .result import Evaluation
from .scorers import asks_a_model, names_of, scorers_of
from .store import pointed_at, target_for, traces_of, within
from .subjects import subjects_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..sinks.mlflow.target import Target
    from .asked import JudgeCalls
    from .subjects import Subject

_ROW = "nbext.row"
_PUSH_SECONDS = 60.0


def evaluate(
    source: Any = None,
    *,
    scorers: Any,
    judge: Any = None,
    judge_model: str | None = None,
) -> Evaluation:
    """Judge what was captured, loaded or logged, by `mlflow.genai.evaluate`.

    Parameters
    ----------
    source : Capture, list, MlflowTraces, InferenceTable or Call, optional
        Left out: the last traced cell.
    scorers : scorer, str or list of these
        MLflow's scorers, or the names of its own: ``["Safety", "relevance_to_query", mine]``.
    judge : OpenAI client, Judge or str, optional
        Where judges that name no model of their own get their answers. A client gives address and
        key. Left out: the options ``judge_model`` and ``judge_url``, at last the gateway that was
        called, with the key in ``OPENAI_API_KEY`` or ``DATABRICKS_TOKEN``.
    judge_model : str, optional
        Model or endpoint of the judge.

    Returns
    -------
    Evaluation
        The judgements also stand at the calls, as badges in the view and as columns of the frames.

    Raises
    ------
    LookupError
        Nothing was traced.
    JudgeError
        There is no model to judge with.
    ValueError
        No such scorer.

    Examples
    --------
    >>> nbext.evaluate(
    ...     nbext.last, scorers=["Safety"], judge=client, judge_model="gpt-5"
    ... ).df()  # doctest: +SKIP
    """
    subjects = subjects_of(_last() if source is None else source)
    if not subjects:
        raise LookupError("there is nothing to judge: no traces and no calls")
    import_mlflow()
    chosen = scorers_of(scorers)
    asked = None
    if asks_a_model(chosen):
        options = settings.current()
        calls = [subject.call for subject in subjects if subject.call is not None]
        inner = calls or [c for s in subjects if s.place is not None for c in s.place.capture.calls]
        asked = judge_of(judge, model=judge_model or options.judge_model, url=options.judge_url, calls=inner)
    names = names_of(chosen)
    _announce(subjects, names, JUDGE if asked is not None else CODE)
    begun = time.monotonic()
    try:
        with watched() as asks, contextlib.nullcontext() if asked is None else asked.in_force():
            run_id, metrics = _run(subjects, chosen, target_for(subjects), asks)
    finally:
        _withdraw(subjects, names)
    seconds = time.monotonic() - begun
    return Evaluation(subjects, names, metrics, run_id, seconds, judges=asks.capture)


def _last() -> Any:
    if session.last is None:
        raise LookupError("nothing was traced yet; put %%gateway_trace at the top of a cell")
    return session.last


def _run(
    subjects: list[Subject], scorers: list[Any], target: Target, asks: JudgeCalls
) -> tuple[str, dict[str, float]]:
    if any(s.place is not None and session.exports.target_of(s.place.capture) is not None for s in subjects):
        # So that the judgements stand at the traces themselves.
        session.exports.push(None, None, _PUSH_SECONDS)
    with pointed_at(target) as mlflow, _without_display(mlflow):
        traces = traces_of(mlflow, subjects)
        rows: list[dict[str, Any]] = [subject.row for subject in subjects]
        for index, row in enumerate(rows):
            if traces is None:
                row["tags"] = {_ROW: str(index)}
            else:
                row["trace"] = traces[index]
        with within(mlflow, target, traces):
            result = mlflow.genai.evaluate(data=rows, scorers=scorers)
        stored = None if traces is None else [trace.info.trace_id for trace in traces]
        _take_in(subjects, result, stored, asks)
        return str(result.run_id), dict(result.metrics)


def _take_in(subjects: list[Subject], result: Any, stored: list[str] | None, asks: JudgeCalls) -> None:
    if result.result_df is None:
        raise RuntimeError(f"MLflow gave no results for run {result.run_id}; its log says why")
    for _, row in result.result_df.iterrows():
        if stored is not None:
            index = stored.index(row["trace_id"]) if row["trace_id"] in stored else None
        else:
            index = int((row["tags"] or {}).get(_ROW, -1))
        if index is None or not 0 <= index < len(subjects):
            continue
        for item in row["assessments"]:
            metadata = item.get("metadata") or {}
            if metadata.get("mlflow.assessment.sourceRunId") != result.run_id:
                continue
            one = judgement_of(item)
            if one is not None:
                one.judge = one.judge | _model(one) | _own_call(one, subjects[index], asks)
                _put(subjects[index], one)
    for subject in subjects:
        _shown(subject)


def _model(one: Assessment) -> dict[str, str]:
    if one.source != JUDGE or not one.source_id or ":/" not in one.source_id:
        return {}
    return {"model": one.source_id.partition(":/")[2]}


def _own_call(one: Assessment, subject: Subject, asks: JudgeCalls) -> dict[str, Any]:
    """Tell of the judge's own call: how long it took, and what it cost."""
    call = asks.of(one, subject) if one.source == JUDGE else None
    if call is None:
        return {}
    told = {
        "ms": None if call.duration_ms is None else round(call.duration_ms, 1),
        "usd": call.cost.usd,
    }
    return {key: value for key, value in told.items() if value is not None}


def _put(subject: Subject, one: Assessment) -> None:
    waiting = [a for a in subject.assessments if a.pending and a.name == one.name]
    for known in waiting:
        subject.assessments.remove(known)
    put(subject.assessments, one)


def _announce(subjects: list[Subject], names: list[str], source: str) -> None:
    """Show at each that a judge is at work."""
    for subject in subjects:
        for name in names:
            put(subject.assessments, Assessment(name, source=source, source_id=_PENDING, pending=True))
        _shown(subject, keep=False)


_PENDING = "nbext.pending"


def _withdraw(subjects: list[Subject], names: list[str]) -> None:
    """Take away what is still announced: that judge gave nothing."""
    for subject in subjects:
        left = [a for a in subject.assessments if a.pending and a.source_id == _PENDING and a.name in names]
        for known in left:
            subject.assessments.remove(known)
        if left:
            _shown(subject, keep=False)


def _shown(subject: Subject, *, keep: bool = True) -> None:
    if subject.place is None:
        return
    if keep:
        write(subject.place)
    refresh(subject.place.capture, subject.place.span.id)


@contextlib.contextmanager
def _without_display(mlflow: Any) -> Iterator[None]:
    """MLflow would draw the traces it makes under the cell, beside our view of them."""
    tracing = mlflow.tracing
    tracing.disable_notebook_display()
    try:
        yield
    finally:
        tracing.enable_notebook_display()

"""`nbext.mlflow_traces`: traces that MLflow stores, in the same view and frames as a traced cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, overload

from .. import settings
from ..kernel.prompts import prompt_dict
from ..kernel.session import session
from ..model.prompts import linked
from ..sources.mlflow import TraceQuery, TraceStore, TraceStoreError, TraceTable
from .captured import Capture, Captures
from .progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from ..frames import Column
    from ..model.span import Trace
    from ..sources.mlflow import StoredTrace

# What a view can show in one piece.
MOST_SHOWN = 200
_LIMIT = 1000


def mlflow_traces(
    source: Any = None,
    *,
    experiment: str | Sequence[str] | None = None,
    filter: str | None = None,  # noqa: A002  # MLflow's own word for it
    since: Any = None,
    ids: str | Sequence[str] | None = None,
    limit: int | None = _LIMIT,
    uri: str | None = None,
    engine: Any = None,
    warehouse: str | None = None,
    profile: str | None = None,
) -> MlflowTraces:
    """Load traces that MLflow stores, newest first.

    Parameters
    ----------
    source : str, Path or frame, optional
        A trace table of Unity Catalog (``main.llm.app_trace_unified``, ``main.llm.app_otel_spans``)
        or a copy of one as a path or frame. Left out: the tracking store.
    experiment : str or list of str, optional
        Name, path or id; or a Unity Catalog location, ``catalog.schema`` or
        ``catalog.schema.prefix``. Left out: the one set in the options or in ``mlflow``.
    filter : str, optional
        In MLflow's words: ``"trace.status = 'ERROR' AND tag.team = 'a'"``.
    since : str, datetime or timedelta, optional
        ``"24h"``, ``"2026-07-04"``, …
    ids : str or list of str, optional
        Trace ids; nothing else is looked at then.
    limit : int, optional
        Most traces read; None for all.
    uri : str, optional
        Tracking URI. Left out: that of the options, else where ``mlflow`` points at.
    engine, warehouse, profile
        Who reads the table `source`; see `nbext.inference_table`.

    Returns
    -------
    MlflowTraces
        A sequence of captures, one per trace; pages are read as they are looked at.

    Raises
    ------
    TraceStoreError
        MLflow is missing, the store does not answer, there is no such experiment or trace.
    ValueError
        `uri` is no tracking URI, `since` no moment.

    Examples
    --------
    >>> nbext.mlflow_traces(experiment="churn", since="24h").calls_df()  # doctest: +SKIP
    """
    since_ns = _since(since)
    options = settings.current()
    read: dict[str, Any] = {"prices": options.prices or None, "redactor": options.redactor()}
    if source is not None:
        if filter is not None or ids is not None or experiment is not None:
            raise TraceStoreError(
                "a trace table takes since= and limit=; filter=, ids= and experiment= are the store's"
            )
        from ..engines import choose

        runs = choose(source, engine=engine, warehouse=warehouse, profile=profile)
        table = TraceTable(runs, runs.relation(source), **read)
        return MlflowTraces(table.pages(since_ns=since_ns, limit=limit), table.relation.name)
    from ..sinks.mlflow.target import BY_ID, target_of

    named = experiment if isinstance(experiment, str) else None
    target = target_of(uri or options.to, named or options.experiment)
    if target is None:
        raise TraceStoreError(
            "no tracking store; call mlflow.set_tracking_uri(…), set the option `to`, or give uri="
        )
    store = TraceStore(target.full_uri or target.uri, shown=target.uri, **read)
    if ids is not None:
        wanted = [ids] if isinstance(ids, str) else list(ids)
        return MlflowTraces(store.by_id(wanted), f"{len(wanted)} traces of {target.uri}", store=store)
    names = [target.experiment] if experiment is None or isinstance(experiment, str) else list(experiment)
    places = tuple(_place(store, name.removeprefix(BY_ID)) for name in names)
    query = TraceQuery(places, filter, since_ns, limit)
    return MlflowTraces(
        store.pages(query), ", ".join(name.removeprefix(BY_ID) for name in names), store=store
    )


class MlflowTraces(Sequence[Capture]):
    """Traces that were stored elsewhere: a sequence of captures, one per trace, newest first.

    Pages are read as they are looked at: a loop sees the first trace after the first page, a length,
    a frame or a view needs all of them.

    Parameters
    ----------
    pages : iterator of list of StoredTrace
    title : str
        What they are, for the view and the progress line.
    store : TraceStore, optional
        The tracking store they are of; feedback goes there.
    """

    def __init__(
        self, pages: Iterator[list[StoredTrace]], title: str, *, store: TraceStore | None = None
    ) -> None:
        self.title = title
        self._store = store
        self._pages: Iterator[list[StoredTrace]] | None = pages
        self._captures = Captures()
        self._stored: list[StoredTrace] = []
        # A wrong name or URI is to be said here, and not at the first look.
        self._more()

    def __iter__(self) -> Iterator[Capture]:
        at = 0
        while at < len(self._captures) or self._more():
            yield self._captures[at]
            at += 1

    def __len__(self) -> int:
        self._all()
        return len(self._captures)

    @overload
    def __getitem__(self, at: int) -> Capture: ...
    @overload
    def __getitem__(self, at: slice) -> Captures: ...
    def __getitem__(self, at: int | slice) -> Capture | Captures:
        if isinstance(at, slice):
            self._all()
            return Captures(self._captures[at])
        while at >= len(self._captures) and self._more():
            pass
        if at < 0:
            self._all()
        return self._captures[at]

    def __repr__(self) -> str:
        more = " read, more may follow" if self._pages is not None else ""
        count = len(self._captures)
        return f"<MlflowTraces {self.title}: {count:,} trace{'s' * (count != 1)}{more}>"

    def captures(self) -> Captures:
        """Give all of them as a list."""
        return self._all()

    def traces(self) -> list[Trace]:
        """Give all of them as traces."""
        self._all()
        return [stored.trace for stored in self._stored]

    def stored(self) -> list[StoredTrace]:
        """Give what the store knows of each: id, name, state, tags, metadata, link."""
        self._all()
        return list(self._stored)

    # ── the view ──────────────────────────────────────────────────────────

    def capture(self, *, most: int = MOST_SHOWN) -> Capture:
        """Give the newest `most` of them as one capture, which shows, exports and compares as a cell does."""
        chosen = self[:most]
        if len(chosen) == 1:
            return chosen[0]
        title = self.title
        if len(self._captures) > most:
            title += f" (newest {most:,} of {len(self._captures):,})"
        calls = [call for one in chosen for call in one.calls]
        whole = Capture.of(
            Capture.of_calls(calls, id=(chosen[0].id if chosen else "0" * 16)[::-1], name=title)
        )
        whole.stored = _stored_in(self._store, self._stored[: len(chosen)])
        whole.app_spans = [span for one in chosen for span in one.app_spans]
        whole.start_ns = min((one.start_ns for one in chosen), default=0)
        whole.end_ns = max((one.end_ns or one.start_ns for one in chosen), default=whole.start_ns)
        session.know([whole])
        return whole

    def show(self, *, most: int = MOST_SHOWN) -> None:
        """Draw them here, the newest `most`; what is left out is said."""
        self.capture(most=most).show()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.capture()._repr_mimebundle_(include, exclude)

    def export(self, path: str | Path) -> Path:
        """Write them to one file, see `Capture.export`."""
        return self._all().export(path)

    # ── tables ────────────────────────────────────────────────────────────

    def df(self) -> pd.DataFrame:
        """Give a frame with one row per trace.

        Returns
        -------
        pandas.DataFrame
            ``trace_id`` (the store's), ``name``, ``state``, ``start_time``, ``duration_ms``,
            ``spans``, ``calls``, ``tokens``, ``experiment_id``, ``client_request_id``, ``tags`` and
            ``url``, MLflow's page of it.
        """
        from ..frames.build import frame
        from ..frames.columns import TRACES

        return frame(self.stored(), TRACES)

    def calls_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per model call, see `nbext.calls_df`."""
        return self._frame("calls_df", columns)

    def spans_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per span, see `nbext.spans_df`."""
        return self._frame("spans_df", columns)

    def messages_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per message, see `nbext.messages_df`."""
        return self._frame("messages_df", columns)

    def tool_calls_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per tool call, see `nbext.tool_calls_df`."""
        return self._frame("tool_calls_df", columns)

    def attempts_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per HTTP request that was stored, see `nbext.attempts_df`."""
        return self._frame("attempts_df", columns)

    def _frame(self, name: str, columns: Sequence[str | Column] | None) -> pd.DataFrame:
        from .. import api

        frame: pd.DataFrame = getattr(api, name)(self._all(), columns=columns)
        return frame

    # ── pages ─────────────────────────────────────────────────────────────

    def _more(self) -> bool:
        """Read a page; False when there is none."""
        if self._pages is None:
            return False
        page = next(self._pages, None)
        if page is None:
            self._pages = None
            return False
        captures = [_capture(stored, self._store) for stored in page]
        self._stored += page
        self._captures += captures
        session.know(captures)
        return True

    def _all(self) -> Captures:
        bar = progress_bar(self.title) if self._pages is not None else None
        try:
            while self._more():
                if bar is not None:
                    bar(len(self._captures), None)
        finally:
            if bar is not None:
                bar(len(self._captures), len(self._captures))
        return self._captures


def _capture(stored: StoredTrace, store: TraceStore | None) -> Capture:
    """Make a capture of one trace; its id is the beginning of the trace's, the same at each load."""
    trace = stored.trace
    calls = [span.call for span in trace.spans if span.call is not None]
    capture = Capture.of(
        Capture.of_calls(
            calls, id=trace.trace_id[:16], name=stored.metadata.get("nbext.capture_name") or stored.name
        )
    )
    # Those around a call too: name, place and attributes are theirs.
    capture.app_spans = list(trace.spans)
    capture.start_ns, capture.end_ns = stored.start_ns, stored.end_ns
    capture.url = stored.url
    capture.prompts = _prompts(stored, store)
    capture.stored = _stored_in(store, [stored])
    for call in calls:
        call.capture_id = capture.id
        call.prompts = linked(capture.prompts, call.messages)
    return capture


def _prompts(stored: StoredTrace, store: TraceStore | None) -> list[dict[str, Any]]:
    """Give the prompts a trace names, with their templates and the version before."""
    found = []
    for one in stored.prompts if store is not None else ():
        name, version = one["name"], one["version"]
        prompt = store.prompt(name, version) if store is not None else None
        if prompt is not None and store is not None:
            earlier = int(version) - 1 if version.isdecimal() else 0
            found.append(prompt_dict(prompt, store.prompt(name, str(earlier)) if earlier else None))
    return found


def _stored_in(store: TraceStore | None, traces: Sequence[StoredTrace]) -> dict[str, Any]:
    ids = {one.trace.trace_id: one.id for one in traces}
    return {"traces": ids} if store is None else {"uri": store.uri, "shown": store.shown, "traces": ids}


def _place(store: TraceStore, name: str) -> str:
    # A location of Unity Catalog is taken as it is; an experiment's path begins with a slash.
    if name.count(".") in (1, 2) and "/" not in name and " " not in name:
        try:
            return store.experiment_id(name)
        except TraceStoreError:
            if store.uri.startswith("databricks"):
                return name
            raise
    return store.experiment_id(name)


def _since(given: Any) -> int | None:
    from ..sources.inference_table.flavour import TableError
    from ..sources.inference_table.times import moment_of

    if given is None:
        return None
    try:
        return int(moment_of(given, datetime.now(timezone.utc)).timestamp() * 1e9)
    except TableError as error:
        raise ValueError(f"since={error}") from None

"""`nbext.mlflow_traces`: traces that MLflow stores, in the same view and frames as a traced cell."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .. import settings
from ..sources.mlflow import TraceQuery, TraceStore, TraceStoreError, TraceTable
from .mlflow_traces import MlflowTraces

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        title = f"{len(wanted)} trace{'s' * (len(wanted) != 1)} of {target.uri}"
        return MlflowTraces(store.by_id(wanted), title, store=store)
    names = [target.experiment] if experiment is None or isinstance(experiment, str) else list(experiment)
    places = tuple(_place(store, name.removeprefix(BY_ID)) for name in names)
    query = TraceQuery(places, filter, since_ns, limit)
    return MlflowTraces(
        store.pages(query), ", ".join(name.removeprefix(BY_ID) for name in names), store=store
    )


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

"""Traces out of a tracking store by MLflow's public client, a page at a time."""

from __future__ import annotations

import difflib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...model.mlflow_pages import trace_url
from .errors import TraceStoreError, import_mlflow, refused
from .stored import stored_trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...model.redact import Redactor
    from .stored import StoredTrace

# Spans come with the page; a store takes about a second for as many.
PAGE = 100
_MOST_NAMES = 200
_MOST_PLACES = 1000


@dataclass(slots=True)
class _Data:
    """The spans of a trace, as its artifact holds them."""

    spans: list[dict[str, Any]]


def _needs_own_uri(error: Exception) -> bool:
    return "mlflow-artifacts" in str(error)


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """Which traces are wanted.

    ``locations`` are experiment ids, or ``catalog.schema[.prefix]`` of Unity Catalog; ``filter`` is
    in MLflow's words; ``since_ns`` is ns since the epoch; ``limit`` counts traces, newest first.
    """

    locations: tuple[str, ...]
    filter: str | None = None
    since_ns: int | None = None
    limit: int | None = None

    @property
    def filter_string(self) -> str | None:
        """The filter as MLflow takes it."""
        parts = [self.filter] if self.filter else []
        if self.since_ns is not None:
            parts.append(f"trace.timestamp_ms >= {self.since_ns // 1_000_000}")
        return " AND ".join(parts) or None


class TraceStore:
    """A tracking store, for reading.

    Parameters
    ----------
    uri : str
        Tracking URI.
    shown : str, optional
        The same without a password.

    Raises
    ------
    TraceStoreError
        MLflow is missing, too old, or knows no such store.
    """

    def __init__(
        self,
        uri: str,
        *,
        shown: str | None = None,
        prices: Mapping[str, Any] | None = None,
        redactor: Redactor | None = None,
    ) -> None:
        mlflow: Any = import_mlflow()
        self.uri = uri
        self.shown = shown or uri
        self._prices = prices
        self._redactor = redactor
        # Prompts by name and version; they do not change.
        self._prompts: dict[tuple[str, str], Any] = {}
        registry = "databricks-uc" if uri.startswith("databricks") else uri
        try:
            self._client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=registry)
        except Exception as error:
            raise refused(error, self.shown) from None

    def experiment_id(self, name: str) -> str:
        """Give the id of an experiment named by its name, its path or its id.

        Raises
        ------
        TraceStoreError
            There is none of that name; says which there are.
        """
        try:
            found = self._client.get_experiment_by_name(name)
            if found is None and name.isdecimal():
                found = self._client.get_experiment(name)
        except Exception as error:
            if str(getattr(error, "error_code", "")) != "RESOURCE_DOES_NOT_EXIST":
                raise refused(error, self.shown, f"experiment {name!r}") from None
            found = None
        if found is None:
            raise TraceStoreError(f"no experiment {name!r} at {self.shown}; {self._suggest(name)}")
        return str(found.experiment_id)

    def prompt(self, name: str, version: str) -> Any:
        """Give a version of a prompt; None when the registry does not have it."""
        key = name, version
        if key not in self._prompts:
            try:
                self._prompts[key] = self._client.load_prompt(name, version=version, allow_missing=True)
            except Exception:
                # The trace is shown without it.
                self._prompts[key] = None
        return self._prompts[key]

    def pages(self, query: TraceQuery) -> Iterator[list[StoredTrace]]:
        """Give the traces, newest first, as the pages come.

        Raises
        ------
        TraceStoreError
            The store does not answer, or does not take the filter.
        """
        token, left = None, query.limit
        while left is None or left > 0:
            try:
                page = self._page(query, PAGE if left is None else min(PAGE, left), token)
            except Exception as error:
                raise self._refused(error, query) from None
            if page:
                yield [self._read(trace.info, trace.data.spans) for trace in page]
            token = page.token
            left = None if left is None else left - len(page)
            if not token:
                return

    def by_id(self, ids: Sequence[str]) -> Iterator[list[StoredTrace]]:
        """Give the traces of these ids, in their order.

        Raises
        ------
        TraceStoreError
            There is none of an id.
        """
        for given in ids:
            trace_id = given if given.startswith(("tr-", "trace:/")) or len(given) != 32 else f"tr-{given}"
            try:
                trace = self._trace(trace_id)
            except TraceStoreError:
                raise
            except Exception as error:
                if str(getattr(error, "error_code", "")) in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"):
                    raise self._missing(trace_id) from None
                raise refused(error, self.shown, f"trace {trace_id}") from None
            yield [self._read(trace.info, trace.data.spans)]

    def _page(self, query: TraceQuery, count: int, token: str | None) -> Any:
        asked = {
            "locations": list(query.locations),
            "filter_string": query.filter_string,
            "max_results": count,
            "order_by": ["timestamp_ms DESC"],
            "page_token": token,
        }
        try:
            return self._client.search_traces(**asked, include_spans=True)
        except Exception as error:
            if not _needs_own_uri(error):
                raise
        page = self._client.search_traces(**asked, include_spans=False)
        for trace in page:
            trace.data = self._data(trace.info)
        return page

    def _trace(self, trace_id: str) -> Any:
        try:
            # Without `display` MLflow draws each trace that is fetched in a notebook.
            return self._client.get_trace(trace_id, display=False)
        except Exception as error:
            if not _needs_own_uri(error):
                raise
        # The head of a single trace is only to be had by a search, and that wants to know where.
        places = [one.experiment_id for one in self._client.search_experiments(max_results=_MOST_PLACES)]
        found = self._client.search_traces(
            locations=places, filter_string=f"trace.request_id = '{trace_id}'", include_spans=False
        )
        if not found:
            raise self._missing(trace_id)
        found[0].data = self._data(found[0].info)
        return found[0]

    def _data(self, info: Any) -> Any:
        """Fetch the spans of a trace whose artifact only its own server gives out.

        MLflow's client looks for that server where ``mlflow`` points at, which may be elsewhere.
        """
        if info.tags.get("mlflow.trace.spansLocation") == "TRACKING_STORE":
            return self._client.get_trace(info.trace_id, display=False).data
        from mlflow.artifacts import download_artifacts

        place = f"{info.tags['mlflow.artifactLocation']}/traces.json"
        with tempfile.TemporaryDirectory(prefix="nbext-") as folder:
            file = download_artifacts(artifact_uri=place, dst_path=folder, tracking_uri=self.uri)
            data = json.loads(Path(file).read_text("utf-8"))
        return _Data(data.get("spans") or [])

    def _refused(self, error: Exception, query: TraceQuery) -> TraceStoreError:
        if query.filter and str(getattr(error, "error_code", "")) == "INVALID_PARAMETER_VALUE":
            text = " ".join(str(error).split())[:240]
            return TraceStoreError(
                f"filter={query.filter!r} is none MLflow takes: {text}; expected e.g. "
                "\"trace.status = 'ERROR' AND tag.team = 'a'\""
            )
        return refused(error, self.shown)

    def _read(self, info: Any, spans: Sequence[Any]) -> StoredTrace:
        told = {
            "trace_id": info.trace_id,
            "request_time": info.request_time,
            "state": getattr(info.state, "value", info.state),
            "tags": info.tags,
            "trace_metadata": info.trace_metadata,
            "client_request_id": info.client_request_id,
            "experiment_id": info.experiment_id,
            "assessments": [one.to_dictionary() for one in info.assessments or ()],
        }
        items = [span if isinstance(span, dict) else span.to_dict() for span in spans]
        found = stored_trace(told, items, prices=self._prices, redactor=self._redactor)
        found.url = trace_url(self.shown, found.experiment_id, found.id)
        return found

    def _missing(self, trace_id: str) -> TraceStoreError:
        return TraceStoreError(
            f"no trace {trace_id} at {self.shown}; is the id right, and is it this store (uri=)?"
        )

    def _suggest(self, name: str) -> str:
        try:
            known = [one.name for one in self._client.search_experiments(max_results=_MOST_NAMES)]
        except Exception:
            # The first complaint is the one that counts.
            return "check its name"
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        if close:
            return f"did you mean {close[0]!r}?"
        return f"there are {', '.join(map(repr, known[:10]))}" if known else "there are none"

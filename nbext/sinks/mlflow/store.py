"""Writes traces to a tracking store by MLflow's public tracing API, under ids and times of our own.

Only for a process that does nothing else: it sets MLflow's and OpenTelemetry's tracing up for itself.
``MLFLOW_USE_DEFAULT_TRACER_PROVIDER=false`` makes MLflow record with the global tracer provider
(https://mlflow.org/docs/latest/genai/tracing/app-instrumentation/opentelemetry, since 3.6), and that
provider's `id_generator` decides which ids spans get. The same ids each time: the store takes a
trace that it has already as the same one.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from ...model.mlflow_pages import trace_url
from .reasons import OLDEST, too_old
from .target import BY_ID

if TYPE_CHECKING:
    from .spans import OutSpan, OutTrace
    from .target import Target

# Read by MLflow when it is imported. Many small requests one after the other become few; nothing is
# dropped for want of room; what fails fails soon, as we try again ourselves.
ENVIRONMENT = {
    "MLFLOW_USE_DEFAULT_TRACER_PROVIDER": "false",
    "MLFLOW_ENABLE_ASYNC_TRACE_LOGGING": "true",
    "MLFLOW_ASYNC_TRACE_LOGGING_MAX_QUEUE_SIZE": "100000",
    "MLFLOW_ASYNC_TRACE_LOGGING_MAX_WORKERS": "4",
    "MLFLOW_ASYNC_TRACE_LOGGING_RETRY_TIMEOUT": "5",
    "MLFLOW_ASYNC_TRACE_LOGGING_MAX_SPAN_BATCH_SIZE": "500",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_TRACE_SAMPLING_RATIO": "1.0",
    "MLFLOW_ENABLE_OTLP_EXPORTER": "false",
}
# Would send traces elsewhere, or tie them to what the user's process does.
UNSET = (
    "MLFLOW_EXPERIMENT_ID",
    "MLFLOW_EXPERIMENT_NAME",
    "MLFLOW_RUN_ID",
    "MLFLOW_TRACING_DESTINATION",
    "MLFLOW_TRACE_TIMEOUT_SECONDS",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_SDK_DISABLED",
    "OTEL_TRACES_SAMPLER",
)
# OpenTelemetry drops spans that end while 2,048 others wait to be written.
_MOST_WAITING = 1000


class Refused(Exception):  # noqa: N818  # said to the user as it stands
    """The store or the MLflow installed here cannot be used; says why and what to do."""


class Store:
    """A tracking store, open for writing.

    Raises
    ------
    Refused
        The MLflow installed here is too old.
    Exception
        What MLflow raises when the store cannot be reached, does not know us or has no such experiment.
    """

    def __init__(self, target: Target) -> None:
        os.environ.update(ENVIRONMENT)
        for name in UNSET:
            os.environ.pop(name, None)
        import mlflow

        if _version(mlflow.__version__) < _version(OLDEST):
            raise Refused(too_old(mlflow.__version__))
        self._mlflow: Any = mlflow
        self._log = _Log()
        logging.getLogger("mlflow").addHandler(self._log)
        logging.getLogger("mlflow.tracing").setLevel(logging.DEBUG)
        mlflow.set_tracking_uri(target.full_uri or target.uri)
        self._shown = target.uri
        self._client = mlflow.MlflowClient()
        self._open_experiment(target.experiment)
        self._ids, self._last = _take_over_ids(mlflow)
        # `trace:/<where>/` where an experiment keeps its traces in Unity Catalog; known after the first.
        self._prefix = "tr-"
        self._waiting = 0

    @property
    def complaint(self) -> str | None:
        """What MLflow last said about a failure to write, in its own words."""
        return self._log.last

    def check(self) -> None:
        """Raise what MLflow raises when the store cannot be used at present."""
        self._client.get_experiment(self._experiment_id)

    def write(self, trace: OutTrace) -> None:
        """Hand a trace over to MLflow; `flush` waits until it has tried to store it."""
        live: dict[str, Any] = {}
        for span in trace.spans:
            self._ids.trace_id, self._ids.span_id = int(trace.trace_id, 16), int(span.id, 16)
            if span.parent_id is None:
                live[span.id] = self._begin(span, trace)
            else:
                live[span.id] = self._begin(span, None, live[span.parent_id])
        # Children first: MLflow stores a trace when its root ends.
        for span in reversed(trace.spans):
            self._end(live[span.id], span)
            self._waiting += 1
            if self._waiting >= _MOST_WAITING:
                self.flush()

    def flush(self) -> None:
        """Wait until MLflow has tried to store what was written."""
        self._log.last = None
        self._mlflow.flush_trace_async_logging()
        self._waiting = 0

    def stored(self, trace_id: str) -> int:
        """Count the spans of a trace in the store; 0 if it has no such trace, or not yet the whole.

        Raises
        ------
        Exception
            What MLflow raises when the store cannot be read.
        """
        try:
            trace = self._client.get_trace(self._prefix + trace_id, display=False)
        except self._mlflow.MlflowException as error:
            if str(error.error_code) in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND") or "not found" in str(error):
                return 0
            raise
        if trace is None or trace.info.state.value in ("IN_PROGRESS", "STATE_UNSPECIFIED"):
            return 0
        return len(trace.data.spans)

    def page_of(self, trace_id: str) -> str | None:
        """Give the address at which MLflow shows a trace; None where it has no pages."""
        return trace_url(self._shown, self._experiment_id, self._prefix + trace_id)

    def _open_experiment(self, name: str) -> None:
        if name.startswith(BY_ID):
            experiment = self._mlflow.set_experiment(experiment_id=name.removeprefix(BY_ID))
        else:
            experiment = self._mlflow.set_experiment(name)
        self._experiment_id = experiment.experiment_id

    def _begin(self, span: OutSpan, trace: OutTrace | None, parent: Any = None) -> Any:
        mlflow = self._mlflow
        live = mlflow.start_span_no_context(
            span.name,
            span_type=span.type,
            parent_span=parent,
            inputs=span.inputs,
            attributes=span.attributes,
            start_time_ns=span.start_ns,
            **self._links(span),
        )
        if trace is not None:
            self._prefix = live.trace_id[:-32]
            self._describe(trace)
        for name, at_ns, attributes in span.events:
            live.add_event(mlflow.entities.SpanEvent(name, at_ns, _flat(attributes)))
        return live

    def _links(self, span: OutSpan) -> dict[str, Any]:
        # Since MLflow 3.13.
        link: Any = getattr(self._mlflow.entities, "Link", None)
        if link is None or not span.links:
            return {}
        return {
            "links": [
                link(f"tr-{one['trace_id']}", one["span_id"], one.get("attributes") or None)
                for one in span.links
            ]
        }

    def _describe(self, trace: OutTrace) -> None:
        """Set what belongs to the whole trace, while its root is the active span."""
        from opentelemetry import trace as otel

        with otel.use_span(self._last.span, end_on_exit=False):
            self._mlflow.update_current_trace(
                tags=trace.tags, metadata=trace.metadata, client_request_id=trace.client_request_id
            )

    def _end(self, live: Any, span: OutSpan) -> None:
        entities = self._mlflow.entities
        code = entities.SpanStatusCode.ERROR if span.failed else entities.SpanStatusCode.OK
        live.end(
            outputs=span.outputs,
            status=entities.SpanStatus(code, span.message if span.failed else ""),
            end_time_ns=span.end_ns,
        )


class _Log(logging.Handler):
    """Remembers what MLflow last complained of: its exporter tells of failures in its log only."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.last: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it if it tells of a failure."""
        text = record.getMessage()
        if "ailed to" in text:
            self.last = text


def _take_over_ids(mlflow: Any) -> tuple[Any, Any]:
    """Have spans get the ids we want; give what decides them, and what sees each span begin."""
    from opentelemetry import trace as otel
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.sdk.trace.id_generator import IdGenerator

    class Ids(IdGenerator):
        trace_id = span_id = 1

        def generate_trace_id(self) -> int:
            return self.trace_id

        def generate_span_id(self) -> int:
            return self.span_id

    class Last(SpanProcessor):
        span: Any = None

        def on_start(self, span: Any, parent_context: Any = None) -> None:
            self.span = span

    # Off and on again: MLflow then sets its tracer provider up, which it otherwise does at the first span.
    mlflow.tracing.disable()
    mlflow.tracing.enable()
    provider: Any = otel.get_tracer_provider()
    ids, last = Ids(), Last()
    provider.id_generator = ids
    provider.add_span_processor(last)
    return ids, last


def _flat(attributes: dict[str, Any]) -> dict[str, Any]:
    """Give attributes of an event as OpenTelemetry takes them."""
    return {
        key: value if isinstance(value, (str, int, float, bool)) else repr(value)
        for key, value in attributes.items()
        if value is not None
    }


def _version(text: str) -> tuple[int, int]:
    major, minor, *_ = [*text.split("."), "0"]
    return int(major), int("".join(filter(str.isdigit, minor)) or 0)

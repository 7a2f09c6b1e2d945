"""Inference tables as the user holds them: the verbs that ask, and the results in frames and in the view."""

from __future__ import annotations

import copy
import hashlib
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import settings
from ..engines import choose
from ..kernel.session import session
from ..model.capture import Capture as ModelCapture
from ..sources.inference_table import InferenceTable as Asked
from ..sources.inference_table import TableError
from ..sources.inference_table.asked import how_many
from ..sources.inference_table.said import said
from .captured import Capture
from .paged import frame_of_calls
from .progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from ..frames import Column
    from ..model.call import Call
    from ..model.span import Trace
    from ..sources.inference_table.billing import Rates
    from ..sources.inference_table.query import Window
    from ..sources.inference_table.rows import Row
    from .overview import Overview

# What a view can show in one piece; more is asked for with the verbs.
MOST_SHOWN = 1000
_DRAIN_SECONDS = 5.0


class InferenceTable(Asked):
    """What a gateway logged, asked where it lies; `nbext.inference_table` makes one.

    Every verb gives a new table; nothing is read before a result is asked for.
    """

    # What was billed, by the hour; see `with_billing`.
    rates: Rates | None = None

    # ── the view ──────────────────────────────────────────────────────────

    def captures(self) -> list[Capture]:
        """Read the calls as a capture, which shows, exports and compares as a traced cell does.

        Returns
        -------
        list of Capture
            One, named after the table.
        """
        return [self._capture(self.traces(), self.relation.name)]

    def show(self, *, most: int = MOST_SHOWN) -> None:
        """Draw the calls here, the newest `most` of them; what was left out is said."""
        most = how_many(most, "show")
        traces = self.limit(most + 1).traces()
        name = self.relation.name
        if len(traces) > most:
            traces = traces[-most:]
            name += f" (newest {most:,}; narrow it with .since, .where, .sample …)"
        self._capture(traces, name).show()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        text = repr(self)
        head, _, sql = text.partition("\n")
        style = "margin:4px 0;white-space:pre-wrap;font-size:12px"
        html = f'<div><code>{escape(head)}</code><pre style="{style}">{escape(sql)}</pre></div>'
        return {"text/plain": text, "text/html": html}

    def _capture(self, traces: list[Trace], name: str) -> Capture:
        calls = [trace.spans[0].call for trace in traces if trace.spans[0].call is not None]
        # The same rows give the same capture: what is saved does not change by being read again.
        key = hashlib.md5("".join(call.call_id for call in calls).encode(), usedforsecurity=False)
        capture = Capture.of(ModelCapture.of_calls(calls, id=key.hexdigest()[:16], name=name))
        capture.app_spans = [span for trace in traces for span in trace.spans[1:]]
        ends = [span.end_ns or span.start_ns for trace in traces for span in trace.spans]
        capture.end_ns = max(ends, default=capture.start_ns)
        for call in calls:
            call.capture_id = capture.id
        session.know([capture])
        return capture

    # ── beside it ─────────────────────────────────────────────────────────

    @said
    def with_usage(self, tables: Any = None) -> InferenceTable:
        """Put the gateway's usage tables beside it: tokens, caller tags, entity names, its own attempts.

        A table that may not be read is left out; `usage.missing` says which grant it takes.

        Parameters
        ----------
        tables : mapping, str or Path, optional
            By name (``endpoint_usage``, ``served_entities``; ``gateway_usage``) what to read, as
            `nbext.inference_table` takes it; or a folder that holds Delta tables of these names.
            Left out: the system tables of Unity Catalog.

        Raises
        ------
        TableError
            What was given are no usage tables.
        """
        from ..sources.inference_table.usage import beside, usage_of

        return beside(self, usage_of(self.engine, self.flavour, tables))

    @said
    def with_billing(self, tables: Any = None) -> InferenceTable:
        """Share out what Databricks billed each endpoint and hour among its calls, by tokens.

        Costs of calls in such an hour then have the basis ``allocated``; the others keep theirs.

        Parameters
        ----------
        tables : mapping, optional
            What to read as ``usage`` and ``list_prices``, as `nbext.inference_table` takes sources.
            Left out: the tables of ``system.billing``. If they may not be read, `rates.missing`
            says so and costs stay as they were; it also says what is not in the bill.

        Raises
        ------
        TableError
            What was given are no billing tables.
        """
        from ..sources.inference_table.billing import rates_of

        made = copy.copy(self)
        made.rates = rates_of(self, tables)
        return made

    def call_of(self, row: Row) -> Call:
        """Build the call of a row, with its share of the bill if there is one."""
        call = super().call_of(row)
        if self.rates is not None:
            self.rates.share_out([call])
        return call

    def overview(self, *, days: float | None = None, since: Any = None, billing: Any = None) -> Overview:
        """Count requests, errors, durations, tokens and cost: over time, and by who or what.

        Parameters
        ----------
        days : float, optional
            How far back. Left out, and with no other window: a week.
        since : str, timedelta, date or datetime, optional
            As in `since`.
        billing : True or mapping, optional
            Share out what Databricks billed among the calls, by tokens. True: the system tables;
            a mapping names ``usage`` and ``list_prices``.

        Returns
        -------
        Overview
            As the last line of a cell it draws itself; its frames are ``over_time``,
            ``by_endpoint``, ``by_entity``, ``by_requester``, ``by_tag`` and ``totals``.

        Raises
        ------
        TableError
            `days`, `since` or `billing` is none of these.
        """
        from ..sources.inference_table.billing import rates_of, sources_of
        from ..sources.inference_table.overview.numbers import numbers_of
        from .overview import Overview

        if days is not None and since is not None:
            raise TableError(f"overview(days={days!r}, since={since!r}): give one of the two")
        rates: Rates | Callable[[Window], Rates] | None = self.rates
        if billing is not None and billing is not False:
            # Which window is shown is known later: a table at rest is shown up to its end.
            rates = partial(rates_of, self, sources_of(None if billing is True else billing))
        numbers = numbers_of(self, days=days, since=since, rates=rates)
        return Overview(self, numbers, days=days, since=since, billing=billing)

    # ── tables ────────────────────────────────────────────────────────────

    def calls_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per logged request, by start; see `nbext.calls_df`.

        Memory holds the frame and a batch of rows. Columns of your own are computed of whole
        calls, which takes longer.
        """
        from ..frames.arrow import declared, frame_of_parts
        from ..frames.column import pick
        from ..frames.columns import CALLS
        from ..sources.inference_table.parts import of_all_parts
        from . import accessor

        chosen = pick(CALLS, columns, "calls")
        # What a usage table counted is put into whole calls.
        if declared(chosen) and self.usage is None and self.rates is None:
            frame = of_all_parts(self, lambda parts: frame_of_parts(parts, chosen))
        else:
            frame = frame_of_calls(self, "calls_df", columns)
        accessor.register()
        return frame

    def spans_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per span: logged requests, and spans of the agents that answered."""
        from .. import api

        return api.spans_df(self.traces(), columns=columns)

    def messages_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per message sent or answered, see `nbext.messages_df`."""
        return frame_of_calls(self, "messages_df", columns)

    def tool_calls_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per tool call a model asked for, see `nbext.tool_calls_df`."""
        return frame_of_calls(self, "tool_calls_df", columns, at_once=True)

    def attempts_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per logged request as an attempt, see `nbext.attempts_df`."""
        return frame_of_calls(self, "attempts_df", columns)


def _at_home(source: str | Path) -> str | Path:
    """Give a path that begins with ``~`` as the shell would, and a name without the blanks around it."""
    if isinstance(source, str):
        source = source.strip() or source
    return Path(source).expanduser() if str(source).startswith("~/") else source


def inference_table(
    source: Any = None,
    *,
    endpoint: str | None = None,
    engine: Any = None,
    warehouse: str | None = None,
    profile: str | None = None,
) -> InferenceTable:
    """Give an inference table, to be asked with verbs and read as calls, traces and frames.

    Parameters
    ----------
    source : str, Path or frame, optional
        ``catalog.schema.table``, a path to a Delta table or Parquet files, or a frame of pandas,
        Arrow, Polars or Spark.
    endpoint : str, optional
        A serving endpoint, whose table the workspace knows. Beside a `source`: the endpoint whose
        calls that table holds.
    engine : {"duckdb", "spark", "warehouse"}, SparkSession or connection, optional
        Who runs the SQL. Left out: DuckDB for paths and frames; for names the notebook's Spark
        session, else a SQL warehouse.
    warehouse : str, optional
        Id of a SQL warehouse. Left out: ``DATABRICKS_WAREHOUSE_ID``.
    profile : str, optional
        Of the Databricks configuration file.

    Raises
    ------
    TableError
        Neither source nor endpoint, or the columns are those of no inference table.
    EngineError
        There is no such table, it may not be read, or nothing here can read it.

    Examples
    --------
    >>> nbext.inference_table("main.llm.demo_payload").since("24h").errors().calls_df()  # doctest: +SKIP
    """
    if endpoint is not None and not (isinstance(endpoint, str) and endpoint.strip()):
        raise TableError(f"inference_table(endpoint={endpoint!r}): expected the name of a serving endpoint")
    if source is None:
        if endpoint is None:
            raise TableError(
                "inference_table(): expected a table's name, a path or a frame, or endpoint='name'"
            )
        from ..sources.inference_table.endpoint import payload_table

        source = payload_table(endpoint, profile=profile)
    if isinstance(source, (str, Path)):
        source = _at_home(source)
        # The table may be the one this kernel appends its own calls to.
        session.writer.drain(_DRAIN_SECONDS)
    runs = choose(source, engine=engine, warehouse=warehouse, profile=profile)
    options = settings.current()
    return InferenceTable(
        runs,
        runs.relation(source),
        endpoint=endpoint,
        prices=options.prices or None,
        redactor=options.redactor(),
        progress=progress_bar,
    )

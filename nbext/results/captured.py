"""A capture as the user holds it: the recorded calls, with the verbs to show, tabulate and export them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import settings
from ..model.capture import Capture as ModelCapture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    import pandas as pd

    from ..frames import Column
    from ..model.assessment import Assessment
    from .joined import Joined
    from .views import View

EXPORTS = (".html", ".json", ".jsonl", ".otlp.json")


class Capture(ModelCapture):
    """All that was traced in one execution of a cell, or one ``with nbext.trace():``.

    As the last line of a cell it draws itself; in a terminal it is a tree of text.

    Examples
    --------
    >>> capture = Capture(id="00f067aa0ba902b7", start_ns=0, name="try")
    >>> capture
    <Capture 'try': no calls, running>
    """

    @classmethod
    def of(cls, capture: ModelCapture) -> Capture:
        """Give a capture that was read from somewhere the verbs of this class."""
        if isinstance(capture, cls):
            return capture
        own = cls.__new__(cls)
        own.__dict__.update(capture.__dict__)
        return own

    def __repr__(self) -> str:
        return f"<Capture {self.summary()}>"

    def summary(self) -> str:
        """Say in one line what is in it."""
        where = " ".join(
            [repr(self.name)] * bool(self.name) + [f"cell {self.cell}"] * (self.cell is not None)
        )
        calls = self.calls
        bad = sum(call.status not in ("ok", "running") for call in calls)
        facts = [f"{len(calls)} call{'s' * (len(calls) != 1)}" if calls else "no calls"]
        if bad:
            facts.append(f"{bad} not ok")
        if self.running:
            facts.append("running")
        elif self.end_ns is not None:
            facts.append(f"{(self.end_ns - self.start_ns) / 1e9:.2f} s")
        return f"{where or self.id}: {', '.join(facts)}"

    # ── showing ───────────────────────────────────────────────────────────

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from ..display.bundle import mime_bundle

        return mime_bundle(self, max_bytes=settings.current().max_output_bytes)

    def show(self) -> View:
        """Draw it here: the view in a notebook, the text tree elsewhere.

        Returns
        -------
        View
            Tells what is selected in it, and selects.
        """
        from ..display.hosts import host
        from ..display.text import text_tree
        from .views import View

        if host().name not in ("terminal", "python"):
            from ..display.view import show_capture

            show_capture(self, max_bytes=settings.current().max_output_bytes)
        else:
            print(text_tree(self, width=settings.current().text_width))  # it is the output
        return View(self, shown=True)

    def to_html(self, path: str | Path) -> Path:
        """Write one self-contained page, readable and interactive without kernel or network.

        Returns
        -------
        pathlib.Path
            Where it was written.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        from ..sinks.html import to_html

        return to_html(self, Path(path).expanduser())

    def export(self, path: str | Path) -> Path:
        """Write it to a file: ``.html`` (a page), ``.json`` or ``.jsonl`` (for `nbext.open`), ``.otlp.json``.

        The last is OTLP/JSON with OpenTelemetry's conventions for generative AI, as Jaeger and
        wigglystuff's TraceView read it.

        Raises
        ------
        ValueError
            The name ends in something else.
        OSError
            The file cannot be written.
        """
        return export([self], path)

    def to_delta(self, path: str | Path) -> Path:
        """Append its finished calls to a local Delta table in the shape of an inference table.

        `nbext.inference_table` reads it with the same verbs as the gateway's own.

        Parameters
        ----------
        path : str or Path
            Folder of the table, made if it is not there.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        ImportError
            deltalake is missing.
        DeltaError
            The folder holds something else, or cannot be written.
        """
        from ..sinks.delta import to_delta

        return to_delta([self], path)

    def join(self, table: Any, wait: str | timedelta | float | None = None, *, traces: Any = None) -> Joined:
        """Look for what the gateway logged of its calls; see `nbext.join`.

        Parameters
        ----------
        table : InferenceTable, str, Path, frame or list of these
            As `nbext.inference_table` takes it; several where the calls are logged in several.
        wait : str, timedelta or number of seconds, optional
            Look again for so long: ``"10m"``.
        traces : str, optional
            The gateway's unified trace table.
        """
        from .joined import join

        return join(self, table, wait=wait, traces=traces)

    # ── judging ───────────────────────────────────────────────────────────

    def feedback(
        self,
        value: bool | float | str | None = None,
        *,
        score: float | None = None,
        comment: str | None = None,
        expected: Any = None,
        name: str | None = None,
        user: str | None = None,
    ) -> list[Assessment]:
        """Say what the result is worth, of each trace as a whole; see `Call.feedback`.

        Raises
        ------
        ValueError
            Nothing was said.
        LookupError
            Nothing was traced.
        """
        from ..feedback import feedback_on_capture

        return feedback_on_capture(
            self, value, score=score, comment=comment, expected=expected, name=name, user=user
        )

    # ── tables ────────────────────────────────────────────────────────────

    def calls_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per model call, see `nbext.calls_df`."""
        from .. import api

        return api.calls_df(self, columns=columns)

    def spans_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per span, see `nbext.spans_df`."""
        from .. import api

        return api.spans_df(self, columns=columns)

    def messages_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per message, see `nbext.messages_df`."""
        from .. import api

        return api.messages_df(self, columns=columns)

    def tool_calls_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per tool call, see `nbext.tool_calls_df`."""
        from .. import api

        return api.tool_calls_df(self, columns=columns)

    def attempts_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per HTTP request, see `nbext.attempts_df`."""
        from .. import api

        return api.attempts_df(self, columns=columns)


class Captures(list[Capture]):
    """Several captures, oldest first: a list that says what is in it."""

    def __repr__(self) -> str:
        head = f"{len(self)} capture{'s' * (len(self) != 1)}"
        return "\n".join([head, *(f"  {capture.id}  {capture.summary()}" for capture in self)])

    def export(self, path: str | Path) -> Path:
        """Write them to one file, see `Capture.export`."""
        return export(self, path)


def export(captures: Sequence[Capture], path: str | Path) -> Path:
    """Write captures to the kind of file its name asks for.

    Raises
    ------
    ValueError
        The name ends in none of ``.html``, ``.json``, ``.jsonl``, ``.otlp.json``.
    OSError
        The file cannot be written.
    """
    target = Path(path).expanduser()
    if target.suffix not in EXPORTS:
        import difflib

        close = difflib.get_close_matches(target.suffix, EXPORTS, n=1, cutoff=0.4)
        hint = f"; did you mean {target.with_suffix(close[0])}?" if close else ""
        raise ValueError(f"cannot export to {target}: the name must end in {', '.join(EXPORTS)}{hint}")
    if target.suffix == ".html":
        from ..sinks.html import to_html

        to_html(captures, target)
    elif target.name.endswith(".otlp.json"):
        from ..sinks import otlp

        otlp.write(captures, target)
    else:
        from ..sinks import jsonfile

        jsonfile.write(captures, target)
    return target

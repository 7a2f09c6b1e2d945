"""`nbext.compare`: two runs beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import settings
from ..kernel.session import new_capture_id, session
from .sides import side

if TYPE_CHECKING:
    import pandas as pd

    from ..display.compare.diff import DiffNode
    from .captured import Capture

_MARKS = {"same": "=", "changed": "~", "added": "+", "removed": "−"}


def compare(a: Any = None, b: Any = None) -> Comparison:
    """Compare two runs: what was added, removed and changed, and what it did to time, tokens and cost.

    Parameters
    ----------
    a, b : Capture, Trace, Call, list of these, path, optional
        The earlier and the later run, from this kernel or from a file. Both left out: the last
        traced cell or block, and the execution of it before. One given: it is the later run, and
        compared with the execution before.

    Returns
    -------
    Comparison
        As the last line of a cell it draws itself; `Comparison.df` is the same as a frame.

    Raises
    ------
    LookupError
        There is nothing to compare with.
    TypeError
        One of them is nothing that holds calls.
    """
    if a is not None and b is not None:
        return Comparison(side(a), side(b))
    given = b if a is None else a
    later = session.last if given is None else side(given)
    if later is None:
        raise LookupError("nothing was traced yet; put %%gateway_trace at the top of a cell and run it twice")
    earlier = session.previous(later)
    if earlier is None:
        raise LookupError(
            f"{later.summary().partition(':')[0]} was traced only once: "
            "run it again, or name both: nbext.compare(a, b)"
        )
    return Comparison(earlier, later)


class Comparison:
    """Two runs, aligned span by span.

    Parameters
    ----------
    a, b : Capture
        The earlier and the later one.
    """

    def __init__(self, a: Capture, b: Capture) -> None:
        self.a = a
        self.b = b
        self._aligned: tuple[Any, Any, list[DiffNode]] | None = None

    def __repr__(self) -> str:
        from ..display.compare.static import counts_of

        left, right = self.labels
        return f"<Comparison {left} → {right}: {counts_of(self._nodes)}>"

    @property
    def labels(self) -> tuple[str, str]:
        """What the two are called: ``run 2`` and ``run 3``, else by name, cell or id."""
        left, right = _label(self.a, self.b), _label(self.b, self.a)
        if left == right:
            return f"{left} ({self.a.id[:6]})", f"{right} ({self.b.id[:6]})"
        return left, right

    def _wires(self) -> tuple[Any, Any, list[DiffNode]]:
        if self._aligned is None or self.a.running or self.b.running:
            from ..display.compare.diff import diff_wires
            from ..display.wire import whole_wire

            a, b = whole_wire(self.a), whole_wire(self.b)
            self._aligned = a, b, diff_wires(a, b)
        return self._aligned

    @property
    def _nodes(self) -> list[DiffNode]:
        return self._wires()[2]

    def df(self) -> pd.DataFrame:
        """Give a frame with one row per aligned pair of spans, parents before children.

        Returns
        -------
        pandas.DataFrame
            ``change`` is ``~`` (changed), ``+`` (only in b), ``−`` (only in a) or ``=``; ``what``
            says what changed. Of ``duration_ms``, ``ttft_ms``, ``input_tokens``,
            ``output_tokens`` and ``cost_usd`` there are three columns each: ``_a``, ``_b`` and
            ``_delta`` (b minus a). ``span_id_a`` and ``span_id_b`` lead to the spans.
        """
        from ..frames import Column
        from ..frames.build import frame

        columns = [
            Column("change", lambda node: _MARKS[node.mark], "category", categories=tuple(_MARKS.values())),
            Column("name", lambda node: _either(node)["name"], "string"),
            Column("type", lambda node: _either(node)["type"], "category"),
            Column("depth", "depth", "Int64"),
            Column("what", lambda node: ", ".join(node.words), "string"),
            *[Column(f"span_id_{side}", f"{side}.span.id", "string") for side in "ab"],
            *[Column(f"status_{side}", _status(side), "category") for side in "ab"],
            *[Column(f"model_{side}", f"{side}.span.call.model", "category") for side in "ab"],
            *[column for name, path, dtype in _MEASURES for column in _three(name, path, dtype)],
        ]
        return frame(self._nodes, columns)

    def _texts(self, max_bytes: int) -> tuple[str, str]:
        from ..display.compare.static import compare_html, compare_text

        a, b, order = self._wires()
        width = settings.current().text_width
        return (
            compare_html(a, b, self.labels, order, max_bytes=max_bytes // 5),
            compare_text(a, b, self.labels, order, width=width),
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from ..display.compare.payload import compare_payload
        from ..display.payload import living, pack_payload, payload_bundle

        most = settings.current().max_output_bytes
        a, b, _ = self._wires()
        html, text = self._texts(most)
        payload = compare_payload(a, b, self.labels, most - len(html.encode()) - len(text.encode()) - 500)
        stored = pack_payload(payload)
        return payload_bundle(stored, html=html, text=text, widget=living(stored))

    def show(self) -> None:
        """Draw it here: the view in a notebook, a text elsewhere."""
        from ..display.hosts import host
        from ..display.publish import publish

        bundle = self._repr_mimebundle_()
        # A name of its own: shown again, it is another output.
        publish(bundle, host=host(), display_id=f"nbext-{new_capture_id()}", update=False)

    def to_html(self, path: str | Path) -> Path:
        """Write one self-contained page; `nbext.open` reads both captures back.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        from ..display.compare.payload import compare_payload
        from ..sinks.html import payload_to_html

        a, b, _ = self._wires()
        html, _text = self._texts(10_000_000)
        title = " → ".join(self.labels)
        payload = compare_payload(a, b, self.labels)
        target = Path(path).expanduser()
        return payload_to_html(payload, target, html=html, title=title, captures=[self.a, self.b])


# Name, place in a wire span, dtype.
_MEASURES = (
    ("duration_ms", "ms", "Float64"),
    ("ttft_ms", "call.first", "Float64"),
    ("input_tokens", "call.tokens.in", "Int64"),
    ("output_tokens", "call.tokens.out", "Int64"),
    ("cost_usd", "call.cost.usd", "Float64"),
)


def _three(name: str, path: str, dtype: str) -> list[Any]:
    from ..frames import Column
    from ..frames.column import follow

    steps = path.split(".")

    def value(node: DiffNode, side: str) -> Any:
        own = getattr(node, side)
        return None if own is None else follow(own.span, steps)

    def delta(node: DiffNode) -> Any:
        a, b = value(node, "a"), value(node, "b")
        return None if a is None or b is None else b - a

    return [
        Column(f"{name}_a", lambda node: value(node, "a"), dtype),
        Column(f"{name}_b", lambda node: value(node, "b"), dtype),
        Column(f"{name}_delta", delta, dtype),
    ]


def _either(node: DiffNode) -> dict[str, Any]:
    own = node.b or node.a
    return {} if own is None else own.span


def _status(side: str) -> Any:
    from ..display.tree import status_of

    def status(node: DiffNode) -> str | None:
        own = getattr(node, side)
        return None if own is None else status_of(own.span)

    return status


def _label(own: Capture, other: Capture) -> str:
    if own.run is not None and other.run is not None and own.keys & other.keys:
        return f"run {own.run}"
    if own.name:
        return own.name
    return f"cell {own.cell}" if own.cell is not None else own.id[:8]

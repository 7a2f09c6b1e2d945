"""nbext: see what an LLM gateway did, right under the notebook cell that called it.

In a notebook: ``%load_ext nbext``, then ``%%gateway_trace`` at the top of a cell. In Python:
``with nbext.trace() as capture:``. Importing this package imports nothing heavy; every name
below is fetched on use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .model import verbs

if TYPE_CHECKING:
    from . import frames as frames
    from . import gateway as gateway
    from .api import attempts_df as attempts_df
    from .api import calls_df as calls_df
    from .api import configure as configure
    from .api import messages_df as messages_df
    from .api import open as open  # noqa: A004
    from .api import spans_df as spans_df
    from .api import tool_calls_df as tool_calls_df
    from .evaluation import Evaluation as Evaluation
    from .evaluation import evaluate as evaluate
    from .frames import Column as Column
    from .kernel.block import trace as trace
    from .kernel.exports import PushResult as PushResult
    from .kernel.exports import push as push
    from .model.call import Call as Call
    from .model.span import Span as Span
    from .model.span import Trace as Trace
    from .results.captured import Capture as Capture
    from .results.captured import Captures
    from .results.comparison import Comparison as Comparison
    from .results.comparison import compare as compare
    from .results.inference import InferenceTable as InferenceTable
    from .results.inference import inference_table as inference_table
    from .results.joined import Joined as Joined
    from .results.joined import join as join
    from .results.loaded import mlflow_traces as mlflow_traces
    from .results.mlflow_traces import MlflowTraces as MlflowTraces
    from .results.overview import Overview as Overview
    from .results.views import View as View
    from .results.views import view as view

    last: Capture | None
    captures: Captures
    __version__: str

# Where each public name is found.
_NAMES = {
    "trace": ".kernel.block",
    "open": ".api",
    "configure": ".api",
    "calls_df": ".api",
    "spans_df": ".api",
    "messages_df": ".api",
    "tool_calls_df": ".api",
    "attempts_df": ".api",
    "Capture": ".results.captured",
    "Call": ".model.call",
    "Span": ".model.span",
    "Trace": ".model.span",
    "Column": ".frames",
    "inference_table": ".results.inference",
    "compare": ".results.comparison",
    "Comparison": ".results.comparison",
    "view": ".results.views",
    "View": ".results.views",
    "push": ".kernel.exports",
    "PushResult": ".kernel.exports",
    "InferenceTable": ".results.inference",
    "mlflow_traces": ".results.loaded",
    "evaluate": ".evaluation",
    "Evaluation": ".evaluation",
    "MlflowTraces": ".results.mlflow_traces",
    "Overview": ".results.overview",
    "join": ".results.joined",
    "Joined": ".results.joined",
}
_MODULES = ("frames", "gateway")
# What calls can do that takes more than the model of a call.
verbs.register("replay", "nbext.kernel.replay", "replay")
verbs.register("feedback", "nbext.feedback", "feedback")
verbs.register("ask feedback", "nbext.feedback", "ask")
verbs.register("ask replay", "nbext.kernel.asks", "replay")
verbs.register("ask replay_stop", "nbext.kernel.asks", "replay_stop")

# Read anew each time: they change with every traced cell.
_LIVE = ("last", "captures")

__all__ = [  # noqa: PLE0604  # the table above is the list
    "__version__",
    *_NAMES,
    *_LIVE,
    *_MODULES,
    "load_ipython_extension",
    "unload_ipython_extension",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(import_module(_NAMES[name], __name__), name)
    elif name in _LIVE:
        return getattr(import_module(".kernel.session", __name__).session, name)
    elif name in _MODULES:
        value = import_module(f".{name}", __name__)
    elif name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            value = version("nbext")
        except PackageNotFoundError:
            value = "0+unknown"
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{_hint(name)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def _hint(name: str) -> str:
    if name.startswith("_"):
        return ""
    from difflib import get_close_matches

    close = get_close_matches(name, __all__, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def load_ipython_extension(shell: Any) -> None:
    """Add ``%gateway_trace`` and ``%%gateway_trace``: what ``%load_ext nbext`` calls."""
    from .magics import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics out again: what ``%unload_ext nbext`` calls."""
    from .magics import unload

    unload(shell)

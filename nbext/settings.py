"""Every option of nbext, documented once: the traits of `GatewayTrace`.

Set them in the notebook (``%config GatewayTrace.live = False`` or ``nbext.configure(live=False)``)
or for good in ``ipython_config.py`` (``c.GatewayTrace.live = False``). ``%config GatewayTrace``
prints this list.
"""

from __future__ import annotations

import difflib
import os
import re
from typing import TYPE_CHECKING, Any

from traitlets import Any as AnyTrait
from traitlets import Bool, Dict, Int, List, TraitError, Unicode, validate
from traitlets.config import Configurable
from traitlets.config.loader import LazyConfigValue

from .capture.headers import request_filter, response_filter
from .capture.match import PATHS, Matcher
from .capture.recording import RecordingOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .model.redact import Redactor

# Headers that carry credentials are not kept, whoever asks for them.
_CREDENTIALS = re.compile(
    r"auth|cookie|api-?key|secret|password|signature|(^|-)token$|access-token", re.IGNORECASE
)

PRICE_KEYS = ("input", "output", "cached", "cache_write")


class GatewayTrace(Configurable):
    """Options of the gateway trace."""

    paths = List(
        Unicode(),
        default_value=list(PATHS),
        help="Endings of the URL paths that are model calls; `*` stands for the rest of a segment. "
        "Everything else is left alone.",
    ).tag(config=True)
    hosts = List(
        Unicode(),
        help="Hosts whose model calls are traced, with `*` as wildcard. Empty: any host.",
    ).tag(config=True)
    headers = List(
        Unicode(),
        help="Names of further request and response headers to keep beside the built-in list. "
        "Headers that carry credentials are refused.",
    ).tag(config=True)
    propagate = Bool(
        True, help="Add a W3C `traceparent` header to calls that have none, so that the gateway's log joins."
    ).tag(config=True)
    journal = Bool(True, help="Write every finished call to the journal, a file of JSON lines.").tag(
        config=True
    )
    journal_folder = Unicode(
        ".nbext",
        help="Folder of the journal, relative to the folder the kernel runs in; one file per kernel.",
    ).tag(config=True)
    delta = Unicode(
        help="Folder of a Delta table in the shape of an inference table, to which every finished capture is "
        "appended; `nbext.inference_table` reads it. Empty: none.",
    ).tag(config=True)
    to = Unicode(
        help="Tracking URI of MLflow where all traces are stored, `mlflow` for where `mlflow` points at, "
        "`off` for nowhere. Empty: where `mlflow` points at, once your code has set a tracking URI there.",
    ).tag(config=True)
    experiment = Unicode(
        help="Name or path of the MLflow experiment. Empty: the one set in `mlflow`, else `Default`.",
    ).tag(config=True)
    judge_model = Unicode(
        help="Model or endpoint behind your gateway that judges answers in `nbext.evaluate` and `--judge`.",
    ).tag(config=True)
    judge_url = Unicode(
        help="Base URL of the gateway the judge is asked at, OpenAI-compatible. Empty: OPENAI_BASE_URL, else "
        "the gateway that was called. The key is read from OPENAI_API_KEY or DATABRICKS_TOKEN.",
    ).tag(config=True)
    live = Bool(True, help="Draw the view while the cell runs. Off: once, when it has ended.").tag(
        config=True
    )
    max_output_bytes = Int(
        1_000_000,
        min=10_000,
        help="Size of a saved output, in bytes. What does not fit is cut, and the view says so.",
    ).tag(config=True)
    prices = Dict(
        help="Your prices in US$ per million tokens, by endpoint or model: "
        '{"support-ft": {"input": 0.5, "output": 1.5, "cached": 0.1}}. They go before public prices.',
    ).tag(config=True)
    redact = Bool(True, help="Mask keys and tokens of known shapes in everything shown or written.").tag(
        config=True
    )
    redact_patterns = List(
        Unicode(), help="Further regular expressions to mask, beside the known shapes of keys."
    ).tag(config=True)
    redact_hook = AnyTrait(
        None,
        allow_none=True,
        help="A function of your own, from text to text, run after the built-in masking.",
    ).tag(config=True)
    keep = Int(200, min=1, help="Captures kept in memory; older ones are only in the journal.").tag(
        config=True
    )
    text_width = Int(100, min=40, help="Width of the text form, in characters.").tag(config=True)

    @validate("headers")
    def _no_credentials(self, proposal: Any) -> list[str]:
        names = [name.strip().lower() for name in proposal["value"]]
        for name in names:
            if _CREDENTIALS.search(name):
                raise TraitError(f"headers: {name!r} may carry a credential and is never kept")
        return names

    @validate("to")
    def _to_is_a_store(self, proposal: Any) -> str:
        from .sinks.mlflow.target import check

        try:
            check(proposal["value"])
        except ValueError as error:
            raise TraitError(str(error)) from None
        return str(proposal["value"])

    @validate("delta")
    def _delta_is_a_folder(self, proposal: Any) -> str:
        from .sinks.delta import DeltaError, folder_of

        try:
            if proposal["value"]:
                folder_of(proposal["value"])
        except DeltaError as error:
            raise TraitError(f"delta: {error}") from None
        return str(proposal["value"])

    @validate("redact_patterns")
    def _patterns_compile(self, proposal: Any) -> list[str]:
        for pattern in proposal["value"]:
            _compile(pattern)
        return list(proposal["value"])

    @validate("redact_hook")
    def _hook_is_callable(self, proposal: Any) -> Any:
        hook = proposal["value"]
        if hook is not None and not callable(hook):
            raise TraitError(f"redact_hook: expected a function from text to text or None, got {hook!r}")
        return hook

    @validate("prices")
    def _prices_are_prices(self, proposal: Any) -> dict[str, dict[str, float]]:
        table = {}
        for name, price in proposal["value"].items():
            if not isinstance(name, str) or not isinstance(price, dict):
                raise TraitError(
                    f"prices: {name!r}: expected a dict like {{'input': 0.5, 'output': 1.5}}, got {price!r}"
                )
            for key, usd in price.items():
                if key not in PRICE_KEYS:
                    raise TraitError(f"prices: {name!r}: {_unknown(str(key), PRICE_KEYS, 'price')}")
                if isinstance(usd, bool) or not isinstance(usd, (int, float)) or not usd >= 0:
                    raise TraitError(f"prices: {name!r}: {key} is US$ per million tokens, got {usd!r}")
            table[name] = dict(price)
        return table

    @validate("paths")
    def _paths_match_something(self, proposal: Any) -> list[str]:
        if not proposal["value"]:
            raise TraitError(
                "paths: [] would trace no call at all; give at least one ending, like '/chat/completions'"
            )
        for path in proposal["value"]:
            if not path.startswith(("/", ":")):
                raise TraitError(f"paths: {path!r} is no ending of a URL path; it begins with '/' or ':'")
        return list(proposal["value"])

    @classmethod
    def option_names(cls) -> list[str]:
        """Names of all options, in the order they are documented."""
        return [name for name in vars(cls) if name in cls.class_traits(config=True)]

    def set(self, options: Mapping[str, Any]) -> None:
        """Set several options at once: all of them, or none.

        Raises
        ------
        ValueError
            A name that is no option (with the nearest one), or a value that does not fit.
        """
        known = self.option_names()
        for name in options:
            if name not in known:
                raise ValueError(_unknown(name, known, "setting"))
        before = {name: getattr(self, name) for name in options}
        try:
            for name, value in options.items():
                # `c.GatewayTrace.paths.append("/x")` comes as a recipe on top of the present value.
                given = value.get_value(before[name]) if isinstance(value, LazyConfigValue) else value
                self._assign(name, given)
        except ValueError:
            for name, value in before.items():
                setattr(self, name, value)
            raise

    def _assign(self, name: str, value: Any) -> None:
        try:
            setattr(self, name, os.fspath(value) if isinstance(value, os.PathLike) else value)
        except TraitError as error:
            text = str(error)
            if not text.startswith(f"{name}:"):
                text = f"{name}: expected {self.traits()[name].info()}, got {value!r}"
            raise ValueError(" ".join(text.split())) from None

    # traitlets only warns of a name it does not know, and would re-apply older values of the
    # configuration on every change; here a name is refused, and only what is given is set.

    def update_config(self, config: Any) -> None:
        """Apply ``%config GatewayTrace.name = value``."""
        self.set(dict(config.get(type(self).__name__, {})))

    def _load_config(self, cfg: Any, section_names: Any = None, traits: Any = None) -> None:
        self.set(dict(cfg.get(type(self).__name__, {})))

    # ── what the parts of nbext need of it ────────────────────────────────

    def recording_options(self, *, tags: Mapping[str, str], request_id: bool) -> RecordingOptions:
        """Give what a recording needs to know."""
        return RecordingOptions(
            matcher=Matcher(tuple(self.paths), tuple(self.hosts)),
            request_headers=request_filter(self.headers),
            response_headers=response_filter(self.headers),
            propagate=self.propagate,
            tags=dict(tags),
            request_id=request_id,
        )

    def redactor(self) -> Redactor:
        """Give the masking of keys that these options ask for."""
        from .model.redact import Redactor

        return Redactor(enabled=self.redact, extra=tuple(self.redact_patterns), hook=self.redact_hook)


def _compile(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise TraitError(f"redact_patterns: {pattern!r} is no regular expression: {error}") from None


class _Kernel:
    """The options in force: one object per process, see `magics.tie` for the shell."""

    options: GatewayTrace | None = None


def current() -> GatewayTrace:
    """Give the options in force."""
    if _Kernel.options is None:
        _Kernel.options = GatewayTrace()
    return _Kernel.options


def _unknown(name: str, known: Iterable[str], what: str) -> str:
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"no {what} {name!r}; " + (
        f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
    )

"""Every setting of the stand-in, with what is known and not known of the real gateway behind it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any, Literal

StreamForm = Literal["completion", "chunks", "sse", "mixed"]
_STREAM_FORMS = ("completion", "chunks", "sse", "mixed")
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Options:
    """How the stand-in behaves. Those marked *unverified* are forms of which no public record was found.

    Parameters
    ----------
    speed : float
        How much faster than a believable model to answer; ``float("inf")`` never waits.
    seed : int or None
        Makes request ids the same in every run (for calls that come one after another).
    refusals : int
        How often ``demo-429-then-ok`` refuses a call before it answers.
    retry_after_s : float or None
        ``Retry-After`` of a 429, in seconds; None sends none. *Unverified on route A.*
    rate_limit_headers : bool
        Send ``x-ratelimit-*`` with a 429. *Unverified on route A.*
    same_request_id : bool
        On route A ``x-request-id`` is the logged ``databricks_request_id``. *Unverified.*
    databricks_request_id_header : bool
        Send the logged id as ``x-databricks-request-id`` too. *Unverified.*
    served_model_header : bool
        Send ``served-model-name`` on route A; real endpoints send it only sometimes.
    follow_traceparent : bool
        The trace id in ``traceresponse`` (route B) is the caller's. *Unverified.*
    base64_embeddings : bool
        Honour ``encoding_format: base64``. *Unverified.*
    huge_bytes : int
        Size of what ``demo-huge`` answers.
    delay_s : float
        Seconds from the end of a request until its payload row can be seen.
    usage_delay_s : float or None
        The same for rows of the usage tables; None means `delay_s`.
    sampling_fraction : float
        Share of the requests that get a payload row. Usage tables get all.
    duplicate_fraction : float
        Share of the payload rows that are delivered twice.
    stream_form : str
        How a streamed answer is stored: ``completion`` (one JSON), ``chunks`` (array of chunks), ``sse``
        (the text as sent) or ``mixed`` (in turns). *Unverified, therefore all three.*
    max_payload_bytes, max_unity_payload_bytes : int
        Bodies over this size are logged as NULL with an error code (routes A and B).
    log_rate_limited : bool
        A 429 gets a payload row on route A. *Unverified.*
    log_unity_failures : bool
        401, 403, 429 and 500 get a payload row on route B, where they may be missing.
    log_denials_in_usage : bool
        A service policy's denial gets a row in ``system.ai_gateway.usage``. *Unverified.*
    zero_tokens_on_failure : bool
        ``endpoint_usage`` counts 0 tokens, not NULL, for a failed call. *Unverified.*
    keep_model : bool
        The logged request keeps ``model`` when it came through the OpenAI paths of route A. *Unverified.*
    keep_client_fields : bool
        The logged request keeps ``client_request_id`` and ``usage_context``. *Unverified.*
    keep : int
        How many requests are kept in memory, with their rows.
    requester : str
        Who calls, as the tables see it.
    catalog, schema, table_prefix : str
        Where the endpoints say that their inference table is.
    """

    speed: float = 1.0
    seed: int | None = None
    refusals: int = 2
    retry_after_s: float | None = 1.0
    rate_limit_headers: bool = True
    same_request_id: bool = True
    databricks_request_id_header: bool = False
    served_model_header: bool = True
    follow_traceparent: bool = False
    base64_embeddings: bool = True
    huge_bytes: int = MIB + MIB // 2
    delay_s: float = 0.0
    usage_delay_s: float | None = None
    sampling_fraction: float = 1.0
    duplicate_fraction: float = 0.0
    stream_form: StreamForm = "completion"
    max_payload_bytes: int = MIB
    max_unity_payload_bytes: int = 10 * MIB
    log_rate_limited: bool = True
    log_unity_failures: bool = True
    log_denials_in_usage: bool = False
    zero_tokens_on_failure: bool = True
    keep_model: bool = True
    keep_client_fields: bool = True
    keep: int = 50_000
    requester: str = "analyst@example.com"
    catalog: str = "main"
    schema: str = "llm"
    table_prefix: str = "demo"

    def __post_init__(self) -> None:
        if not (_is_number(self.speed) and self.speed > 0):
            raise ValueError(f'speed={self.speed!r}: give a number over 0, or float("inf") for no waiting')
        for name in ("sampling_fraction", "duplicate_fraction"):
            given = getattr(self, name)
            if not (_is_number(given) and 0 <= given <= 1):
                raise ValueError(f"{name}={given!r}: give a share from 0 to 1")
        for name in ("delay_s", "usage_delay_s", "retry_after_s"):
            given = getattr(self, name)
            left_out = given is None and name != "delay_s"
            if not (left_out or (_is_number(given) and given >= 0)):
                raise ValueError(f"{name}={given!r}: give seconds, from 0")
        for name in ("refusals", "huge_bytes", "max_payload_bytes", "max_unity_payload_bytes", "keep"):
            given = getattr(self, name)
            if not (isinstance(given, int) and _is_number(given) and given >= 0):
                raise ValueError(f"{name}={given!r}: give a whole number, from 0")
        if self.stream_form not in _STREAM_FORMS:
            raise ValueError(f"stream_form={self.stream_form!r}: give one of {', '.join(_STREAM_FORMS)}")

    @property
    def payload_table(self) -> str:
        """The Unity Catalog name of the route A inference table."""
        return f"{self.catalog}.{self.schema}.{self.table_prefix}_payload"


def _is_number(given: object) -> bool:
    return isinstance(given, Real) and not isinstance(given, bool)


def options_from(given: dict[str, Any]) -> Options:
    """Build `Options` from keyword arguments.

    Raises
    ------
    TypeError
        If a name is unknown; the message suggests the nearest one.
    """
    known = [field.name for field in fields(Options)]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(known)}"
            raise TypeError(f"serve() has no option {name!r}{hint}")
    return Options(**given)

"""Where judges get their answers from: a model behind the user's gateway."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model.call import Call

# Endings of the addresses of calls; what is before them is the base URL.
_PATHS = ("/chat/completions", "/responses", "/completions", "/embeddings", "/invocations")
_KEYS = ("OPENAI_API_KEY", "DATABRICKS_TOKEN")


class JudgeError(ValueError):
    """There is no model to judge with; one line with what to set."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A model behind an OpenAI-compatible gateway.

    Parameters
    ----------
    model : str
        Endpoint or model.
    base_url : str
    api_key : str
        Only in memory.
    """

    model: str
    base_url: str
    api_key: str = field(repr=False)

    @property
    def uri(self) -> str:
        """The model as MLflow names it."""
        return f"openai:/{self.model}"

    @contextlib.contextmanager
    def in_force(self) -> Iterator[None]:
        """Have MLflow's judges ask this model.

        They read these variables at each call
        (https://mlflow.org/docs/latest/genai/eval-monitor/scorers/llm-judge/).
        """
        ours = {
            "OPENAI_API_KEY": self.api_key,
            "OPENAI_API_BASE": self.base_url,
            "OPENAI_BASE_URL": self.base_url,
            "MLFLOW_GENAI_JUDGE_DEFAULT_MODEL": self.uri,
        }
        before = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def judge_of(given: Any, *, model: str = "", url: str = "", calls: Sequence[Call] = ()) -> Judge:
    """Find the model to judge with.

    Parameters
    ----------
    given : Judge, OpenAI client, str or None
        A client gives address and key; a str is the model's name.
    model, url : str
        From the options.
    calls : sequence of Call
        What is judged: its gateway is where judges are asked too, if nothing else is said.

    Raises
    ------
    JudgeError
        Model, address or key is missing; says which, and how to give it.
    """
    if isinstance(given, Judge):
        return given
    client = given if hasattr(given, "base_url") and hasattr(given, "api_key") else None
    if given is not None and client is None and not isinstance(given, str):
        raise JudgeError(
            f"judge: expected a model's name, an OpenAI client or a Judge, got a {type(given).__name__}"
        )
    model = given if isinstance(given, str) and given else model
    if not model:
        raise JudgeError(
            "no judge model is set; name one behind your gateway: nbext.evaluate(…, judge_model='…'), or for "
            "good nbext.configure(judge_model='…')"
        )
    base = (
        str(client.base_url)
        if client is not None
        else url or os.environ.get("OPENAI_BASE_URL", "") or _base(calls)
    )
    if not urlsplit(base).hostname:
        raise JudgeError(
            f"no address to ask judge {model!r} at; give one: nbext.configure(judge_url='https://…/serving-endpoints')"
        )
    key = (
        str(client.api_key)
        if client is not None
        else next((os.environ[k] for k in _KEYS if os.environ.get(k)), "")
    )
    if not key:
        raise JudgeError(
            f"no key to ask judge {model!r} with; set OPENAI_API_KEY or DATABRICKS_TOKEN, "
            "or pass judge=client"
        )
    return Judge(model, base.rstrip("/"), key)


def _base(calls: Sequence[Call]) -> str:
    for call in calls:
        for path in _PATHS:
            if call.url.partition("?")[0].endswith(path):
                return call.url.partition("?")[0].removesuffix(path)
    return ""

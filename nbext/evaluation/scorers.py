"""What judges: MLflow's scorers, by name or as they are."""

from __future__ import annotations

import difflib
from typing import Any


def scorers_of(given: Any) -> list[Any]:
    """Give the scorers a user means.

    Parameters
    ----------
    given : scorer, str or list of these
        A name is that of one of MLflow's own: ``Safety``, ``relevance_to_query``, …

    Raises
    ------
    ValueError
        None, or a name MLflow does not know.
    """
    items = list(given) if isinstance(given, (list, tuple)) else [given]
    if not items or any(item is None for item in items):
        raise ValueError(
            "scorers: expected at least one, such as scorers=['Safety'] or an mlflow.genai.scorers object"
        )
    return [_named(item) if isinstance(item, str) else _checked(item) for item in items]


def names_of(scorers: list[Any]) -> list[str]:
    """Give the names results go by."""
    return [str(scorer.name) for scorer in scorers]


def asks_a_model(scorers: list[Any]) -> bool:
    """Tell whether one of them asks the default judge: those that name their own model do not."""
    return any(hasattr(scorer, "model") and not scorer.model for scorer in scorers)


def known_names() -> list[str]:
    """Give the names of MLflow's own scorers that need no further arguments."""
    return sorted(_own())


def _own() -> dict[str, Any]:
    from mlflow.genai.scorers import get_all_scorers

    return {type(scorer).__name__: scorer for scorer in get_all_scorers()}


def _named(name: str) -> Any:
    own = _own()
    wanted = _plain(name)
    for known, scorer in own.items():
        if _plain(known) == wanted:
            return scorer
    close = difflib.get_close_matches(name, own, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(own))}"
    raise ValueError(f"no scorer {name!r}; {hint}")


def _checked(item: Any) -> Any:
    from mlflow.genai.scorers import Scorer

    if isinstance(item, Scorer):
        return item
    if callable(item):
        raise ValueError(
            f"scorers: {getattr(item, '__name__', item)!r} is a plain function; "
            "put @mlflow.genai.scorer above it"
        )
    raise ValueError(f"scorers: expected names or MLflow scorers, got a {type(item).__name__}")


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()

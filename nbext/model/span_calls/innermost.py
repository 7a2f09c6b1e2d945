"""Which spans of a model type are the call itself, where a library records one around another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..span import MODEL_TYPES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ..span import Span


def innermost(spans: Iterable[Span], calls: Collection[str] = ()) -> list[Span]:
    """Give the spans of a model type that have neither another such span nor a call below them.

    LangChain's span of a chat model has that of the OpenAI client in it; both tell the same messages
    and the same tokens, and it is one call.

    Parameters
    ----------
    spans : iterable of Span
    calls : collection of str
        Ids of the spans in which a call was recorded otherwise.
    """
    listed = list(spans)
    models = [span for span in listed if span.type in MODEL_TYPES]
    parents = {span.id: span.parent_id for span in listed}
    around: set[str] = set()
    for start in [*(span.parent_id for span in models), *calls]:
        at = start
        while at is not None and at not in around:
            around.add(at)
            at = parents.get(at)
    return [span for span in models if span.id not in around]


def one_call_each(spans: Iterable[Span]) -> None:
    """Take the call from spans that have the same one further in."""
    listed = list(spans)
    kept = {span.id for span in innermost(listed)}
    for span in listed:
        if span.id not in kept:
            span.call = None

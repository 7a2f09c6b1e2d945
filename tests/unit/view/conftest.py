"""A front end imitated: what the page sends reaches the kernel's end, and what that sends is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nbext.kernel.session import session

if TYPE_CHECKING:
    from collections.abc import Iterator


class Page:
    """The page's end of a living view."""

    def __init__(self, widget: Any) -> None:
        self.widget = widget
        self.received: list[dict[str, Any]] = []
        widget.send = self.received.append

    def ask(self, what: str, value: Any = None) -> dict[str, Any]:
        """Ask, and give what came back last."""
        self.widget._handle_custom_msg({"kind": "ask", "id": "q1", "what": what, "value": value}, [])
        return self.received[-1] if self.received else {}

    def set(self, **traits: Any) -> None:
        """Do what a click or a typed word does."""
        self.widget.set_state(traits)


@pytest.fixture(autouse=True)
def in_lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NBEXT_HOST", "jupyter")
    session.clear()
    yield
    session.clear()

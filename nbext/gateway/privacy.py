"""What the stand-in's guardrails take for personal data, and how they mask it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answers.prompt import Prompt

_KINDS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("EMAIL_ADDRESS", "an email address", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("CREDIT_CARD", "a credit card number", re.compile(r"\b\d(?:[ -]?\d){12,15}\b")),
    ("US_SSN", "a social security number", re.compile(r"\b\d{3}-\d\d-\d{4}\b")),
    ("PHONE_NUMBER", "a phone number", re.compile(r"\+?\b\d[\d ()-]{7,}\d\b")),
)


def mask(text: str) -> str:
    """Replace personal data by its kind: ``mail <EMAIL_ADDRESS>``."""
    for kind, _, pattern in _KINDS:
        text = pattern.sub(f"<{kind}>", text)
    return text


def verdict(prompt: Prompt) -> dict[str, Any]:
    """Return the entry of ``input_guardrail`` for a prompt."""
    masked = [{"role": turn.role, "content": mask(turn.text)} for turn in prompt.turns]
    return {
        "flagged": True,
        "categories": {"privacy": True},
        "category_scores": None,
        "pii_detection": True,
        "anonymized_input": masked,
    }


def reason(prompt: Prompt) -> str:
    """Say what a policy found, quoting it as real policies do."""
    for _, words, pattern in _KINDS:
        if found := pattern.search(prompt.text):
            return f"Contains {words}: {found.group()}"
    return "Contains personal data"

"""Why a call was held back or failed, in words: what happened, whose doing, what to do next."""

from .evidence import Evidence, Outcome
from .hint import hint_of, seconds_word
from .outcome import failed_attempt, outcome_of

__all__ = ["Evidence", "Outcome", "failed_attempt", "hint_of", "outcome_of", "seconds_word"]

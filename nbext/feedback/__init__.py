"""What people say of answers: kept at the call at once, stored with its trace in MLflow when that can be.

`said` makes judgements of what was given, `place` finds what they are about, `verbs` is what a user
and a view call. On its way to the tracking store a judgement waits in a file beside the journal
(`queue`), from where a process of its own (`worker`) writes it by MLflow's public API, as long and
as often as it takes; `post` starts that process and sees what became of it.
"""

from .verbs import ask, feedback, feedback_on_capture

__all__ = ["ask", "feedback", "feedback_on_capture"]

"""What MLflow's own AI Gateway refuses: guardrails and budgets, told in a sentence under ``detail``.

The sentences are those of `mlflow.gateway.guardrails` and `mlflow.gateway.budget`; a stream that a
guardrail stops answers 200 with ``{"error": {"type": "GuardrailViolation", …}}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..call import Verdict
from .evidence import Outcome

if TYPE_CHECKING:
    from ..call import Call
    from ..errors import Failure

_GUARDRAIL = re.compile(r"^Guardrail '(.{1,200}?)' blocked: (.*)", re.DOTALL)
_BUDGET = re.compile(
    r"^Budget limit exceeded\. Limit: (\$[\d.,]+) USD per (?:1 )?(.{1,40}?)\. "
    r"Budget resets at (\S{1,40}?)\.\s"
)


def held_back(call: Call, failure: Failure | None) -> Outcome | None:
    """Tell a guardrail or a used-up budget of MLflow's gateway; None for anything else."""
    message = None if failure is None else failure.message
    if not message or call.facts.route != "mlflow":
        return None
    if found := _GUARDRAIL.match(message):
        name, rationale = found.groups()
        return Outcome("blocked", "guardrail", f"guardrail {name}", _guardrail(call, name, rationale))
    if call.status_code == 429 and (found := _BUDGET.match(message)):
        return Outcome("blocked", "budget_exceeded", message, _budget(*found.groups()))
    return None


def _guardrail(call: Call, name: str, rationale: str) -> Verdict:
    # It does not say on which side it stood.
    verdict = Verdict("guardrail", f"Blocked by the guardrail “{name}”")
    verdict.reason = rationale.strip() or None
    of = f" of {call.endpoint}" if call.endpoint else ""
    verdict.text = [f"A guardrail{of} held the prompt or the answer back. HTTP {call.status_code or 400}."]
    verdict.next = "Change the prompt, or ask the endpoint’s owner what the guardrail allows."
    return verdict


def _budget(limit: str, period: str, resets: str) -> Verdict:
    verdict = Verdict("budget", f"Budget of {limit} per {period} is used up")
    verdict.text = [f"HTTP 429. Calls that count against it fail until it starts anew at {resets}."]
    verdict.next = "Wait until then, or ask the gateway’s admin. Retrying will not help."
    return verdict

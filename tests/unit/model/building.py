"""Makes calls of the fixtures in `tests/contract/fixtures/calls`."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from nbext.model.assemble import call_of_attempts
from nbext.model.attempt import Attempt
from nbext.model.verdicts import hint_of

FIXTURES = Path(__file__).parents[2] / "contract" / "fixtures" / "calls"
START = 1_783_194_026_000_000_000
MS = 1_000_000


def cases() -> list[Any]:
    """All cases, each with a name that tells its file."""
    found = []
    for path in sorted(FIXTURES.glob("*.json")):
        for case in json.loads(path.read_text("utf-8")):
            found.append({**case, "name": f"{path.stem}: {case['name']}"})
    return found


def pieces_of(answer: dict[str, Any]) -> list[bytes]:
    """The body as it arrived: an event a piece for streams."""
    if "body" in answer:
        return [json.dumps(answer["body"]).encode()]
    if "text" in answer:
        return [answer["text"].encode()] if answer["text"] else []
    if "base64" in answer:
        return [base64.b64decode(answer["base64"])]
    if "named" in answer:
        return [f"event: {name}\ndata: {json.dumps(event)}\n\n".encode() for name, event in answer["named"]]
    events = [e if isinstance(e, str) else json.dumps(e) for e in answer["events"]]
    return [f"data: {event}\n\n".encode() for event in events]


def attempt(
    url: str = "https://host/serving-endpoints/chat/completions",
    request: Any = None,
    answer: dict[str, Any] | None = None,
    *,
    request_headers: dict[str, str] | None = None,
    outcome: str | None = "complete",
    raised: Any = None,
    ms: int = 840,
    number: int = 0,
    pieces: list[bytes] | None = None,
) -> Attempt:
    """An attempt as capture leaves it; `outcome` None is one that still runs."""
    made = Attempt(
        call_id="c" * 16, trace_id="7" * 32, method="POST", url=url, start_ns=START + number * 900 * MS
    )
    made.number = number
    made.request_headers = request_headers or {"content-type": "application/json"}
    if isinstance(request, str):
        made.request_body = request.encode("utf-8", "surrogatepass")
    else:
        made.request_body = json.dumps(request).encode()
    if answer is not None:
        made.status_code = answer["status"]
        made.response_headers = dict(answer["headers"])
        made.headers_ns = made.start_ns + 50 * MS
        made.pieces = pieces_of(answer) if pieces is None else pieces
        made.piece_ns = [made.start_ns + (100 + 10 * i) * MS for i in range(len(made.pieces))]
    made.error = tuple(raised) if raised else None
    made.outcome = outcome  # type: ignore[assignment]
    made.end_ns = made.start_ns + ms * MS if outcome else None
    return made


def attempts_of(case: dict[str, Any]) -> list[Attempt]:
    """The attempts of a case."""
    earlier = case.get("earlier", [])
    made = [
        attempt(case["url"], case["request"], answer, number=i, ms=100) for i, answer in enumerate(earlier)
    ]
    made.append(
        attempt(
            case["url"],
            case["request"],
            case["answer"],
            request_headers=case.get("request_headers"),
            outcome=case.get("outcome", "complete"),
            raised=case.get("raised"),
            ms=case.get("ms", 840),
            number=len(earlier),
        )
    )
    return made


def found(case: dict[str, Any], path: str) -> Any:
    """What a call of the case has at a dotted path, in plain values."""
    attempts = attempts_of(case)
    call = call_of_attempts(attempts)
    if path == "hint":
        return hint_of(call)
    if path == "first_piece":
        return None if call.first_token_ns is None else attempts[-1].piece_ns.index(call.first_token_ns)
    value: Any = call
    for name in path.split("."):
        if isinstance(value, list):
            value = value[int(name)]
        else:
            value = value[name] if isinstance(value, dict) else getattr(value, name)
    return plain(value)


def plain(value: Any) -> Any:
    """Dataclasses as objects."""
    if isinstance(value, list):
        return [plain(v) for v in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def matches(value: Any, expected: Any) -> bool:
    """Objects may say more than is expected of a part or a message."""
    if isinstance(expected, dict) and isinstance(value, dict) and {"kind", "role"} & expected.keys():
        return all(key in value and value[key] == wanted for key, wanted in expected.items())
    return bool(value == expected)

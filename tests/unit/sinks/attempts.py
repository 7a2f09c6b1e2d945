"""Attempts made by hand, and code run in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from nbext.model.attempt import Attempt
from nbext.model.spool import attempts_in, places


def attempt_of(number, body=b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}', status=200):
    attempt = Attempt(
        call_id=f"{number:016x}",
        trace_id=f"{number:032x}",
        method="POST",
        url="http://h/v1/chat/completions",
        start_ns=number,
    )
    attempt.request_body = body
    attempt.request_headers = {"content-type": "application/json"}
    attempt.response_headers = {"content-type": "application/json", "x-request-id": "r"}
    attempt.pieces = [
        b'{"choices": [{"message": {"role": "assistant",',
        b' "content": "yo"}, "finish_reason": "stop"}]}',
    ]
    attempt.piece_ns = [number + 5, number + 7]
    attempt.headers_ns, attempt.end_ns, attempt.status_code = number + 4, number + 9, status
    attempt.outcome, attempt.capture_id = "complete", "cafe" * 4
    return attempt


def run(code, *args, check=True):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, args)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.split() if check else done


def waiting(journal):
    """The attempts whose line is still to be written; nothing of any other may be left in the file."""
    frames = [place.read_bytes() for place in places(journal.path) if place.exists()]
    found = sum(len(list(attempts_in(data))) for data in frames)
    assert found or not any(map(any, frames))
    return found

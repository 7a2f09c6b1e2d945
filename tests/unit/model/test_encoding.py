"""Compressed bodies, as one piece and cut anywhere."""

from __future__ import annotations

import builtins
import gzip
import importlib
import json
import zlib
from typing import Any

import brotli
import pytest
import zstandard

from nbext.model.assemble import call_of_attempts
from nbext.model.encoding import DecodeError, decode, decoder_for

from .building import attempt

ANSWER = {"choices": [{"message": {"role": "assistant", "content": "Paris " * 50}, "finish_reason": "stop"}]}
EVENTS = (
    b"".join(
        b"data: " + json.dumps(chunk).encode() + b"\n\n"
        for chunk in (
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]},
            {"choices": [{"index": 0, "delta": {"content": "Paris"}}]},
            {"choices": [{"index": 0, "delta": {"content": "."}, "finish_reason": "stop"}]},
        )
    )
    + b"data: [DONE]\n\n"
)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Any] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
    "identity": bytes,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
}
CASES = [
    *PACKERS.items(),
    ("deflate", raw_deflate),
    ("gzip", lambda d: gzip.compress(d[:9]) + gzip.compress(d[9:])),
]


@pytest.mark.parametrize(("name", "pack"), CASES, ids=[str(i) + name for i, (name, _) in enumerate(CASES)])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_answer_in_pieces(name: str, pack: Any, size: int) -> None:
    data = pack(json.dumps(ANSWER).encode())
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    answer = {"status": 200, "headers": {"content-type": "application/json", "content-encoding": name}}
    call = call_of_attempts([attempt(request={}, answer={**answer, "text": ""}, pieces=pieces)])
    assert call.completion == "Paris " * 50
    assert call.attempts[0].response_bytes == len(data)


@pytest.mark.parametrize("name", ["gzip", "br", "deflate"])
def test_first_token_of_a_compressed_stream_has_the_time_of_its_piece(name: str) -> None:
    data = PACKERS[name](EVENTS)
    pieces = [data[i : i + 1] for i in range(len(data))]
    headers = {"content-type": "text/event-stream", "content-encoding": name}
    made = attempt(request={}, answer={"status": 200, "headers": headers, "text": ""}, pieces=pieces)
    call = call_of_attempts([made])
    assert call.completion == "Paris."
    assert call.status == "ok"
    assert call.first_token_ns in made.piece_ns[1:]


def test_pieces_that_were_decoded_by_the_library_are_not_decoded_again() -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    made = attempt(request={}, answer={"status": 200, "headers": headers, "body": ANSWER})
    made.decoded = True
    assert call_of_attempts([made]).completion == "Paris " * 50


def test_body_that_is_not_what_its_header_says() -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    call = call_of_attempts([attempt(request={}, answer={"status": 200, "headers": headers, "body": ANSWER})])
    assert call.status == "error"
    assert call.notes[0].startswith("The answer’s body could not be read: not gzip: ")
    with pytest.raises(DecodeError, match="unknown content-encoding 'rot13'"):
        decode(b"x", "rot13")
    assert decoder_for("identity") is None


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def absent(name: str, *rest: Any) -> Any:
        if name in ("brotli", "brotlicffi", "zstandard", "compression.zstd", "backports.zstd"):
            raise builtins.ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(DecodeError, match="pip install brotli"):
        decode(b"x", "br")
    with pytest.raises(DecodeError, match="pip install zstandard"):
        decode(b"x", "zstd")


def test_zstd() -> None:
    assert decode(zstandard.compress(EVENTS), "zstd") == EVENTS
    with pytest.raises(DecodeError, match="not zstd"):
        decode(b"plain text", "zstd")


def test_compressed_request() -> None:
    made = attempt(request="")
    made.request_headers = {"content-encoding": "gzip"}
    made.request_body = gzip.compress(json.dumps({"messages": [{"role": "user", "content": "Hi"}]}).encode())
    assert call_of_attempts([made]).prompt == "Hi"
    made.request_body = b"no gzip"
    assert call_of_attempts([made]).notes[0].startswith("The request’s body could not be read: not gzip")

"""Keys planted in requests, answers, URLs and errors appear in nothing that is shown, kept or exported."""

from __future__ import annotations

import json

import pytest

from nbext.display.bundle import mime_bundle
from nbext.display.hosts import HOSTS
from nbext.display.pack import dumps, unpack
from nbext.display.text import text_tree
from nbext.display.wire import MIME, whole_wire
from nbext.model.attempt import Attempt
from nbext.model.capture import Capture
from nbext.sinks import jsonfile
from nbext.sinks.html import page_of
from nbext.sinks.journal import Journal

# Made up, each in the shape its issuer gives.
SECRETS = {
    "openai": "sk-abcdEFGH1234ijklMNOP5678qrstUVWX9012yzABCDEF3456",
    "openai project": "sk-proj-Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0Pp9Oo8Nn7Mm6Ll5Kk4",
    "anthropic": "sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-AbCdEfGhIjKlMnOpQrStUv",
    "databricks": "dapi0123456789abcdef0123456789abcdef",
    "github": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "github fine": "github_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwX"
    "yZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ01234567",
    "aws key id": "AKIAIOSFODNN7EXAMPLQ",
    "google": "AIzaSyA1234567890abcdefGHIJKLmnopQRSTUv",
    "slack": "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
    "stripe": "sk_live_4eC39HqLyjWDarjtT1zdp7dcAbCdEfGh",
    "hugging face": "hf_AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh",
    "npm": "npm_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
    "pypi": "pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMAACKlszLCJhYmNkZWYi",
    "jwt": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0N"
    "TY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    "gitlab": "glpat-AbCdEfGhIjKlMnOpQrSt",
    "sendgrid": "SG.AbCdEfGhIjKlMnOpQrStUv.AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG",
    "groq": "gsk_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOp",
    "azure": "AccountKey=AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"
    "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIj==",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1234567890abcdefghijklmnopqrstuv\n"
    "-----END RSA PRIVATE KEY-----",
    "url password": "postgresql://admin:s3cr3tP4ssw0rdLong@db.example.com/prod",
}
# What of each must not be seen; a private key's lines, a URL's password.
GIVEAWAY = {
    "private key": "MIIEpAIBAAKCAQEA1234567890abcdefghijklmnopqrstuv",
    "url password": "s3cr3tP4ssw0rdLong",
    "azure": "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIj",
}


def capture_with(secret, *, stream):
    """A call that carries the secret wherever a user, a model or a gateway can put text."""
    said = f"the key is {secret} as you know"
    attempt = Attempt(
        call_id="ab" * 8,
        trace_id="cd" * 16,
        method="POST",
        url="https://h/serving-endpoints/chat/completions",
        start_ns=10**18,
    )
    attempt.capture_id = "cafe" * 4
    attempt.request_headers = {"databricks-ai-gateway-request-tags": json.dumps({"note": said})}
    attempt.request_body = json.dumps(
        {
            "model": "m",
            "stream": stream,
            "user": said,
            "messages": [
                {"role": "system", "content": said},
                {"role": "user", "content": [{"type": "text", "text": said}]},
                {
                    "role": "assistant",
                    "tool_calls": [
                        {
                            "id": "t",
                            "type": "function",
                            "function": {"name": "f", "arguments": json.dumps({"a": said})},
                        }
                    ],
                },
                {"role": "tool", "tool_call_id": "t", "content": said},
            ],
            "tools": [{"type": "function", "function": {"name": "f", "description": said, "parameters": {}}}],
        }
    ).encode()
    if stream:
        # A stream tears a key apart: piece by piece nothing looks like one.
        bits = [said[i : i + 4] for i in range(0, len(said), 4)]
        attempt.pieces = [
            b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": bit}}]}).encode() + b"\n\n"
            for bit in bits
        ]
        attempt.response_headers = {"content-type": "text/event-stream", "via": secret.replace("\n", " ")}
    else:
        answer = {"role": "assistant", "content": said, "reasoning_content": said}
        attempt.pieces = [
            json.dumps(
                {"choices": [{"index": 0, "message": answer, "finish_reason": "stop"}], "note": said}
            ).encode()
        ]
        attempt.response_headers = {"content-type": "application/json", "server": secret.replace("\n", " ")}
    attempt.piece_ns = [10**18 + 5 + i for i in range(len(attempt.pieces))]
    attempt.headers_ns, attempt.end_ns, attempt.status_code = 10**18 + 3, 10**18 + 10**8, 200
    attempt.outcome, attempt.error = "complete", ("ReadError", said)
    made = Capture(id="cafe" * 4, start_ns=10**18)
    made.add(attempt)
    made.end_ns = 10**18 + 2 * 10**8
    return made


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", SECRETS)
def test_a_planted_key_is_nowhere(name, stream, tmp_path):
    capture = capture_with(SECRETS[name], stream=stream)
    giveaway = GIVEAWAY.get(name, SECRETS[name])
    journal = Journal(tmp_path)
    journal.append(capture.calls[0], capture)
    journal.close()
    bundle = mime_bundle(capture, host=HOSTS["jupyter"])
    outputs = {
        "journal": journal.path.read_text("utf-8"),
        "json": jsonfile.write([capture], tmp_path / "a.json").read_text("utf-8"),
        "lines": jsonfile.write([capture], tmp_path / "a.jsonl").read_text("utf-8"),
        "page": page_of([capture]),
        "text": text_tree(capture),
        "wire": dumps(whole_wire(capture)),
        "html": bundle["text/html"],
        "plain": bundle["text/plain"],
        "data": dumps(unpack(bundle[MIME])),
    }
    for where, text in outputs.items():
        assert giveaway not in text, where
        assert "the key is" in text or where in ("page",), where

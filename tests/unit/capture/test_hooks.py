"""The libraries are wrapped while something records, and otherwise untouched."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import types
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests

from nbext.capture import Recording, hooks, httpx_hook, inject
from nbext.capture.match import Matcher
from nbext.model.capture import Capture

from .conftest import attempts

if TYPE_CHECKING:
    from .conftest import Record
    from .server import Server

CLASSES = [httpx.Client, httpx.AsyncClient, requests.Session]


def post(server: Server) -> httpx.Response:
    with httpx.Client(verify=False) as client:
        return client.post(server.url + "/chat/completions", json={"model": "ok"})


@pytest.mark.parametrize("cls", CLASSES)
def test_restored_exactly(cls: type, record: Record) -> None:
    original, before = cls.send, dict(vars(cls))
    order = list(vars(cls))
    recording = record()
    assert cls.send is not original
    assert inspect.signature(cls.send) == inspect.signature(original)
    assert inspect.iscoroutinefunction(cls.send) == inspect.iscoroutinefunction(original)
    assert (cls.send.__doc__, cls.send.__qualname__) == (original.__doc__, original.__qualname__)
    recording.close()
    assert cls.send is original
    assert dict(vars(cls)) == before
    assert list(vars(cls)) == order


def test_counted() -> None:
    original, path = httpx.Client.send, list(sys.meta_path)
    hooks.install()
    hooks.install()
    hooks.uninstall()
    assert httpx.Client.send is not original
    hooks.uninstall()
    hooks.uninstall()
    assert httpx.Client.send is original
    assert sys.meta_path == path


def test_closing_twice_is_closing_once(record: Record, server: Server) -> None:
    outer, inner = record(), record()
    inner.close()
    inner.close()
    post(server)
    assert len(attempts(outer)) == 1


def test_patched_over_us(record: Record, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    original = httpx.Client.send
    recording = record()
    ours = httpx.Client.send
    seen: list[Any] = []

    def theirs(self: httpx.Client, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        seen.append(kwargs)
        return ours(self, request, **kwargs)

    httpx.Client.send = theirs
    try:
        post(server)
        recording.close()
        assert httpx.Client.send is theirs, "somebody else's patch was taken away"
        assert post(server).status_code == 200
        assert len(attempts(recording)) == 1

        again = record()
        assert post(server).json()["id"] == "chatcmpl-1"
        assert len(attempts(again)) == 1, "counted by the wrapper inside theirs too"
        again.close()
        assert httpx.Client.send is theirs
        # They put back what they had found: our wrapper of that time.
        httpx.Client.send = ours
        last = record()
        post(server)
        assert len(attempts(last)) == 1
        last.close()
        assert httpx.Client.send is original
        assert ["stream" in call for call in seen[:2]] == [False, False]
    finally:
        httpx.Client.send = original


def test_a_patch_below_us_is_called_as_ever(record: Record, server: Server, monkeypatch: Any) -> None:
    original, seen = httpx.Client.send, []

    def theirs(self: httpx.Client, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        response = original(self, request, **kwargs)
        seen.append((kwargs.get("stream"), response.json()["id"]))
        return response

    monkeypatch.setattr(httpx.Client, "send", theirs)
    recording = record()
    assert post(server).json()["id"] == "chatcmpl-1"
    assert seen == [(None, "chatcmpl-1")]
    (attempt,) = attempts(recording)
    assert attempt.decoded
    assert b"chatcmpl-1" in b"".join(attempt.pieces)
    assert attempt.outcome == "complete"


SCRIPT = """
import json, sys
from nbext.capture import Recording
from nbext.model.capture import Capture

assert not {{"httpx", "httpx2", "requests", "openai", "mlflow"}} & set(sys.modules), "imported too early"
path = list(sys.meta_path)
recording = Recording(Capture(id="c", start_ns=0))
recording.open()
import {library}
module = sys.modules["{library}"]
assert module.__spec__.loader is module.__loader__
assert type(module.__loader__).__module__.startswith(("_frozen", "importlib")), module.__loader__
{library}.post("{url}/chat/completions", json={{"model": "ok"}})
recording.close()
assert sys.meta_path == path
cls = {library}.Session if hasattr({library}, "Session") else {library}.Client
assert cls.send.__globals__["__name__"].startswith("{library}."), cls.send
(call_id,) = recording.capture.call_ids
(attempt,) = recording.capture.attempts_of(call_id)
assert attempt.library == "{library}" and attempt.status_code == 200
assert recording.capture.failures == 0
print("good")
"""


@pytest.mark.parametrize("library", ["httpx", "httpx2", "requests"])
def test_imported_while_recording(library: str, server: Server) -> None:
    pytest.importorskip(library)
    script = SCRIPT.format(library=library, url=server.url)
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=60, check=False)
    assert done.stdout == "good\n", done.stderr


def test_a_failure_of_ours_leaves_the_call_alone(server: Server) -> None:
    recording = Recording(Capture(id="c", start_ns=0))

    class Broken:
        def kept_url(self, url: object) -> str:
            raise LookupError("ours")

    recording.options.matcher = Broken()
    recording.open()
    try:
        assert post(server).json()["id"] == "chatcmpl-1"
        recording.options.matcher = Matcher()
        assert post(server).json()["id"] == "chatcmpl-1"
    finally:
        recording.close()
    assert recording.capture.failures == 1
    assert recording.capture.first_failure == "LookupError: ours"
    # The next call is seen again.
    assert len(attempts(recording)) == 1


def test_a_failure_on_the_way_out(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = Recording(Capture(id="c", start_ns=0))
    loaded = types.SimpleNamespace(get_tracer_provider=lambda: None)
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", loaded)
    monkeypatch.setattr(inject, "adopt", None)
    monkeypatch.setattr(httpx_hook, "sending", None)
    monkeypatch.setattr(inject, "Changed", None)
    recording.open()
    try:
        for _ in range(2):
            assert post(server).json()["id"] == "chatcmpl-1"
            assert requests.post(server.url + "/chat/completions", json={}, timeout=5).json()["id"]
    finally:
        recording.close()
    assert recording.capture.failures == 8
    assert [attempt.outcome for attempt in attempts(recording)] == ["complete"] * 4


@pytest.mark.parametrize("broken", ["response_headers", "request_headers"])
def test_a_failure_in_the_middle(server: Server, broken: str) -> None:
    recording = Recording(Capture(id="c", start_ns=0))
    setattr(recording.options, broken, None)
    recording.open()
    try:
        assert post(server).json()["id"] == "chatcmpl-1"
        assert requests.post(server.url + "/chat/completions", json={}, timeout=5).json()["id"]
    finally:
        recording.close()
    assert recording.capture.failures >= 2
    assert all(attempt.end_ns for attempt in attempts(recording))


@pytest.mark.parametrize("library", [httpx, requests])
def test_a_failure_in_a_call_that_fails(library: Any) -> None:
    recording = Recording(Capture(id="c", start_ns=0))
    recording.options.request_headers = None
    recording.open()
    try:
        with pytest.raises((httpx.ConnectError, requests.ConnectionError)):
            library.post("http://127.0.0.1:1/v1/chat/completions", json={}, timeout=5)
    finally:
        recording.close()
    assert recording.capture.failures == 1
    assert [attempt.outcome for attempt in attempts(recording)] == ["error"]


def test_callbacks_that_fail(server: Server) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    recording = Recording(Capture(id="c", start_ns=0), on_end=fail, on_start=fail, on_sent=fail)
    recording.open()
    try:
        assert post(server).status_code == 200
    finally:
        recording.close()
    assert recording.capture.failures == 3
    assert len(attempts(recording)) == 1

"""``with nbext.trace():`` in plain Python: no IPython, no notebook."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx
import pytest

import nbext
from nbext.kernel.session import session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWER = {
    "id": "x",
    "object": "chat.completion",
    "model": "m-1",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    # Tests connect with many clients at once.
    request_queue_size = 128


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/serving-endpoints/chat/completions"
    server.shutdown()
    server.server_close()


def ask(url: str, question: str = "hi") -> dict:
    body = {"model": "m", "messages": [{"role": "user", "content": question}]}
    return httpx.post(url, json=body, timeout=10).json()


async def ask_soon(url: str, question: str = "hi") -> dict:
    async with httpx.AsyncClient() as client:
        body = {"model": "m", "messages": [{"role": "user", "content": question}]}
        return (await client.post(url, json=body, timeout=10)).json()


def test_a_block(url: str) -> None:
    with nbext.trace("a block") as capture:
        assert ask(url) == ANSWER
        assert len(capture) == 1
        assert nbext.last is capture
    ask(url)
    assert len(capture) == 1
    assert not capture.running
    assert capture.name == "a block"
    assert capture.cell is None
    call = capture.calls[0]
    assert (call.status, call.prompt, call.completion, call.usage.total_tokens) == ("ok", "hi", "hello", 5)
    assert capture.calls_df()["capture_id"].tolist() == [capture.id]


def test_a_key_in_a_name_or_a_tag_is_sent_and_not_kept(url: str, tmp_path: Path) -> None:
    key = "sk-ant-api03-" + "aB3dE6gH9jK2mN5pQ8sT" * 3
    with nbext.trace(f"run {key}", tags={"team": "search", "note": key, "password": "pw1"}) as capture:
        ask(url)
    assert capture.name == "run [redacted Anthropic key]"
    assert capture.tags == {"team": "search", "note": "[redacted Anthropic key]", "password": "[redacted]"}
    (call,) = capture.calls
    (attempt,) = capture.attempts_of(call.call_id)
    assert key.encode() in attempt.request_body
    for ending in ("json", "jsonl", "html"):
        assert key not in capture.export(tmp_path / f"a.{ending}").read_text()
    capture.export(tmp_path / "a.json")
    (read,) = nbext.open(tmp_path / "a.json")
    assert (read.name, read.tags) == (capture.name, capture.tags)
    # With the same name it is another run of the same.
    with nbext.trace(f"run {key}") as again:
        pass
    assert again.run == capture.run + 1


def test_nothing_is_printed_outside_notebooks_unless_asked(
    url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with nbext.trace():
        ask(url)
    assert capfd.readouterr().out == ""
    with nbext.trace(display=True):
        ask(url, "shown question")
    out = capfd.readouterr().out
    assert "shown question" in out
    assert "hello" in out


def test_blocks_nest_and_the_innermost_has_the_call(url: str) -> None:
    with nbext.trace("outer") as outer:
        ask(url, "one")
        with nbext.trace("inner") as inner:
            ask(url, "two")
        assert nbext.last is outer
        ask(url, "three")
    assert [call.prompt for call in outer.calls] == ["one", "three"]
    assert [call.prompt for call in inner.calls] == ["two"]
    assert nbext.captures[-2:] == [outer, inner]


def test_a_block_that_is_never_left_does_not_hold_on_to_last() -> None:
    def forgotten():
        with nbext.trace("forgotten"):
            yield

    generator = forgotten()
    threads = [threading.Thread(target=next, args=(generator,))]
    threads[0].start()
    threads[0].join()
    with nbext.trace("after") as after:
        pass
    assert nbext.last is after
    generator.close()


def test_one_block_can_be_entered_again(url: str) -> None:
    block = nbext.trace("again")
    with block as first:
        ask(url)
        with block as second:
            ask(url)
    assert first is not second
    assert (len(first), len(second)) == (1, 1)
    assert first.end_ns is not None
    assert first.end_ns >= second.end_ns


def test_what_the_block_raises_is_passed_on_and_the_call_kept(url: str) -> None:
    error = RuntimeError("the user's own")
    with pytest.raises(RuntimeError) as caught, nbext.trace() as capture:
        ask(url)
        raise error
    assert caught.value is error
    assert len(capture) == 1
    assert not capture.running


def test_async_blocks_of_concurrent_tasks_keep_their_own_calls(url: str) -> None:
    async def one(n: int) -> nbext.Capture:
        async with nbext.trace(f"task {n}") as capture:
            await asyncio.gather(*(ask_soon(url, f"{n}.{i}") for i in range(3)))
            await asyncio.sleep(0.01 * (n % 3))
            await ask_soon(url, f"{n}.3")
        return capture

    async def main() -> list[nbext.Capture]:
        return await asyncio.gather(*(one(n) for n in range(8)))

    for n, capture in enumerate(asyncio.run(main())):
        assert sorted(call.prompt for call in capture.calls) == [f"{n}.{i}" for i in range(4)]
        assert not capture.running


def test_threads_started_in_a_block_belong_to_it(url: str) -> None:
    with nbext.trace() as capture:
        threads = [threading.Thread(target=ask, args=(url, str(n))) for n in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(call.prompt for call in capture.calls) == sorted(map(str, range(10)))


def test_blocks_in_threads_at_the_same_time(url: str) -> None:
    found: dict[int, list[str]] = {}
    barrier = threading.Barrier(8)

    def one(n: int) -> None:
        barrier.wait()
        with nbext.trace() as capture:
            for i in range(5):
                ask(url, f"{n}.{i}")
        found[n] = [call.prompt for call in capture.calls]

    threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: [f"{n}.{i}" for i in range(5)] for n in range(8)}


def test_it_says_which_gateway_takes_no_tags(url: str) -> None:
    other = url.replace("serving-endpoints", "v1")
    with pytest.warns(UserWarning) as told, nbext.trace(tags={"team": "a"}):
        ask(other)
        ask(other)
        ask(url)
    host = url.removeprefix("http://").partition("/")[0]
    (warning,) = told
    assert str(warning.message) == (
        f"tags and request ids are only sent to Databricks gateways; calls went without them to {host}"
    )
    with warnings.catch_warnings(record=True) as none, nbext.trace():
        ask(other)
    assert none == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": 3}, "name: expected text, got 3"),
        ({"tags": "a=b"}, "tags: expected a dict of text to text, got 'a=b'"),
        ({"tags": {"a": 1}}, "tags: expected a dict of text to text, got {'a': 1}"),
        ({"to": 5}, "to: expected text, got 5"),
        ({"experiment": 5}, "experiment: expected text, got 5"),
        ({"live": "x"}, "live: expected True, False or None, got 'x'"),
        ({"display": "x"}, "display: expected True, False or None, got 'x'"),
        ({"request_id": "mine"}, "request_id: expected True or False, got 'mine'"),
    ],
)
def test_wrong_arguments(arguments: dict, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        nbext.trace(**arguments)
    assert str(caught.value) == message


def test_a_failure_of_ours_never_breaks_the_block(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("ours")

    monkeypatch.setattr("nbext.sinks.journal.Journal.append", broken)
    monkeypatch.setattr("nbext.display.view.CellView.show", broken)
    monkeypatch.setattr("nbext.display.view.CellView.finish", broken)
    with nbext.trace(display=True) as capture:
        assert ask(url) == ANSWER
    assert len(capture) == 1
    assert capture.failures >= 2
    assert capture.first_failure == "OSError: ours"


def test_no_view_at_all_never_breaks_the_block(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ImportError("no widgets here")

    monkeypatch.setattr("nbext.kernel.session._view", broken)
    with nbext.trace(display=True) as capture:
        assert ask(url) == ANSWER
    assert capture.first_failure == "ImportError: no widgets here"


def test_only_so_many_are_kept() -> None:
    before = nbext.captures
    nbext.configure(keep=3)
    try:
        session.clear()
        made = []
        for n in range(5):
            with nbext.trace(str(n)) as capture:
                made.append(capture)
        assert nbext.captures == made[2:]
        assert nbext.last is made[-1]
    finally:
        nbext.configure(keep=200)
    assert isinstance(before, list)


SCRIPT = """
import sys, httpx, nbext
with nbext.trace("script") as capture:
    httpx.post(sys.argv[1], json={"model": "m", "messages": [{"role": "user", "content": "hi"}]})
assert "IPython" not in sys.modules
print(repr(capture))
"""


def test_a_script_needs_no_ipython_and_its_call_is_in_the_journal(url: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, url],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("<Capture 'script': 1 call, ")
    assert ran.stderr == ""
    journals = sorted((tmp_path / ".nbext").glob("*.jsonl"))
    opened = nbext.open(journals[0])
    assert [call.completion for capture in opened for call in capture.calls] == ["hello"]

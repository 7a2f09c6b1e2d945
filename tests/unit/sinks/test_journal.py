"""The journal: what is in the file, and what happens when it cannot be written or the kernel is killed."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import warnings
from pathlib import Path

import pytest

from nbext.model.attempt import Attempt
from nbext.model.spool import attempts_in, content_of, head_of, places
from nbext.sinks.journal import Journal, JournalWarning
from nbext.sources import journal as source
from nbext.sources.files import open_path
from tests.contract import captures

# https://docs.databricks.com/aws/en/ai-gateway/inference-tables
TABLE_COLUMNS = [
    "databricks_request_id",
    "request_date",
    "client_request_id",
    "request_time",
    "status_code",
    "sampling_fraction",
    "execution_duration_ms",
    "request",
    "response",
    "logging_error_codes",
    "served_entity_id",
    "requester",
]


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


def frame_of(attempt):
    content = content_of(attempt)
    return head_of(content) + content


def waiting(journal):
    """The attempts whose line is still to be written; nothing of any other may be left in the file."""
    frames = [place.read_bytes() for place in places(journal.path) if place.exists()]
    found = sum(len(list(attempts_in(data))) for data in frames)
    assert found or not any(map(any, frames))
    return found


def test_a_line_is_a_row_of_an_inference_table_and_more(tmp_path):
    journal = Journal(tmp_path)
    call = captures.retries().calls[0]
    journal.append(call, captures.retries())
    row = json.loads(journal.path.read_text())
    assert list(row)[:12] == TABLE_COLUMNS
    assert row["request_date"] == "2026-10-14"
    assert row["request_time"] == "2026-10-14T12:02:00.001Z"
    assert json.loads(row["request"]) == call.request
    assert json.loads(row["response"]) == call.response
    assert (row["call_id"], row["status"], row["cell"]) == (call.call_id, "ok", 12)
    # What only the gateway knows is not made up.
    assert row["execution_duration_ms"] is row["requester"] is row["served_entity_id"] is None


def test_nothing_is_made_before_there_is_something_to_write(tmp_path):
    Journal(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_files_are_private_and_ignored(tmp_path):
    journal = Journal(tmp_path)
    journal.append(captures.one_call().calls[0])
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.folder.stat().st_mode) == 0o700
    assert (tmp_path / ".nbext" / ".gitignore").read_text() == "*\n"
    assert Journal(tmp_path / ".nbext").folder == tmp_path / ".nbext"
    assert Journal(tmp_path).path != journal.path


def test_many_threads_write_whole_lines(tmp_path):
    journal = Journal(tmp_path)
    call = captures.churn_agent().calls[2]

    def work():
        for _ in range(50):
            journal.append(call)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = journal.path.read_text().splitlines()
    assert len(lines) == 400
    assert len(set(lines)) == 1


def test_a_torn_last_line_is_passed_over(tmp_path):
    journal = Journal(tmp_path)
    for call in captures.churn_agent().calls:
        journal.append(call)
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-40])
    (capture,) = open_path(journal.path)
    assert len(capture) == 6


def test_a_broken_line_in_the_middle_is_named(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"kind": "call"\n{"kind": "call"}\n')
    with pytest.raises(
        ValueError, match=r"a\.jsonl, line 1: expected a JSON object, got '\{\"kind\": \"call\"'"
    ):
        open_path(path)
    path.write_text('{"a": 1}\n{"b": 2}\n')
    with pytest.raises(ValueError, match=r"line 1: expected a call or a span of an nbext journal"):
        open_path(path)


def test_the_later_line_of_a_call_holds(tmp_path):
    journal = Journal(tmp_path)
    call = captures.one_call().calls[0]
    call.status = "interrupted"
    journal.append(call)
    call.status = "ok"
    journal.append(call)
    (capture,) = open_path(journal.path)
    assert [c.status for c in capture.calls] == ["ok"]


def test_a_folder_of_journals_is_read_whole(tmp_path):
    for make in (captures.one_call, captures.churn_agent):
        journal = Journal(tmp_path)
        capture = make()
        for call in capture.calls:
            journal.append(call, capture)
    assert sorted(len(capture) for capture in open_path(tmp_path)) == [1, 7]
    assert sorted(len(capture) for capture in open_path(tmp_path / ".nbext")) == [1, 7]


# ── what cannot be written ────────────────────────────────────────────────


def one_warning(journal):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for call in captures.churn_agent().calls:
            journal.record(attempt_of(1))
            journal.append(call)
    assert [warning.category for warning in caught] == [JournalWarning]
    assert journal.problem
    assert waiting(journal) == 0
    return str(caught[0].message)


def test_a_folder_that_cannot_be_made_is_said_once(tmp_path):
    (tmp_path / "file").write_text("")
    message = one_warning(Journal(tmp_path / "file" / "below"))
    assert (
        "Not a directory. Tracing goes on in memory; export what you need, or set journal_folder" in message
    )


def test_a_read_only_file_system_is_said_once():
    assert "Tracing goes on in memory" in one_warning(Journal(Path("/proc/self")))


def test_a_full_disk_is_said_once(tmp_path):
    journal = Journal(tmp_path)
    journal.folder.mkdir()
    journal.path.symlink_to("/dev/full")
    assert "No space left on device" in one_warning(journal)


def test_a_disk_that_fills_up_keeps_whole_lines(tmp_path):
    """A limit on file size stands in for the disk: a write takes half a line, then fails."""
    code = """
        import resource, signal, sys, warnings
        from nbext.sinks.journal import Journal
        from tests.contract import captures
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        journal = Journal(sys.argv[1])
        call = captures.one_call().calls[0]
        journal.append(call)
        size = journal.path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size * 5 // 2, size * 5 // 2))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(5):
                journal.append(call)
        print(len(caught), journal.path.stat().st_size == 2 * size, journal.path)
    """
    out = run(code, tmp_path)
    assert out[:2] == ["1", "True"]
    assert len(open_path(out[2])[0]) == 1


def test_warnings_made_errors_do_not_reach_the_user(tmp_path):
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        journal.append(captures.one_call().calls[0])
    assert journal.problem


# ── a killed kernel ───────────────────────────────────────────────────────


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


def test_a_frame_gives_the_attempt_back():
    attempt = attempt_of(3)
    attempt.error, attempt.inner_retries = ("ReadError", "gone"), [(503, "busy"), (None, "reset")]
    (again,) = attempts_in(frame_of(attempt))
    assert {name: getattr(again, name) for name in Attempt.__slots__ if hasattr(attempt, name)} == {
        name: getattr(attempt, name) for name in Attempt.__slots__ if hasattr(attempt, name)
    }
    assert list(attempts_in(frame_of(attempt)[:-1])) == []
    assert len(list(attempts_in(frame_of(attempt) * 3 + b"\x07" * 9))) == 3


def test_raw_attempts_wait_only_until_their_line_is_written(tmp_path):
    journal = Journal(tmp_path)
    journal.record(attempt_of(1))
    journal.record(attempt_of(2))
    assert waiting(journal) > 0
    for place in places(journal.path):
        if place.exists():
            assert stat.S_IMODE(place.stat().st_mode) == 0o600
            assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
            assert tmp_path not in place.parents
    for number in (1, 2):
        call = captures.one_call().calls[0]
        call.call_id = f"{number:016x}"
        journal.append(call)
    assert waiting(journal) == 0
    journal.close()
    assert not any(place.exists() for place in places(journal.path))


KILLED = """
    import os, signal, sys
    from nbext.sinks.journal import Journal
    from tests.unit.sinks.test_journal import attempt_of
    from nbext.model.assemble import call_of_attempts
    journal = Journal(sys.argv[1])
    print(journal.path, flush=True)
    for number in range(200):
        attempt = attempt_of(number, SECRET)
        journal.record(attempt)
        if number < 150:
            journal.append(call_of_attempts([attempt]))
    os.kill(os.getpid(), signal.SIGKILL)
""".replace(
    "SECRET",
    repr(
        b'{"model": "m", "messages": [{"role": "user", "content": "my key is sk-proj-'
        + b"aB3dE6gH9jK2mN5pQ8sT" * 3
        + b'"}]}'
    ),
)


def test_a_killed_kernel_loses_no_finished_call(tmp_path):
    done = run(KILLED, tmp_path, check=False)
    assert done.returncode == -signal.SIGKILL
    path = Path(done.stdout.split()[0])
    assert len(path.read_text().splitlines()) == 150
    (capture,) = source.read(path)
    assert len(capture) == 200
    assert {call.completion for call in capture.calls} == {"yo"}
    # Read once, the lines are there for every reader, and what was raw is gone.
    assert len(path.read_text().splitlines()) == 200
    assert "sk-proj" not in path.read_text()
    assert not any(place.exists() for place in places(path))


def test_a_kernel_killed_before_its_first_line_loses_nothing(tmp_path):
    path = Path(run(KILLED.replace("< 150", "< 0"), tmp_path, check=False).stdout.split()[0])
    assert path.read_bytes() == b""
    assert source.settle(tmp_path) == 1
    assert len(path.read_text().splitlines()) == 200
    assert not any(place.exists() for place in places(path))
    assert source.settle(tmp_path / "nowhere") == 0


def test_what_killed_kernels_left_empty_is_removed(tmp_path):
    code = KILLED.replace("< 150", "< 200")
    path = Path(run(code, tmp_path, check=False).stdout.split()[0])
    left = [place for place in places(path) if place.exists()]
    assert [any(place.read_bytes()) for place in left] == [False]
    journal = Journal(tmp_path)
    journal.record(attempt_of(1))
    assert not left[0].exists()
    journal.close()


def test_a_killed_kernel_is_read_also_where_nothing_may_be_written(tmp_path):
    done = run(KILLED, tmp_path, check=False)
    path = Path(done.stdout.split()[0])
    before = path.read_bytes()
    frames = next(place for place in places(path) if place.exists())
    real_open = Path.open

    def read_only(self, mode="r", *args, **options):
        if "+" in mode:
            raise PermissionError(13, "Permission denied", str(self))
        return real_open(self, mode, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", read_only)
        assert len(source.read(path)[0]) == 200
    assert path.read_bytes() == before
    assert frames.exists()
    source.read(path)
    assert not frames.exists()


def test_the_frames_of_a_living_kernel_are_read_and_left_alone(tmp_path):
    journal = Journal(tmp_path)
    call = captures.one_call().calls[0]
    call.capture_id = "cafe" * 4
    journal.append(call, captures.capture([], 1))
    journal.record(attempt_of(77))
    assert sorted(c.call_id for capture in source.read(journal.path) for c in capture.calls) == [
        f"{1:016x}",
        f"{77:016x}",
    ]
    assert len(journal.path.read_text().splitlines()) == 1
    assert waiting(journal) > 0
    journal.close()


def test_a_retry_that_was_not_written_counts(tmp_path):
    """The line knows one attempt, the frames know two."""
    journal = Journal(tmp_path)
    first, second = attempt_of(5, status=429), attempt_of(5)
    second.number = 1
    from nbext.model.assemble import call_of_attempts

    journal.record(first)
    journal.append(call_of_attempts([first]))
    journal.record(first)
    journal.record(second)
    (capture,) = source.read(journal.path)
    assert [len(call.attempts) for call in capture.calls] == [2]
    journal.close()


def test_a_foreign_folder_in_the_way_is_not_used(tmp_path, monkeypatch):
    """Somebody else's folder of the same name would let them read what was sent."""
    theirs = tmp_path / "shared"
    theirs.mkdir(mode=0o777)
    theirs.chmod(0o777)
    ours = tmp_path / "ours"
    monkeypatch.setattr("nbext.sinks.spool.places", lambda _: [theirs / "a.spool", ours / "a.spool"])
    journal = Journal(tmp_path)
    journal.record(attempt_of(1))
    assert not (theirs / "a.spool").exists()
    assert (ours / "a.spool").stat().st_size > 0
    journal.close()


def test_a_full_place_gives_way_to_the_next(tmp_path, monkeypatch):
    full, other = tmp_path / "full", tmp_path / "other"
    full.mkdir(mode=0o700)
    (full / "a.spool").symlink_to("/dev/full")
    monkeypatch.setattr("nbext.sinks.spool.places", lambda _: [full / "a.spool", other / "a.spool"])
    journal = Journal(tmp_path)
    journal.record(attempt_of(1))
    assert len(list(attempts_in((other / "a.spool").read_bytes()))) == 1
    journal.close()


def test_a_call_that_ends_inside_our_own_work_is_kept(tmp_path, monkeypatch):
    """The garbage collector may end an abandoned stream while we hold the lock."""
    journal = Journal(tmp_path)
    real = content_of
    nested = []

    def interrupted(attempt):
        if not nested:
            nested.append(1)
            journal.record(attempt_of(2))
        return real(attempt)

    monkeypatch.setattr("nbext.sinks.spool.content_of", interrupted)
    journal.record(attempt_of(1))
    place = next(place for place in places(journal.path) if place.exists())
    assert sorted(attempt.call_id for attempt in attempts_in(place.read_bytes())) == [
        f"{1:016x}",
        f"{2:016x}",
    ]
    journal.close()


def test_frames_of_every_size_and_a_place_that_grows_and_shrinks(tmp_path):
    journal = Journal(tmp_path)
    sizes = [0, 1, 700_000, 900_000, 3_000_000, 5]
    for number, size in enumerate(sizes):
        attempt = attempt_of(number)
        attempt.request_body = b"x" * size
        journal.record(attempt)
    (place,) = (place for place in places(journal.path) if place.exists())
    assert [len(attempt.request_body) for attempt in attempts_in(place.read_bytes())] == sizes
    grown = place.stat().st_size
    for number in range(len(sizes)):
        call = captures.one_call().calls[0]
        call.call_id = f"{number:016x}"
        journal.append(call)
    assert waiting(journal) == 0
    assert place.stat().st_size < grown
    journal.close()
    assert not place.exists()


def test_values_of_a_type_of_the_users(tmp_path):
    class Text(str):
        pass

    attempt = attempt_of(1)
    attempt.url = Text("http://host/v1/chat/completions")
    attempt.pieces = [b"a", bytearray(b"b")]
    (again,) = attempts_in(frame_of(attempt))
    assert (again.url, type(again.url), again.pieces) == (attempt.url, str, [b"a", b"b"])


def test_a_damaged_frame_ends_the_reading():
    good, bad = frame_of(attempt_of(1)), bytearray(frame_of(attempt_of(2)))
    bad[-1] ^= 1
    assert [attempt.call_id for attempt in attempts_in(good + bytes(bad) + good)] == [f"{1:016x}"]


def test_a_forked_process_leaves_the_frames_to_its_parent(tmp_path):
    journal = Journal(tmp_path)
    journal.record(attempt_of(1))
    child = os.fork()
    if not child:
        journal.record(attempt_of(2))
        os._exit(0)
    os.waitpid(child, 0)
    journal.record(attempt_of(3))
    assert waiting(journal) == 2
    journal.close()

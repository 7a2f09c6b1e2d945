"""Raw attempts that wait for their line: what a killed kernel leaves behind, and who may read it."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import pytest

from nbext.model.attempt import Attempt
from nbext.model.spool import attempts_in, frame_of, places, sent_part
from nbext.sinks.journal import Journal
from nbext.sources import journal as source
from tests.contract import captures
from tests.unit.sinks.attempts import attempt_of, run, waiting


def test_a_frame_gives_the_attempt_back():
    attempt = attempt_of(3)
    attempt.error, attempt.inner_retries = ("ReadError", "gone"), [(503, "busy"), (None, "reset")]
    (again,) = attempts_in(frame_of(attempt))
    for name in Attempt.__annotations__:
        assert getattr(again, name) == getattr(attempt, name), name
    assert list(attempts_in(frame_of(attempt)[:-1])) == []
    assert len(list(attempts_in(frame_of(attempt) * 3 + b"\x07" * 9))) == 3


def test_what_was_sent_is_made_while_the_answer_is_on_its_way(tmp_path):
    attempt, whole = attempt_of(3), frame_of(attempt_of(3))
    sent = sent_part(attempt)
    assert frame_of(attempt, sent) == whole
    journal = Journal(tmp_path)
    attempt.end_ns, answer, attempt.pieces = None, attempt.pieces, []
    journal.prepare(attempt)
    assert waiting(journal) == 0
    attempt.end_ns, attempt.pieces = attempt_of(3).end_ns, answer
    journal.record(attempt)
    (place,) = (place for place in places(journal.path) if place.exists())
    assert place.read_bytes().startswith(whole)
    journal.close()


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
    from tests.unit.sinks.attempts import attempt_of
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


def killed_in_the_middle_of_a_line(tmp_path, torn=b'{"databricks_request_id":null,"request_date":"2026'):
    """Two lines, half a third, and frames of a call of another capture."""
    code = f"""
        import os, signal, sys
        from nbext.sinks.journal import Journal
        from tests.contract import captures
        from tests.unit.sinks.attempts import attempt_of
        journal = Journal(sys.argv[1])
        capture = captures.churn_agent()
        for call in capture.calls[:2]:
            journal.append(call, capture)
        attempt = attempt_of(77)
        attempt.capture_id, attempt.capture_name = "beef" * 4, "t2"
        attempt.capture_start_ns, attempt.cell = 1, 7
        journal.record(attempt)
        os.write(journal._file, {torn!r})
        print(journal.path, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    return Path(run(code, tmp_path, check=False).stdout.split()[0])


def test_a_kernel_killed_in_the_middle_of_a_line_leaves_a_journal_to_read(tmp_path):
    path = killed_in_the_middle_of_a_line(tmp_path)
    for _ in range(2):
        first, second = source.read(path)
        assert (first.name, first.start_ns, first.cell) == ("t2", 1, 7)
        assert [call.cell for call in first.calls] == [7]
        assert len(second) == 2
    assert not any(place.exists() for place in places(path))
    assert len(path.read_text().splitlines()) == 3


def test_a_last_line_that_only_lacks_its_end_is_kept(tmp_path):
    journal = Journal(tmp_path)
    journal.append(captures.one_call().calls[0], captures.one_call())
    line = journal.path.read_bytes().rstrip()
    path = killed_in_the_middle_of_a_line(tmp_path, line)
    assert [sorted(map(len, source.read(path))) for _ in range(2)] == [[1, 1, 2]] * 2


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
    nested = []

    def interrupted(*parts):
        if not nested:
            nested.append(1)
            journal.record(attempt_of(2))
        return frame_of(*parts)

    monkeypatch.setattr("nbext.sinks.spool.frame_of", interrupted)
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

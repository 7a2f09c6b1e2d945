"""The journal: what is in the file, and what happens when it cannot be written."""

from __future__ import annotations

import json
import stat
import threading
import warnings
from pathlib import Path

import pytest

from nbext.sinks.journal import Journal, JournalWarning
from nbext.sources.files import open_path
from tests.contract import captures
from tests.unit.sinks.attempts import attempt_of, run, waiting

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


DAMAGED = [
    '{"kind": "call"}',
    '{"kind": "span", "client": {}}',
    '{"kind": "call", "client": 5}',
    '{"kind": "call", "request": 5, "client": {"call_id": "a", "trace_id": "b", "start_ns": 1}}',
    '{"kind": "call", "request": "{", "client": {"call_id": "a", "trace_id": "b", "start_ns": 1}}',
    '{"kind": "call", "client": {"call_id": "a", "trace_id": "b", "start_ns": "now"}}',
    '{"kind": "call", "client": {"call_id": ["a"], "trace_id": "b", "start_ns": 1}}',
    '{"kind": "call", "client": {"call_id": "a", "trace_id": "b", "start_ns": 1, "attempts": [3]}}',
    '{"kind": "call", "client": {"call_id": "a", "trace_id": null, "start_ns": 1}}',
]


@pytest.mark.parametrize("line", DAMAGED)
def test_a_damaged_row_is_named(tmp_path, line):
    path = tmp_path / "a.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(ValueError, match=r"^a\.jsonl, line 2: the (call|span) is damaged \(.+\), got '\{"):
        open_path(path)


def test_broken_lines_do_not_hide_the_rest_of_a_folder(tmp_path):
    capture = captures.churn_agent()
    for calls in (capture.calls[:2], capture.calls[2:]):
        journal = Journal(tmp_path)
        for call in calls:
            journal.append(call, capture)
    with journal.path.open("a") as file:
        file.write("\n".join(["{", "[]", *DAMAGED, ""]))
    (tmp_path / ".nbext" / "0.jsonl").mkdir()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        (read,) = open_path(tmp_path)
    assert len(read) == len(capture.calls)
    (message,) = [str(warning.message) for warning in caught]
    assert f"{tmp_path}: 0.jsonl: Is a directory ({len(DAMAGED) + 2} more like it)" in message


def test_a_folder_with_nothing_to_read_is_refused(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"kind": "call"}\n')
    with pytest.raises(ValueError, match=r"a\.jsonl, line 1: the call is damaged"):
        open_path(tmp_path)


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

"""The sub-commands in a shell of their own, without a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import nbext
from nbext.kernel.session import session
from nbext.magics import load, unload
from nbext.magics.find import find
from nbext.results.captured import Capture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[InteractiveShell]:
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config, ipython_dir=str(tmp_path))
    load(shell)
    session.clear()
    yield shell
    unload(shell)
    session.clear()


def remember(capture_id: str, cell: int | None) -> Capture:
    capture = Capture(id=capture_id, start_ns=0, cell=cell)
    session.remember(capture)
    return capture


def test_a_cell_of_any_number_and_an_id_that_begins_with_digits(shell: InteractiveShell) -> None:
    late, other = remember("a" * 16, 1500), remember("15001500abcdabcd", 2)
    assert find(["1500"]) == [late]
    assert find(["2"]) == [other]
    assert find(["15001"]) == [other]
    session.clear()
    remember(other.id, 2)
    assert [capture.id for capture in find(["1500"])] == [other.id]
    with pytest.raises(UsageError, match="nothing in memory has the id '1501'"):
        find(["1501"])


def test_clear_forgets_all_but_the_cell_being_run(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    remember("a" * 16, 1)
    ran = shell.run_cell("%%gateway_trace --name kept --quiet\n%gateway_trace clear", store_history=True)
    ran.raise_error()
    assert capsys.readouterr().out.startswith("Forgot 1 capture.")
    assert nbext.last is not None
    assert nbext.last.name == "kept"
    assert nbext.captures == [nbext.last]
    shell.run_cell("%gateway_trace clear").raise_error()
    assert nbext.last is None
    assert nbext.captures == []


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%gateway_trace df --help", ["%gateway_trace df [--all]", "calls|spans|", "give a DataFrame"]),
        ("%gateway_trace show -h", ["%gateway_trace show [ID ...]", "draw the last capture"]),
        ("%gateway_trace --help", ["%%gateway_trace [--name N]", "%gateway_trace push", "%config"]),
        ("%%gateway_trace --help\n", ["%%gateway_trace [--name N]", "--judge NAME"]),
    ],
)
def test_help(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, words: list) -> None:
    shell.run_cell(cell).raise_error()
    printed = capsys.readouterr().out
    assert [word for word in words if word not in printed] == []
    assert nbext.last is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--name=x", "%gateway_trace: '--name' goes with %%gateway_trace at the top of a cell"),
        (
            "--nmae x",
            "%gateway_trace: '--nmae' is no option of %%gateway_trace at the top of a cell; "
            "did you mean --name?",
        ),
        (
            "shwo --help",
            "%gateway_trace: no sub-command 'shwo'; did you mean show?",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(shell: InteractiveShell, line: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        shell.run_line_magic("gateway_trace", line)
    assert str(caught.value) == message

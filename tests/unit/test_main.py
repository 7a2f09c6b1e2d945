"""``python -m nbext``."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nbext", *words], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_help(words: list[str]) -> None:
    ran = run(*words)
    assert ran.returncode == 0
    for name in ("demo", "gateway", "--version"):
        assert name in ran.stdout


def test_nothing_is_help_and_an_error() -> None:
    ran = run()
    assert ran.returncode == 2
    assert ran.stdout == run("--help").stdout


def test_version() -> None:
    ran = run("--version")
    assert ran.returncode == 0
    assert ran.stdout.startswith("nbext ")


def test_a_misspelt_command() -> None:
    ran = run("gatewya")
    assert ran.returncode == 2
    assert ran.stderr == "nbext: no command 'gatewya'; did you mean gateway?\n"


@pytest.mark.parametrize("name", ["demo", "gateway"])
def test_each_command_has_help(name: str) -> None:
    ran = run(name, "--help")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"usage: python -m nbext {name}")

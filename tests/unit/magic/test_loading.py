"""Loading into a shell, again and after a setting was refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nbext import configure, settings
from nbext.magics import load, unload
from nbext.magics.tie import attach

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[InteractiveShell]:
    before = {name: getattr(settings.current(), name) for name in ("live", "keep", "paths")}
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config, ipython_dir=str(tmp_path))
    yield shell
    unload(shell)
    settings.current().set(before)


def test_a_refused_setting_does_not_keep_it_from_being_loaded_again(
    shell: InteractiveShell, caplog: pytest.LogCaptureFixture
) -> None:
    load(shell)
    shell.run_line_magic("config", 'GatewayTrace.live = "maybe"')
    assert "live: expected a boolean, got 'maybe'" in caplog.text
    unload(shell)
    load(shell)
    assert "gateway_trace" in shell.magics_manager.magics["line"]
    assert settings.current().live is True
    shell.run_line_magic("config", "GatewayTrace.live = False")
    assert settings.current().live is False


def test_what_was_set_since_stays_when_it_is_loaded_again(shell: InteractiveShell) -> None:
    shell.config.GatewayTrace.paths.append("/v9/think")
    load(shell)
    shell.run_line_magic("config", "GatewayTrace.keep = 7")
    configure(keep=8)
    unload(shell)
    load(shell)
    assert settings.current().keep == 8
    assert settings.current().paths.count("/v9/think") == 1
    configure(paths=["/v9/think"])
    unload(shell)
    load(shell)
    assert settings.current().paths == ["/v9/think"]


def test_what_was_set_while_it_was_not_loaded(shell: InteractiveShell) -> None:
    load(shell)
    unload(shell)
    shell.run_line_magic("config", "GatewayTrace.keep = 9")
    load(shell)
    assert settings.current().keep == 9


def test_who_gave_the_wrong_setting_is_named(shell: InteractiveShell) -> None:
    wrong = Config()
    wrong.GatewayTrace.keep = "many"
    shell.config.merge(wrong)
    with pytest.raises(UsageError) as caught:
        load(shell)
    assert str(caught.value) == (
        "nbext was not loaded: ipython_config.py: GatewayTrace: keep: expected an int, got 'many'"
    )
    # A kernel's own configuration is that of the files.
    kernel = SimpleNamespace(config=Config())
    given = SimpleNamespace(config=wrong, parent=kernel, configurables=[])
    with pytest.raises(ValueError, match=r"^%config: GatewayTrace: keep: expected an int") as refused:
        attach(_Hashable(given))
    assert "\n" not in str(refused.value)


class _Hashable:
    """A shell of which only the configuration counts."""

    def __init__(self, like: SimpleNamespace) -> None:
        self.__dict__.update(like.__dict__)

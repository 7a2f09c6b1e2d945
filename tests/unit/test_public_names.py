"""What a user may rely on."""

from __future__ import annotations

import inspect

import pytest

import nbext

PUBLIC = {
    "Call",
    "Capture",
    "Column",
    "Comparison",
    "InferenceTable",
    "Joined",
    "Overview",
    "PushResult",
    "Span",
    "Trace",
    "View",
    "MlflowTraces",
    "mlflow_traces",
    "evaluate",
    "Evaluation",
    "__version__",
    "attempts_df",
    "calls_df",
    "captures",
    "compare",
    "configure",
    "frames",
    "gateway",
    "inference_table",
    "join",
    "last",
    "load_ipython_extension",
    "messages_df",
    "open",
    "push",
    "spans_df",
    "tool_calls_df",
    "trace",
    "unload_ipython_extension",
    "view",
}


def test_the_list() -> None:
    assert set(nbext.__all__) == PUBLIC
    assert len(nbext.__all__) == len(PUBLIC)
    assert set(dir(nbext)) == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC - {"gateway"}))
def test_every_name_is_there_and_documented(name: str) -> None:
    value = getattr(nbext, name)
    if inspect.isfunction(value) or inspect.isclass(value):
        assert inspect.getdoc(value)


def test_the_builtin_open_is_not_shadowed_in_our_own_code() -> None:
    assert nbext.open is not open


def test_a_misspelt_name_gets_a_suggestion() -> None:
    with pytest.raises(AttributeError, match="no attribute 'calls_fd'; did you mean 'calls_df'"):
        nbext.calls_fd  # noqa: B018


def test_live_names_are_read_anew() -> None:
    with nbext.trace("first", display=False) as first:
        pass
    assert nbext.last is first
    with nbext.trace("second", display=False) as second:
        pass
    assert nbext.last is second
    assert nbext.captures[-2:] == [first, second]
    assert "last" not in vars(nbext)
    assert "captures" not in vars(nbext)

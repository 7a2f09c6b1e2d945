"""Every option is documented, checked when it is set, and refused in one line."""

from __future__ import annotations

import pytest
from traitlets.config import Config

from nbext import configure, settings
from nbext.settings import GatewayTrace


@pytest.fixture
def options() -> GatewayTrace:
    return GatewayTrace()


def test_every_option_is_documented() -> None:
    names = GatewayTrace.option_names()
    assert set(names) == set(GatewayTrace.class_traits(config=True))
    for name in names:
        assert len(GatewayTrace.class_traits()[name].help) > 20, name


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"liev": True}, "no setting 'liev'; did you mean 'live'?"),
        ({"journal_dir": "x"}, "no setting 'journal_dir'; did you mean 'journal"),
        ({"zzz": 1}, "no setting 'zzz'; known: paths, hosts, headers"),
        ({"live": "x"}, "live: expected a boolean, got 'x'"),
        ({"keep": 0}, "keep: expected"),
        ({"keep": "many"}, "keep: expected an int, got 'many'"),
        ({"max_output_bytes": 3}, "max_output_bytes: expected"),
        ({"paths": 3}, "paths: expected a list, got 3"),
        ({"paths": []}, "paths: [] would trace no call at all; give at least one ending, like"),
        ({"paths": ["chat"]}, "paths: 'chat' is no ending of a URL path; it begins with '/' or ':'"),
        ({"headers": ["Authorization"]}, "headers: 'authorization' may carry a credential and is never kept"),
        ({"headers": ["x-api-key"]}, "headers: 'x-api-key' may carry a credential and is never kept"),
        ({"headers": ["Set-Cookie"]}, "headers: 'set-cookie' may carry a credential and is never kept"),
        ({"redact_patterns": ["("]}, "redact_patterns: '(' is no regular expression: missing )"),
        ({"redact_hook": 3}, "redact_hook: expected a function from text to text or None, got 3"),
        ({"prices": {"m": 3}}, "prices: 'm': expected a dict like {'input': 0.5, 'output': 1.5}, got 3"),
        ({"prices": {"m": {"inptu": 3}}}, "prices: 'm': no price 'inptu'; did you mean 'input'?"),
        ({"prices": {"m": {"input": "3"}}}, "prices: 'm': input is US$ per million tokens, got '3'"),
        ({"prices": {"m": {"input": -1}}}, "prices: 'm': input is US$ per million tokens, got -1"),
        ({"prices": {"m": {"input": float("nan")}}}, "prices: 'm': input is US$ per million tokens, got nan"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(options: GatewayTrace, given: dict, message: str) -> None:
    before = {name: getattr(options, name) for name in options.option_names()}
    with pytest.raises(ValueError, match=r": |no setting") as caught:
        options.set(given)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert {name: getattr(options, name) for name in options.option_names()} == before


def test_all_or_none(options: GatewayTrace) -> None:
    with pytest.raises(ValueError, match="keep"):
        options.set({"live": False, "keep": "many"})
    assert options.live is True
    options.set({"live": False, "keep": 3})
    assert (options.live, options.keep) == (False, 3)


def test_what_is_set_reaches_the_recording(options: GatewayTrace) -> None:
    options.set(
        {"paths": ["/v9/think"], "hosts": ["*.example.com"], "headers": ["X-Team"], "propagate": False}
    )
    made = options.recording_options(tags={"a": "b"}, request_id=True)
    assert made.matcher("api.example.com", "/x/v9/think")
    assert not made.matcher("api.example.com", "/chat/completions")
    assert not made.matcher("example.org", "/v9/think")
    assert made.request_headers.pick([("X-Team", "nlp"), ("Authorization", "Bearer x")]) == {"x-team": "nlp"}
    assert made.response_headers.pick([("x-team", "nlp")]) == {"x-team": "nlp"}
    assert (made.propagate, made.tags, made.request_id) == (False, {"a": "b"}, True)


def test_what_is_set_reaches_the_redactor(options: GatewayTrace) -> None:
    options.set(
        {"redact_patterns": ["PROJECT-[0-9]+"], "redact_hook": lambda text: text.replace("Ada", "somebody")}
    )
    masked = options.redactor().text("Ada asked about PROJECT-77")
    assert "77" not in masked
    assert "somebody" in masked
    options.set({"redact": False})
    assert options.redactor().text("PROJECT-77") == "PROJECT-77"


def test_config_files(options: GatewayTrace) -> None:
    config = Config()
    config.GatewayTrace.live = False
    config.GatewayTrace.paths.append("/v9/think")
    options.update_config(config)
    assert options.live is False
    assert options.paths[-1] == "/v9/think"
    assert "/chat/completions" in options.paths


def test_a_misspelt_name_in_a_config_is_refused_and_does_not_stay(options: GatewayTrace) -> None:
    wrong = Config()
    wrong.GatewayTrace.liev = False
    with pytest.raises(ValueError, match="no setting 'liev'; did you mean 'live'"):
        options.update_config(wrong)
    with pytest.raises(ValueError, match="no setting 'liev'"):
        GatewayTrace(config=wrong)
    right = Config()
    right.GatewayTrace.keep = 7
    options.update_config(right)
    assert options.keep == 7


def test_a_later_option_does_not_bring_back_an_earlier_one(options: GatewayTrace) -> None:
    first = Config()
    first.GatewayTrace.live = False
    options.update_config(first)
    options.set({"live": True})
    second = Config()
    second.GatewayTrace.keep = 7
    options.update_config(second)
    assert options.live is True


def test_configure_sets_the_options_in_force() -> None:
    before = settings.current().keep
    try:
        configure(keep=5)
        assert settings.current().keep == 5
    finally:
        configure(keep=before)

"""Wrong words get one line, with what was probably meant."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

from nbext.magics.gateway_trace import cell_parser
from nbext.magics.parse import Parser, split


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  on  ", ["on"]),
        ("--name 'my run' --tag \"a=b c\"", ["--name", "my run", "--tag", "a=b c"]),
        (r"export C:\tmp\x.html", ["export", r"C:\tmp\x.html"]),
        ("--name=#1", ["--name=#1"]),
        ("--name ''", ["--name", ""]),
        ("export ~/a(b);c.html", ["export", "~/a(b);c.html"]),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert split(line) == words


def test_an_open_quote() -> None:
    with pytest.raises(UsageError, match="a quote is not closed in: --name 'x"):
        split("--name 'x")


def test_options_of_a_cell() -> None:
    args = cell_parser().read(
        ["--name", "n", "--tag", "a=1", "--tag", "b=x=y", "--request-id", "--no-live", "--quiet"]
    )
    assert args.name == "n"
    assert args.tag == [("a", "1"), ("b", "x=y")]
    assert args.request_id and args.no_live and args.quiet


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--nme", "x"], "%%gateway_trace: no option '--nme'; did you mean --name?"),
        (["--nme=x"], "%%gateway_trace: no option '--nme'; did you mean --name?"),
        (["--quite"], "%%gateway_trace: no option '--quite'; did you mean --quiet?"),
        (
            ["--zzz"],
            "%%gateway_trace: no option '--zzz'; known: --name, --to, --experiment, "
            "--tag, --judge, --request-id, --no-live, --quiet",
        ),
        (["--name"], "%%gateway_trace: --name: expected one argument"),
        (["--tag", "a"], "%%gateway_trace: --tag: expected key=value, got 'a'"),
        (["--tag", "=a"], "%%gateway_trace: --tag: expected key=value, got '=a'"),
        (["--quiet=yes"], "%%gateway_trace: --quiet: ignored explicit argument 'yes'"),
        (["--req"], "%%gateway_trace: no option '--req'; did you mean --request-id?"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        cell_parser().read(words)
    assert str(caught.value) == message


def test_a_stray_word() -> None:
    with pytest.raises(UsageError) as caught:
        cell_parser().read(["stray"])
    text = str(caught.value)
    assert text.startswith(
        "%%gateway_trace: 'stray' was not expected here; usage: %%gateway_trace [--name N]"
    )
    assert "\n" not in text


def test_a_parser_without_options() -> None:
    with pytest.raises(UsageError, match="there is no option '-x' here"):
        Parser("%gateway_trace on").read(["-x"])

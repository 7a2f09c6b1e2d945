"""The rewritten cell is, but for its first line, what IPython makes of the body alone."""

from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from nbext.magics.transform import trace_first_line

BODIES = [
    "1 + 1",
    "x = 1\nx",
    "x = 1;",
    "%time 1 + 1",
    "%%time\nx = 1\nx",
    "%%time -n\nx = 1\n\n\ny",
    "%%timeit -n 1 -r 1\nx = 'it''s'",
    "%%bash\necho 'a' \"b\" $HOME",
    "%%html\n<b>bold</b>",
    "!ls -l",
    "files = !ls",
    "len?",
    "len??",
    "%time?",
    "%%time?",
    "for i in range(3):\n    %time i\n    !echo {i}",
    "await thing()",
    "async with a as b:\n    await b",
    "    x = 1\n    y = 2",
    ">>> x = 1\n>>> x\n",
    ">>> for i in range(2):\n...     i",
    "In [1]: x = 1\nIn [2]: x",
    "# a comment\nx",
    '"""text"""\nx',
    "x = '''\n%%time\n'''",
    "if (",
    "x = \\\n  1",
    "%%gateway\nx",
    "",
    "\n\n",
    "'é 漢字 🙂'",
]


@pytest.fixture
def manager() -> TransformerManager:
    manager = TransformerManager()
    manager.cleanup_transforms.append(trace_first_line)
    return manager


def first(options: str = "") -> str:
    return f"get_ipython().run_line_magic('gateway_trace', {'--cell ' + options!r})\n"


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("options", ["", " --name x", '  --name "it\'s" --tag a=b'])
def test_body_is_what_it_would_be_alone(manager: TransformerManager, body: str, options: str) -> None:
    got = manager.transform_cell(f"%%gateway_trace{options}\n{body}")
    assert got.startswith(first(options.strip()))
    assert got.removeprefix(first(options.strip())).strip("\n") == TransformerManager().transform_cell(
        body
    ).strip("\n")


# A cell magic below becomes one line, as it does alone; so does a continued line magic.
@pytest.mark.parametrize("body", [body for body in BODIES if not body.startswith("%%")])
def test_line_numbers_stay(manager: TransformerManager, body: str) -> None:
    cell = f"%%gateway_trace\n\n\n{body}\nlast_line"
    assert len(manager.transform_cell(cell).splitlines()) == len(cell.splitlines())


@pytest.mark.parametrize(
    "cell",
    [
        "x = 1",
        "",
        "%%time\nx",
        "%gateway_trace on",
        "%%gateway_trace?",
        "%%gateway_trace??",
        "%%gateway_traces\nx",
        "%%gateway_trace--name x\nx",
        "x = 1\n%%gateway_trace",
        "# first\n%%gateway_trace\nx",
    ],
)
def test_other_cells_are_left_alone(manager: TransformerManager, cell: str) -> None:
    assert manager.transform_cell(cell) == TransformerManager().transform_cell(cell)


@pytest.mark.parametrize(
    "cell", ["\n\n%%gateway_trace\nx", "    %%gateway_trace\n    x", ">>> %%gateway_trace\n>>> x"]
)
def test_where_ipython_takes_a_cell_magic_so_do_we(manager: TransformerManager, cell: str) -> None:
    assert manager.transform_cell(cell).strip().splitlines() == [first().strip(), "x"]


def test_imports_from_the_future_come_first(manager: TransformerManager) -> None:
    body = (
        "# why\nfrom __future__ import annotations  # a\nfrom __future__ import division, generators\nx = 1"
    )
    got = manager.transform_cell(f"%%gateway_trace --quiet\n{body}").splitlines()
    assert got == [
        "",
        "# why",
        "from __future__ import annotations  # a",
        f"from __future__ import division, generators; {first('--quiet').strip()}",
        "x = 1",
    ]
    compile("\n".join(got), "<cell>", "exec")


def test_a_comment_behind_the_last_future_import_stays_a_comment(manager: TransformerManager) -> None:
    got = manager.transform_cell("%%gateway_trace\nfrom __future__ import annotations  # why\nx")
    assert got.splitlines()[1] == (
        "from __future__ import annotations; get_ipython().run_line_magic('gateway_trace', '--cell ')  # why"
    )


def test_pasted_twice_is_traced_once(manager: TransformerManager) -> None:
    got = manager.transform_cell("%%gateway_trace --name a\n%%gateway_trace --quiet\nx")
    assert got == f"{first('--name a --quiet')}\nx\n"


def test_a_half_typed_cell_waits_for_an_empty_line(manager: TransformerManager) -> None:
    assert manager.check_complete("%%gateway_trace")[0] == "incomplete"
    assert manager.check_complete("%%gateway_trace\nx = 1")[0] == "incomplete"
    assert manager.check_complete("%%gateway_trace\nx = 1\n\n")[0] == "complete"

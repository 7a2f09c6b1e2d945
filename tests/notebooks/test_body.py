"""The body of a traced cell behaves as the same cell untraced, in real kernels side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from .kernel import Kernel, Ran, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.notebook

BODIES = {
    "last expression": "1 + 1",
    "last of several": "x = 5\nx + 1\nx * 2",
    "statement": "x = 5",
    "semicolon": "x = 5\nx;",
    "print and value": "print('a')\n'b'",
    "display": "from IPython.display import display\ndisplay('a')\n'b'",
    "underscore": "_",
    "out": "sorted(Out)[-1] >= 1",
    "await": "import asyncio\nawait asyncio.sleep(0.001, 'slept')",
    "async with": (
        "import contextlib\n@contextlib.asynccontextmanager\nasync def c():\n    yield 7\n"
        "async with c() as v:\n    print(v)\nv"
    ),
    "async for": "async def g():\n    yield 1\n    yield 2\nasync for i in g():\n    print(i)",
    "gather": "import asyncio\nawait asyncio.gather(*(asyncio.sleep(0.001, i) for i in range(3)))",
    "task": "import asyncio\nt = asyncio.create_task(asyncio.sleep(0, 'x'))\nawait t",
    "future": "from __future__ import annotations\ndef f(x: Nothing): ...\nf.__annotations__",
    "future and await": "from __future__ import annotations\nimport asyncio\nawait asyncio.sleep(0, 'x')",
    "future later": "x = 1\nfrom __future__ import annotations",
    "docstring": '"""doc"""\n__doc__',
    "line magic": "%pwd",
    "line magic with a value": "here = %pwd\ntype(here)",
    "%time": "%time sum(range(10))",
    "%timeit": "%timeit -n 1 -r 1 -q pass",
    "shell": "!echo from the shell",
    "shell into a variable": "lines = !echo a; echo b\nlines",
    "shell with a variable": "word = 'hi'\n!echo {word} $word",
    "help": "len?",
    "more help": "len??",
    "help of a magic": "%time?",
    "names": "__name__, locals() is globals(), 'get_ipython' in globals()",
    "frame": "import sys\nsys._getframe().f_code.co_name",
    "function source": "import inspect\ndef f():\n    return 1\ninspect.getsource(f)",
    "line number": "import sys\nsys._getframe().f_lineno",
    "warning": "import warnings\nwarnings.warn('careful')",
    "nested cell": "get_ipython().run_cell('21 * 2')\n'after'",
    "nested failing cell": "get_ipython().run_cell('1/0').success",
    "nothing": "",
    "blank": "\n\n",
    "comment": "# only a comment",
    "long string": 'text = """\n%%time\n!no\n"""\ntext',
    "unicode": "größe = '漢字 🙂'\ngröße",
    "walrus": "(n := 10)",
    "global": "def set_it():\n    global made\n    made = 3\nset_it()\nmade",
    "exit code": "import sys\nsys.exit(3)",
}

FAILING = {
    "zero": "x = 1\n\n1 / 0\nprint('never')",
    "in a function": "def f(x):\n    y = 2\n    return x / 0\n\nf(1)",
    "chained": "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('b') from e",
    "os": "raise OSError(2, 'no')",
    "interrupt": "raise KeyboardInterrupt",
    "await": "import asyncio\nawait asyncio.sleep(0)\n1 / 0",
    "cancelled": "import asyncio\nraise asyncio.CancelledError",
    "syntax": "x = 1\ny = (\nz",
    "syntax first": "x ==== 1",
    "indent": "x = 1\n    y = 2",
    "return": "return 1",
    "name": "undefined_name",
    "no line magic": "%no_such_magic",
    "usage": "%timeit -n",
    "string": "x = 'abc",
    "own usage error": "%gateway_trace shwo",
    "assertion": "assert 1 == 2, 'no'",
    "import": "import no_such_module",
    "stop": "next(iter(()))",
    "base": "class Stop(BaseException): ...\nraise Stop('x')",
}

# What IPython does to a cell by its first line, it does to the body below the traced line.
BY_FIRST_LINE = {
    "%%time": "%%time\nx = 3\nx + 1",
    "%%time await": "%%time\nimport asyncio\nawait asyncio.sleep(0, 5)",
    "%%timeit": "%%timeit -n 1 -r 1 -q\npass",
    "%%bash": "%%bash\necho $((1 + 1)) 'q' \"d\"",
    "%%bash failing": "%%bash\nexit 3",
    "%%html": "%%html\n<b>x</b>",
    "%%capture": "%%capture caught\nprint('hidden')",
    "%%capture shown": "caught.stdout",
    "%%writefile": "%%writefile made.txt\nline 1\n\n  line 3\n",
    "%%writefile shown": "open('made.txt').read()",
    "%%python": "%%python\nprint(6 * 7)",
    "unknown": "%%no_such_magic a b\nx",
    "indented": "    y = 1\n    y",
    "prompts": ">>> y = 1\n>>> y + 1",
    "IPython prompts": "In [1]: y = 5\nIn [2]: y + 1",
    "indented %%time": "    %%time\n    y",
    "below blank lines": "\n\n%%time\n3",
    "error": "%%time\n1 / 0",
    "help": "%%time?",
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kernel, Kernel]]:
    """Two kernels that run the same cells: untraced and traced."""
    with (
        Kernel(tmp_path_factory.mktemp("plain")) as plain,
        Kernel(tmp_path_factory.mktemp("traced")) as traced,
    ):
        for kernel in (plain, traced):
            assert kernel.run("%load_ext nbext").reply["status"] == "ok"
        yield plain, traced


def shown(ran: Ran) -> dict[str, Any]:
    """What a reader would see and a client would get, without what differs from run to run."""
    return {
        "status": ran.reply["status"],
        "count": ran.reply["execution_count"],
        "payload": [
            {**p, "data": {k: clean(v) for k, v in p["data"].items()}} if "data" in p else p
            for p in ran.reply.get("payload", [])
        ],
        "outputs": [
            (o.type, clean(o.text), {k: clean(str(v)) for k, v in o.data.items()}) for o in ran.outputs
        ],
    }


def clean(text: str) -> str:
    text = plain(text)
    text = re.sub(r"get_ipython\(\)\.run_line_magic\('gateway_trace', .*\)", "# a comment", text)
    text = re.sub(r"/tmp/ipykernel_\d+/\d+\.py", "<cell>", text)
    text = re.sub(r"[\d.]+(e[+-]?\d+)? ?(ns|µs|μs|us|ms|s)\b", "<time>", text)
    text = re.sub(r"0x[0-9a-f]+", "<address>", text)
    return re.sub(r"/[^\s']*/(plain|traced)0", "<folder>", text)


def both(pair: tuple[Kernel, Kernel], untraced: str, traced: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return shown(pair[0].run(untraced)), shown(pair[1].run(traced))


@pytest.mark.parametrize("name", BODIES)
def test_body(pair: tuple[Kernel, Kernel], name: str) -> None:
    # A comment stands where the traced line stands, so that line numbers are the same.
    untraced, traced = both(pair, f"# a comment\n{BODIES[name]}", f"%%gateway_trace --quiet\n{BODIES[name]}")
    assert traced == untraced
    assert (
        untraced["status"] == ("error" if name in ("exit code", "future later") else "ok")
        or name == "future later"
    )


@pytest.mark.parametrize("name", FAILING)
def test_failing_body(pair: tuple[Kernel, Kernel], name: str) -> None:
    untraced, traced = both(
        pair, f"# a comment\n{FAILING[name]}", f"%%gateway_trace --quiet\n{FAILING[name]}"
    )
    assert traced == untraced
    assert untraced["status"] == "error"


@pytest.mark.parametrize("name", BY_FIRST_LINE)
def test_body_alone(pair: tuple[Kernel, Kernel], name: str) -> None:
    body = BY_FIRST_LINE[name]
    untraced, traced = both(pair, body, f"%%gateway_trace --quiet\n{body}")
    # A traceback quotes the line of the call, which is the second there: what it says must be the same.
    for got in (untraced, traced):
        got["outputs"] = [
            (kind, text.splitlines()[-1] if kind == "error" else text, data)
            for kind, text, data in got["outputs"]
        ]
    assert traced == untraced


def test_tracebacks_have_the_line_of_the_cell(pair: tuple[Kernel, Kernel]) -> None:
    ran = pair[1].run("%%gateway_trace --quiet\nx = 1\n\ndef f():\n    return 1 / 0\n\nf()")
    pair[0].run("0")
    assert ran.error is not None
    assert "line 7" in ran.error
    assert "line 5" in ran.error
    assert "----> 7 f()" in ran.error


@pytest.mark.parametrize(
    "text", ["import ma", "x_long_name = 1\nx_lo", "'abc'.star", "%tim", "import os\nos.path.jo", "%%tim"]
)
def test_completion(pair: tuple[Kernel, Kernel], text: str) -> None:
    found = []
    for kernel, first in ((pair[0], "# a comment\n"), (pair[1], "%%gateway_trace --quiet\n")):
        code = first + text
        message = kernel.client.complete(code, cursor_pos=len(code))
        while True:
            reply = kernel.client.get_shell_msg(timeout=20)
            if reply["parent_header"]["msg_id"] == message:
                break
        content = reply["content"]
        offset = len(first)
        found.append(
            (
                content["status"],
                content["matches"],
                content["cursor_start"] - offset,
                content["cursor_end"] - offset,
            )
        )
    assert found[0] == found[1]
    assert found[0][1]


def test_the_history_has_the_cell_as_it_was_typed(pair: tuple[Kernel, Kernel]) -> None:
    pair[1].run("%%gateway_trace --quiet\n41 + 1")
    pair[0].run("0")
    ran = pair[1].run("get_ipython().history_manager.input_hist_raw[-2]")
    pair[0].run("0")
    assert ran.result == repr("%%gateway_trace --quiet\n41 + 1")


@pytest.mark.parametrize("line", ["%gateway_trace?", "%%gateway_trace?"])
def test_the_manual(pair: tuple[Kernel, Kernel], line: str) -> None:
    ran = pair[1].run(line)
    pair[0].run("0")
    (payload,) = ran.reply["payload"]
    text = plain(payload["data"]["text/plain"])
    for words in (
        "--name N",
        "--tag k=v",
        "--no-live",
        "%gateway_trace df",
        "%gateway_trace export",
        "%config GatewayTrace",
    ):
        assert words in text


def test_it_is_listed(pair: tuple[Kernel, Kernel]) -> None:
    ran = pair[1].run("%lsmagic")
    pair[0].run("0")
    assert "%gateway_trace" in str(ran.outputs)
    assert "%%gateway_trace" in str(ran.outputs)

"""What a traced cell shows and keeps, in a real kernel against the stand-in gateway."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import nbext

from .kernel import MIME, Kernel, trace_of

if TYPE_CHECKING:
    from nbext.results.captured import Captures

pytestmark = pytest.mark.notebook


def journal(kernel: Kernel) -> Captures:
    return nbext.open(kernel.folder / ".nbext")


def value(kernel: Kernel, expression: str) -> object:
    """Evaluate in the kernel, as JSON."""
    ran = kernel.run(f"import json, nbext\nprint(json.dumps({expression}))")
    assert ran.reply["status"] == "ok", ran.error
    return json.loads(ran.stdout)


def test_one_call(kernel: Kernel) -> None:
    ran = kernel.run(
        "%%gateway_trace --name first\nanswer = ask('What is 2 + 2?')\nanswer.choices[0].message.content"
    )
    assert ran.reply["status"] == "ok", ran.error
    (view,) = ran.views
    # The view stands first; the last expression is the cell's own.
    assert [o.type for o in ran.outputs] == ["display_data", "execute_result"]
    assert set(view.data) == {MIME, "text/html", "text/plain"}
    trace = trace_of(view)
    assert (trace["state"], trace["name"], trace["cell"]) == ("done", "first", ran.reply["execution_count"])
    assert trace["totals"]["calls"] == 1
    (span,) = trace["spans"]
    assert span["call"]["endpoint"] == "demo-chat"
    for form in (view.data["text/plain"], view.data["text/html"]):
        assert "What is 2 + 2?" in form
        assert "demo-chat" in form
    assert "<script" not in view.data["text/html"]
    frame = value(
        kernel, "nbext.last.calls_df()[['status', 'cell', 'prompt', 'api', 'attempts']].iloc[0].to_dict()"
    )
    assert frame == {
        "status": "ok",
        "cell": ran.reply["execution_count"],
        "prompt": "What is 2 + 2?",
        "api": "chat.completions",
        "attempts": 1,
    }
    (capture,) = [c for c in journal(kernel) if c.name == "first"]
    assert [c.prompt for c in capture.calls] == ["What is 2 + 2?"]
    assert capture.cell == ran.reply["execution_count"]


def test_the_answers_are_those_of_an_untraced_cell(kernel: Kernel) -> None:
    code = "sorted(type(ask('same')).__mro__, key=repr) and ask('same').choices[0].message.content"
    untraced = kernel.run(code)
    traced = kernel.run("%%gateway_trace --quiet\n" + code)
    assert traced.result == untraced.result
    assert traced.result


def test_a_stream(kernel: Kernel) -> None:
    ran = kernel.run(
        """%%gateway_trace
text = ''
for chunk in ask('Tell me', stream=True):
    text += chunk.choices[0].delta.content or '' if chunk.choices else ''
print(text)"""
    )
    (span,) = ran.trace["spans"]
    assert span["call"]["stream"] is True
    assert span["call"]["first"] > 0
    assert span.get("status") is None
    answer = span["call"]["answers"][0]
    assert (answer.get("text") or answer["parts"][0]["text"]) == ran.stdout.strip("\n")


def test_top_level_await_and_gather(kernel: Kernel) -> None:
    ran = kernel.run(
        "%%gateway_trace\n"
        "answers = await asyncio.gather(*(ask_soon(f'q{i}') for i in range(50)))\n"
        "len(answers)"
    )
    assert ran.result == "50"
    assert ran.trace["totals"]["calls"] == 50
    prompts = value(kernel, "sorted(nbext.last.calls_df()['prompt'])")
    assert prompts == sorted(f"q{i}" for i in range(50))


def test_a_retry(kernel: Kernel) -> None:
    ran = kernel.run("%%gateway_trace\nask('again', model='demo-429-then-ok').choices[0].finish_reason")
    assert ran.result == "'stop'"
    (span,) = ran.trace["spans"]
    assert [a["code"] for a in span["call"]["attempts"]] == [429, 429, 200]
    assert ran.trace["totals"]["retries"] == 2
    attempts = value(kernel, "nbext.last.attempts_df()['status_code'].tolist()")
    assert attempts == [429, 429, 200]
    (capture,) = [c for c in journal(kernel) if c.id == value(kernel, "nbext.last.id")]
    assert [a.status_code for a in capture.calls[0].attempts] == attempts


@pytest.mark.parametrize(
    ("client", "model", "status", "raises"),
    [
        ("client", "demo-guardrail", "blocked", True),
        ("unity", "demo-policy", "blocked", False),
        ("client", "demo-budget", "blocked", True),
        ("client", "demo-400", "error", True),
        ("client", "demo-disconnect", "error", True),
    ],
)
def test_what_went_wrong(kernel: Kernel, client: str, model: str, status: str, *, raises: bool) -> None:
    body = f"""answer = {client}.with_options(max_retries=0).chat.completions.create(
    model='{model}', messages=[{{'role': 'user', 'content': 'x'}}], stream={model == "demo-disconnect"})
for _ in answer: pass"""
    untraced = kernel.run(body)
    ran = kernel.run("%%gateway_trace\n" + body)
    assert ran.reply["status"] == ("error" if raises else "ok")
    assert (ran.reply.get("ename"), untraced.reply["status"]) == (
        untraced.reply.get("ename"),
        ran.reply["status"],
    )
    assert ran.trace["state"] == "done"
    assert ran.trace["totals"]["status"] == {status: 1}


def test_an_error_after_the_call_keeps_the_call(kernel: Kernel) -> None:
    ran = kernel.run("%%gateway_trace\nask('kept')\n1 / 0")
    assert ran.reply["ename"] == "ZeroDivisionError"
    assert "----> 3 1 / 0" in (ran.error or "")
    assert ran.trace["totals"]["calls"] == 1


def test_no_call(kernel: Kernel) -> None:
    ran = kernel.run("%%gateway_trace\n1 + 1")
    (view,) = ran.views
    assert "No model call in this cell." in view.data["text/plain"]
    assert ran.result == "2"


def test_options(kernel: Kernel) -> None:
    quiet = kernel.run("%%gateway_trace --quiet --name silent\nask('x');")
    assert quiet.outputs == []
    assert value(kernel, "[nbext.last.name, len(nbext.last)]") == ["silent", 1]
    still = kernel.run("%%gateway_trace --no-live\nprint('before')\nask('x');")
    assert [o.type for o in still.outputs] == ["stdout", "display_data"]
    assert still.views[0].updates == 0


def test_tags_and_request_id_change_the_request_only_when_asked(kernel: Kernel, gateway: object) -> None:
    def sent() -> dict:
        return json.loads(gateway.exchanges[-1].body)  # type: ignore[attr-defined]

    kernel.run("%%gateway_trace --quiet\nask('x')")
    assert set(sent()) == {"model", "messages"}
    kernel.run("%%gateway_trace --quiet --tag team=nlp --request-id\nask('x')")
    assert sent()["usage_context"] == {"team": "nlp"}
    assert sent()["client_request_id"]
    assert value(kernel, "nbext.last.calls_df()['client_request_id'].notna().all().item()") is True


def test_on_and_off(fresh: Kernel) -> None:
    assert fresh.run("ask('not traced')").views == []
    assert "Tracing every cell" in fresh.run("%gateway_trace on").stdout
    ran = fresh.run("ask('traced');")
    assert ran.trace["totals"]["calls"] == 1
    assert ran.trace["cell"] == ran.reply["execution_count"]
    assert fresh.run("1 + 1").outputs[0].type == "execute_result"
    named = fresh.run("%%gateway_trace --name asked\nask('also traced');")
    assert named.trace["name"] == "asked"
    assert fresh.run("await ask_soon('soon');").trace["totals"]["calls"] == 1
    fresh.run("def broken(:")
    fresh.run("%gateway_trace off")
    assert fresh.run("ask('not traced')").views == []
    assert value(fresh, "[c.calls[0].prompt for c in nbext.captures]") == ["traced", "also traced", "soon"]


def test_a_task_that_outlives_a_cell_which_made_no_call(fresh: Kernel) -> None:
    fresh.run("%gateway_trace on\nimport threading, time, nbext")
    code = "async def later():\n    await asyncio.sleep(0.2)\n    await ask_soon('late')\n"
    fresh.run(code + "task = asyncio.create_task(later())")
    assert fresh.run("await task").views == []
    found = "[[[c.prompt for c in x.calls] for x in nbext.captures], [t.name for t in threading.enumerate()]]"
    captures, threads = value(fresh, found)  # type: ignore[misc]
    assert captures == [["late"]]
    assert "nbext-view" not in threads
    assert fresh.run("%gateway_trace show").trace["totals"]["calls"] == 1


def test_on_counts_from_the_cell_it_stands_in(fresh: Kernel) -> None:
    ran = fresh.run("%gateway_trace on\nask('same cell');")
    assert ran.trace["totals"]["calls"] == 1
    ran = fresh.run("ask('before');\n%gateway_trace off\nask('after');")
    assert ran.trace["totals"]["calls"] == 1


def test_a_cell_that_never_runs_leaves_nothing_open(kernel: Kernel) -> None:
    for bad in ("x = (", "1 +", "    a\n  b", "%%gateway_trace\nx = ("):
        assert kernel.run("%%gateway_trace --name never\n" + bad).reply["status"] == "error"
        before = value(kernel, "len(nbext.captures)")
        assert kernel.run("ask('not traced')").views == []
        assert value(kernel, "len(nbext.captures)") == before
    assert kernel.run("import httpx2\n'nbext' in httpx2.Client.send.__module__").result == "False"


def test_hooks_are_there_only_while_a_cell_is_traced(kernel: Kernel) -> None:
    kernel.run("import httpx2; original = httpx2.Client.send")
    assert kernel.run("%%gateway_trace --quiet\nhttpx2.Client.send is original").result == "False"
    assert kernel.run("httpx2.Client.send is original").result == "True"
    kernel.run("%%gateway_trace --quiet\n1 / 0")
    assert kernel.run("httpx2.Client.send is original").result == "True"


def test_a_block_in_a_traced_cell(kernel: Kernel) -> None:
    code = """%%gateway_trace --name outer
import nbext
ask('one')
with nbext.trace('inner') as inner:
    ask('two')
ask('three');"""
    ran = kernel.run(code)
    assert [trace_of(view)["name"] for view in ran.views] == ["outer", "inner"]
    assert [trace_of(view)["totals"]["calls"] for view in ran.views] == [2, 1]
    assert value(kernel, "nbext.last.name") == "outer"


def test_a_block_without_magic(kernel: Kernel) -> None:
    ran = kernel.run("import nbext\nwith nbext.trace('block') as capture:\n    ask('x')\ncapture.cell")
    assert ran.trace["name"] == "block"
    assert ran.result == str(ran.reply["execution_count"])


def test_under_another_cell_magic(kernel: Kernel) -> None:
    ran = kernel.run("%%gateway_trace\n%%time\nask('timed');")
    assert ran.trace["totals"]["calls"] == 1
    assert "Wall time" in ran.stdout
    ran = kernel.run("%%time\n%%gateway_trace\nask('timed');")
    assert ran.trace["totals"]["calls"] == 1
    ran = kernel.run("get_ipython().run_cell_magic('gateway_trace', '--name by_hand', \"ask('x');\")")
    assert ran.trace["name"] == "by_hand"


def test_a_capture_as_last_expression(kernel: Kernel) -> None:
    ran = kernel.run("import nbext\nnbext.last")
    (output,) = ran.outputs
    assert output.type == "execute_result"
    assert set(output.data) == {MIME, "text/html", "text/plain"}


def test_background_threads_and_tasks(kernel: Kernel) -> None:
    code = """%%gateway_trace
import threading
from concurrent.futures import ThreadPoolExecutor
thread = threading.Thread(target=ask, args=('thread',))
thread.start()
with ThreadPoolExecutor(4) as pool:
    list(pool.map(ask, [f'pool {i}' for i in range(8)]))
task = asyncio.create_task(ask_soon('task'))
await asyncio.to_thread(ask, 'to_thread')
await task
thread.join()"""
    ran = kernel.run(code)
    assert ran.reply["status"] == "ok", ran.error
    prompts = value(kernel, "sorted(nbext.last.calls_df()['prompt'])")
    assert prompts == sorted(["thread", "task", "to_thread", *(f"pool {i}" for i in range(8))])


def test_a_task_that_outlives_its_cell_stays_with_it(kernel: Kernel) -> None:
    first = kernel.run(
        """%%gateway_trace --name early
async def later():
    await asyncio.sleep(0.3)
    return await ask_soon('late')
task = asyncio.create_task(later())
await ask_soon('now');"""
    )
    assert first.trace["totals"]["calls"] == 1
    second = kernel.run("%%gateway_trace --name next\nawait task\nawait ask_soon('mine');")
    assert second.trace["totals"]["calls"] == 1
    found = value(kernel, "[[c.prompt for c in x.calls] for x in nbext.captures[-2:]]")
    assert found == [["now", "late"], ["mine"]]
    kernel.late(0.5)
    assert first.trace["totals"]["calls"] == 2


def test_many_calls_each_under_its_own_cell(kernel: Kernel) -> None:
    code = """%%gateway_trace --name {0}
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(16) as pool:
    list(pool.map(ask, [f'{0} {{i}}' for i in range(100)]))
await asyncio.gather(*(ask_soon(f'{0} a{{i}}') for i in range(50)));"""
    for name in ("a", "b", "c"):
        ran = kernel.run(code.format(name))
        assert ran.reply["status"] == "ok", ran.error
        assert ran.trace["totals"]["calls"] == 150
    whose = "{c.name: [*sorted({k.prompt.split()[0] for k in c.calls}), len(c)] for c in nbext.captures[-3:]}"
    assert value(kernel, whose) == {name: [name, 150] for name in ("a", "b", "c")}
    written = {c.name: len(c.calls) for c in journal(kernel)}
    assert (written["a"], written["b"], written["c"]) == (150, 150, 150)

"""The living model, here without a kernel: it must not mind."""

from __future__ import annotations

import gc

import pytest

from nbext.display.hosts import HOSTS
from nbext.display.scripts import script
from nbext.display.view import CellView
from nbext.display.widget import TraceWidget
from tests.contract import captures
from tests.contract.typescript import Checker

CHECKER = Checker()


@pytest.fixture
def view():
    return CellView(captures.churn_agent(), host=HOSTS["jupyter"])


@pytest.fixture
def widget(view):
    sent = []
    view.widget.send = sent.append
    view.widget.sent = sent
    return view.widget


def ask(widget, what, **more):
    widget._handle_custom_msg({"kind": "ask", "id": "q1", "what": what, **more}, [])
    return widget.sent[-1]


def test_it_carries_no_data(widget):
    state = widget.get_state()
    assert set(state) >= {"uid", "selected", "filter", "visible", "_esm"}
    assert len(str({key: value for key, value in state.items() if key != "_esm"})) < 2000
    assert state["uid"] == widget.model_id == captures.churn_agent().id


def test_the_small_module_where_the_extension_draws_and_the_whole_viewer_elsewhere():
    assert TraceWidget(captures.one_call(), esm="registry").get_state()["_esm"] == script("registry")
    assert TraceWidget(captures.one_call(), esm="viewer").get_state()["_esm"] == script("viewer")
    assert len(script("registry")) < 4000


def test_a_page_asks_for_everything(widget):
    answer = ask(widget, "snapshot")
    assert CHECKER.problems(answer, "Snapshot") == []
    assert answer["id"] == "q1"
    assert len(answer["wire"]["spans"]) == 25
    bundle = ask(widget, "bundle")
    assert CHECKER.problems(bundle, "Answer") == []
    assert "text/html" in bundle["value"]
    assert ask(widget, "viewer")["value"] == script("viewer")


def test_what_is_not_known_or_fails_is_said(widget):
    assert "cannot do 'dance'" in ask(widget, "dance")["error"]
    widget.on_ask("replay", lambda value: {"echo": value})
    assert ask(widget, "replay", value=[1])["value"] == {"echo": [1]}

    def fails(_value):
        raise ValueError("this call has no request body")

    widget.on_ask("replay", fails)
    assert ask(widget, "replay")["error"] == "this call has no request body"


@pytest.mark.parametrize("content", [None, [], "x", {}, {"kind": "delta"}, {"kind": "ask"}])
def test_other_messages_are_passed_over(widget, content):
    widget._handle_custom_msg(content, [])
    assert all(message["kind"] == "answer" and "error" in message for message in widget.sent)


def test_the_selection_gives_objects(view, widget):
    assert view.span is None
    assert view.call is None
    seen = []
    widget.observe(lambda change: seen.append(change.new), "selected")
    # As the page does.
    widget.set_state({"selected": captures.hex_id(12)})
    assert seen == [captures.hex_id(12)]
    assert view.selected == captures.hex_id(12)
    assert view.span.name == "chat"
    assert view.call.attempts[0].status_code == 429
    widget.selected = captures.hex_id(8)
    assert view.span.name == "run_sql"
    assert view.call is None


def test_a_capture_has_one_model_which_does_not_keep_it_alive():
    capture = captures.one_call()
    widget = CellView(capture, host=HOSTS["jupyter"]).widget
    assert CellView(capture, host=HOSTS["jupyter"]).widget is widget
    del capture
    gc.collect()
    assert widget.capture is None
    assert widget.comm is None


def test_hosts_without_living_views_have_no_widget():
    assert CellView(captures.one_call(), host=HOSTS["kernel"]).widget is None
    assert CellView(captures.one_call(), host=HOSTS["terminal"]).selected is None


@pytest.mark.parametrize("name", ["terminal", "python"])
def test_a_terminal_gets_the_tree_once(name, capsys):
    view = CellView(captures.churn_agent(), host=HOSTS[name])
    view.show()
    assert capsys.readouterr().out == ""
    view.finish()
    assert capsys.readouterr().out.startswith("churn_agent  9.62 s · 25 spans")
    view.finish()
    assert capsys.readouterr().out == ""


def test_quiet_shows_nothing(capsys):
    view = CellView(captures.churn_agent(), host=HOSTS["terminal"], quiet=True)
    view.show()
    view.finish()
    assert capsys.readouterr().out == ""


def test_a_copy_without_its_built_files_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr("nbext.display.scripts._STATIC", tmp_path)
    with pytest.raises(RuntimeError, match=r"installed without gone\.js: install it from its wheel"):
        script("gone")

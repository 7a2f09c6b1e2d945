import nbformat
import pytest

from nbext import demo


def test_the_quickstart_is_found_and_reads_well():
    notebook = nbformat.read(demo.quickstart(), as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code] == [
        "setup", "call", "stream", "tools", "agent", "fifty", "retry", "guardrail", "frame", "export",
    ]  # fmt: skip
    for cell in code:
        assert len(cell.source.splitlines()) <= 30, cell.id
        assert max(map(len, cell.source.splitlines())) <= 120, cell.id
    above = [notebook.cells[notebook.cells.index(cell) - 1] for cell in code]
    assert all(cell.cell_type == "markdown" and "\n" not in cell.source for cell in above)


@pytest.mark.notebook
def test_demo_runs_and_says_where_things_are(tmp_path, capsys):
    assert demo.main(["--out", str(tmp_path), "--speed", "20"]) == 0
    said = capsys.readouterr().out
    for words in (
        "no model answers here",
        "cell 10 of 10",
        "The agent's calls:",
        "support agent",
        "demo-429-then-ok",
    ):
        assert words in said, words
    notebook = nbformat.read(tmp_path / demo.NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    traced = [
        cell.id
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if demo.TRACE_MIME in output.get("data", {})
    ]
    assert traced == ["call", "stream", "agent", "fifty", "retry", "guardrail"]
    assert "widgets" not in notebook.metadata
    page = (tmp_path / "support-agent.html").read_text()
    assert "INV-2042" in page and "support agent" in page


@pytest.mark.notebook
def test_a_failing_cell_is_named_and_the_notebook_kept(tmp_path, capsys):
    broken = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    nbformat.write(broken, tmp_path / "broken.ipynb")
    assert demo.main(["--out", str(tmp_path / "out"), "--notebook", str(tmp_path / "broken.ipynb")]) == 1
    assert "A cell failed: ZeroDivisionError: division by zero" in capsys.readouterr().out
    assert (tmp_path / "out" / "broken.ipynb").is_file()


def test_bad_arguments(tmp_path, capsys):
    assert demo.main(["--notebook", str(tmp_path / "none.ipynb"), "--out", str(tmp_path)]) == 2
    assert "no notebook" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert demo.main(["--out", str(tmp_path / "file")]) == 2
    assert "is a file; give a folder" in capsys.readouterr().err
    assert demo.main(["--out", str(tmp_path), "--speed", "-1"]) == 2
    assert "speed" in capsys.readouterr().err

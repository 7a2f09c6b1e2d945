"""``python -m nbext demo``: run the quickstart notebook against the stand-in gateway and show the result."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTEBOOK = "quickstart.ipynb"
TRACE_MIME = "application/vnd.nbext.trace.v1+json"
_TIMEOUT_S = 180

# Cells that the report prints: the tree of the agent, the frame of all calls.
_TREE_CELL, _FRAME_CELL = "agent", "frame"


@dataclass(slots=True)
class Ran:
    """An executed notebook: the document, what failed (or None) and the pages it wrote."""

    notebook: Any
    failure: str | None = None
    pages: list[Path] = field(default_factory=list)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    found = argparse.ArgumentParser(
        prog="python -m nbext demo",
        description=(
            "Start the stand-in gateway, run the quickstart notebook in a kernel and show what was traced. "
            "Needs no account and no network."
        ),
    )
    found.add_argument(
        "--out",
        type=Path,
        default=Path("demo-output"),
        metavar="DIR",
        help="where to write (default: %(default)s)",
    )
    found.add_argument("--notebook", type=Path, metavar="FILE", help="run this notebook instead")
    found.add_argument("--speed", type=float, default=1.0, help="how much faster the stand-in answers")
    return found


def main(argv: list[str]) -> int:
    """Run the demo. Returns the exit code: 1 when a cell failed, 2 when it could not start."""
    given = parser().parse_args(argv)
    try:
        source = given.notebook or quickstart()
        out = _folder(given.out)
        ran = run(source, out, speed=given.speed, say=_say)
    except (ImportError, OSError, ValueError) as problem:
        print(f"nbext demo: {problem}", file=sys.stderr)
        return 2
    for line in report(ran, out / source.name):
        print(line)
    return 1 if ran.failure else 0


def quickstart() -> Path:
    """Find the quickstart notebook: in the installed package or in the repository.

    Raises
    ------
    FileNotFoundError
        If it is in neither.
    """
    here = Path(__file__).parent
    for folder in (here / "example_notebooks", here.parent / "example_notebooks"):
        if (folder / NOTEBOOK).is_file():
            return folder / NOTEBOOK
    raise FileNotFoundError(
        f"{NOTEBOOK} is missing from this installation; give a notebook with --notebook FILE"
    )


def run(source: Path, out: Path, *, speed: float = 1.0, say: Callable[[str], None]) -> Ran:
    """Execute a notebook in a kernel of this Python, against a stand-in started for it.

    Parameters
    ----------
    source : Path
        The notebook. It finds the stand-in's address in the environment variable ``NBEXT_DEMO_URL``.
    out : Path
        The kernel's folder; the executed notebook is written there too.
    speed : float
        How much faster than a believable model the stand-in answers.
    say : callable
        Gets a line of progress.

    Returns
    -------
    Ran

    Raises
    ------
    ImportError
        If the extra ``demo`` is not installed.
    FileNotFoundError
        If there is no such notebook.
    """
    nbclient, nbformat = _notebook_tools()
    from .gateway import serve

    if not source.is_file():
        raise FileNotFoundError(f"no notebook {source}")
    document = nbformat.read(source, as_version=4)
    began = time.time()
    with serve(speed=speed) as gateway:
        say(f"stand-in gateway on {gateway.host}: no model answers here, nothing leaves this machine")
        client = nbclient.NotebookClient(
            document,
            timeout=_TIMEOUT_S,
            kernel_name="python3",
            # The saved outputs need no widget state: each carries its own data.
            store_widget_state=False,
            resources={"metadata": {"path": str(out)}},
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            on_cell_start=_progress(document, say),
        )
        ran = Ran(document)
        try:
            client.execute(env=_environment(gateway.base_url))
        except nbclient.exceptions.CellExecutionError as problem:
            ran.failure = f"{problem.ename}: {problem.evalue}"
        except nbclient.exceptions.CellTimeoutError:
            ran.failure = f"a cell took longer than {_TIMEOUT_S} s"
        say(f"{len(gateway.exchanges)} requests answered")
    nbformat.write(document, out / source.name)
    ran.pages = sorted(page for page in out.glob("*.html") if page.stat().st_mtime >= began - 1)
    return ran


def report(ran: Ran, written: Path) -> Iterator[str]:
    """Give the lines that say what was traced and where it is."""
    for name, cell_id in (("The agent's calls", _TREE_CELL), ("The calls as a DataFrame", _FRAME_CELL)):
        text = text_of(ran.notebook, cell_id)
        if text:
            yield from ("", f"{name}:", "", text)
    yield ""
    if ran.failure:
        yield f"A cell failed: {ran.failure}"
    yield f"Notebook   {written}"
    for page in ran.pages:
        yield f"Page       {page}"
    yield f"Look at it: jupyter lab {written}"


def text_of(notebook: Any, cell_id: str) -> str:
    """Return the plain text of a cell's last rich output, ``""`` if it has none."""
    for cell in notebook.cells:
        if cell.get("id") != cell_id:
            continue
        texts = [
            output.data["text/plain"] for output in cell.outputs if "text/plain" in output.get("data", {})
        ]
        if texts:
            return str(texts[-1])
    return ""


def _progress(document: Any, say: Callable[[str], None]) -> Callable[..., None]:
    runs = [index for index, cell in enumerate(document.cells) if cell.cell_type == "code"]

    def started(cell: Any, cell_index: int) -> None:
        if cell.cell_type == "code":
            say(f"cell {runs.index(cell_index) + 1:2} of {len(runs)}  {_title(document.cells, cell_index)}")

    return started


def _title(cells: list[Any], index: int) -> str:
    """Return the first sentence above a cell, without its markup."""
    above = cells[index - 1] if index and cells[index - 1].cell_type == "markdown" else None
    first = above.source.strip().split("\n")[-1] if above is not None else ""
    return first.replace("**", "").replace("`", "").split(". ")[0].rstrip(".")


def _environment(url: str) -> dict[str, str]:
    environment = {**os.environ, "NBEXT_DEMO_URL": url, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    package_home = Path(__file__).resolve().parent.parent
    if "site-packages" not in package_home.parts:
        # A checkout that is not installed: the kernel has a folder of its own and must find it too.
        paths = [str(package_home), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(f"--out {path} is a file; give a folder") from None
    return path


def _notebook_tools() -> tuple[Any, Any]:
    # A kernelspec "python3" in the user's home would start another Python than this one.
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    try:
        import ipykernel  # noqa: F401
        import nbclient
        import nbformat
    except ImportError as missing:
        raise ImportError(
            f'the demo needs {missing.name}: pip install "nbext[demo]"', name=missing.name
        ) from missing
    return nbclient, nbformat


def _say(line: str) -> None:
    print(line, flush=True)

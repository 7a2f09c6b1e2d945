"""Imports go one way, and nothing heavy is imported before it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import nbext

ROOT = Path(nbext.__file__).parent

# What an area may import of ours, beside itself.
ARROWS: dict[str, set[str]] = {
    "model": set(),
    "gateway": set(),
    "capture": {"model"},
    "engines": {"model"},
    "sources": {"model", "engines"},
    "joining": {"model", "sources", "engines"},
    "display": {"model"},
    "frames": {"model"},
    "sinks": {"model", "display"},
}
# These tie the areas together and may import all of them; no area imports them.
WIRING = {
    "__init__",
    "__main__",
    "api",
    "demo",
    "feedback",
    "evaluation",
    "kernel",
    "magics",
    "results",
    "settings",
}

HEAVY = {
    "IPython",
    "anthropic",
    "anywidget",
    "databricks",
    "deltalake",
    "duckdb",
    "genai_prices",
    "httpx",
    "httpx2",
    "ipywidgets",
    "mlflow",
    "nbclient",
    "nbformat",
    "numpy",
    "openai",
    "opentelemetry",
    "pandas",
    "pyarrow",
    "pydantic",
    "pyspark",
    "requests",
    "sqlglot",
    "starlette",
    "uvicorn",
}
# Modules that are made of such a package; they may only be imported inside functions.
MADE_OF = {
    "magics": {"IPython"},
    "display.living": {"anywidget", "ipywidgets"},
    "display.widget": {"anywidget", "ipywidgets"},
    "gateway": {"starlette", "uvicorn"},
    "demo": {"nbclient", "nbformat"},
}


@dataclass(frozen=True)
class Import:
    module: str  # the file that imports
    target: str  # nbext.x.y or a package of others
    line: int
    on_load: bool  # runs when the module is imported


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        found[name] = path
    return found


class Walk(ast.NodeVisitor):
    """Collects the imports of a file, and whether they run when it is loaded."""

    def __init__(self, module: str, package: list[str]) -> None:
        self.module = module
        self.package = package
        self.on_load = True
        self.found: list[Import] = []

    def add(self, target: str, node: ast.stmt) -> None:
        self.found.append(Import(self.module, target, node.lineno, self.on_load))

    def later(self, nodes: list[ast.stmt]) -> None:
        before, self.on_load = self.on_load, False
        for node in nodes:
            self.visit(node)
        self.on_load = before

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.later(node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" not in ast.unparse(node.test):
            self.generic_visit(node)
            return
        self.later(node.body)
        for child in node.orelse:
            self.visit(child)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.add(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if not node.level:
            self.add(node.module or "", node)
            return
        base = self.package[: len(self.package) - node.level + 1]
        inner = [*base, *(node.module.split(".") if node.module else [])]
        for alias in node.names:
            self.add(".".join(["nbext", *inner, alias.name]), node)


def imports_of(module: str, code: str, *, is_package: bool = False) -> list[Import]:
    parts = [] if module == "__init__" else module.split(".")
    walk = Walk(module, parts if is_package else parts[:-1])
    walk.visit(ast.parse(code))
    return walk.found


MODULES = modules()
IMPORTS = [
    item
    for name, path in MODULES.items()
    for item in imports_of(name, path.read_text("utf-8"), is_package=path.name == "__init__.py")
]


def ours(target: str) -> str | None:
    """The module of ours that a target names, without `nbext.`; None for a package of others."""
    if target.partition(".")[0] != "nbext":
        return None
    parts = target.split(".")[1:]
    while parts and ".".join(parts) not in MODULES:
        parts.pop()
    return ".".join(parts) or "__init__"


def area(module: str) -> str:
    return module.partition(".")[0]


def test_every_module_is_in_a_known_area() -> None:
    assert {area(name) for name in MODULES} <= set(ARROWS) | WIRING


@pytest.mark.parametrize("source", sorted(ARROWS))
def test_arrows(source: str) -> None:
    against = [
        f"nbext.{item.module}:{item.line} imports nbext.{target}"
        for item in IMPORTS
        if area(item.module) == source
        and (target := ours(item.target)) is not None
        and area(target) not in {source, *ARROWS[source]}
    ]
    assert against == []


def test_imports_of_every_form_are_seen() -> None:
    """Or the tests here prove nothing."""
    code = """
from ...model.call import Call
from ...kernel import session
import nbext.capture.hooks
from ..column import Column
if TYPE_CHECKING:
    import pandas
try:
    import numpy
except ImportError:
    pass
class A:
    def f(self):
        from .x import y
"""
    found = imports_of("frames.columns.x", code)
    assert [(item.target, item.on_load) for item in found] == [
        ("nbext.model.call.Call", True),
        ("nbext.kernel.session", True),
        ("nbext.capture.hooks", True),
        ("nbext.frames.column.Column", True),
        ("pandas", False),
        ("numpy", True),
        ("nbext.frames.columns.x.y", False),
    ]
    assert [area(ours(item.target) or "-") for item in found[:4]] == ["model", "kernel", "capture", "frames"]


def test_heavy_packages_are_imported_on_use() -> None:
    def allowed(module: str, package: str) -> bool:
        return any(
            package in packages and (module == made or module.startswith(made + "."))
            for made, packages in MADE_OF.items()
        )

    against = [
        f"nbext.{item.module}:{item.line} imports {item.target}"
        for item in IMPORTS
        if item.on_load
        and (package := item.target.split(".")[0]) in HEAVY
        and not allowed(item.module, package)
    ]
    assert against == []


def is_in(module: str, area: str) -> bool:
    return module == area or module.startswith(area + ".")


def test_modules_made_of_a_heavy_package_are_imported_on_use() -> None:
    against = [
        f"nbext.{item.module}:{item.line} imports nbext.{target}"
        for item in IMPORTS
        if item.on_load
        and (target := ours(item.target)) is not None
        # One that is made of the same may import it.
        and any(
            is_in(target, made)
            and not any(is_in(item.module, own) for own in MADE_OF if MADE_OF[own] & MADE_OF[made])
            for made in MADE_OF
        )
    ]
    assert against == []


LOAD = """
import sys, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_line_magic("load_ext", "nbext")
shell.run_cell("%%gateway_trace --no-live --quiet\\n1 + 1")
shell.run_line_magic("gateway_trace", "")
heavy = [name for name in sys.argv[1:] if name in sys.modules and name not in before]
print("HEAVY", heavy)
"""

ONLY_IMPORT = """
import sys, nbext
nbext.trace, nbext.last, nbext.captures, nbext.configure
with nbext.trace(display=False): pass
print("HEAVY", [name for name in sys.argv[1:] if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("code", "packages"),
    [
        (LOAD, HEAVY - {"IPython"}),
        (ONLY_IMPORT, HEAVY),
    ],
    ids=["load_ext", "plain Python"],
)
def test_nothing_heavy_is_loaded(code: str, packages: set[str], tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", code, *sorted(packages)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT.parent), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "HEAVY []" in ran.stdout

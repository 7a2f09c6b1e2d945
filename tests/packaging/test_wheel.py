"""What is in the wheel: all that a user needs, made with no Node anywhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = "data/data/share/jupyter/labextensions/nbext"
# The budget of each file a browser loads.
BUNDLE_LIMIT = 180_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build from the sdist, as an index would, with nothing but Python on the path."""
    out = tmp_path_factory.mktemp("dist")
    bare = tmp_path_factory.mktemp("bin")
    (bare / "python3").symlink_to(sys.executable)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)],
        env={**os.environ, "PATH": str(bare)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return zipfile.ZipFile(next(out.glob("*.whl")))


def names(wheel: zipfile.ZipFile) -> set[str]:
    return {re.sub(r"^nbext-[^/]+\.data/", "data/", name) for name in wheel.namelist()}


def test_the_wheel_has_the_viewer_and_the_extension(wheel: zipfile.ZipFile) -> None:
    held = names(wheel)
    for name in ("registry.js", "viewer.js", "page.js"):
        assert f"nbext/static/{name}" in held
    assert f"{SHARED}/package.json" in held
    assert f"{SHARED}/install.json" in held
    assert "nbext/py.typed" in held


def test_the_extension_names_a_file_that_is_there(wheel: zipfile.ZipFile) -> None:
    [manifest] = [n for n in wheel.namelist() if n.endswith("labextensions/nbext/package.json")]
    told = json.loads(wheel.read(manifest))
    assert told["name"] == "nbext"
    assert f"{SHARED}/{told['jupyterlab']['_build']['load']}" in names(wheel)


def test_every_bundle_keeps_to_its_budget(wheel: zipfile.ZipFile) -> None:
    sizes = {
        name: wheel.getinfo(name).file_size
        for name in wheel.namelist()
        if name.endswith(".js") and ("/static/" in name)
    }
    assert sizes
    assert {name: size for name, size in sizes.items() if size > BUNDLE_LIMIT} == {}


def test_no_sources_of_the_front_end_and_no_tests_are_shipped(wheel: zipfile.ZipFile) -> None:
    assert not [n for n in wheel.namelist() if n.startswith(("renderers/", "tests/")) or "node_modules" in n]

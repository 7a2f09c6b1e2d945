"""One Jupyter server and one browser for all tests of a file; a page for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from .jupyter import Notebook, Server, launch, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from playwright.sync_api import Browser, Page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.nodeid.split("/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve("lab", tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve("notebook", tmp_path_factory.mktemp("nb7")) as server:
        yield server


@pytest.fixture(params=["lab", "notebook"])
def server(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue("lab" if request.param == "lab" else "notebook7")


@pytest.fixture(scope="session")
def gateway() -> Iterator[str]:
    """Address of a stand-in gateway that answers quickly."""
    import nbext.gateway

    with nbext.gateway.serve(speed=20) as served:
        yield served.base_url


@pytest.fixture(scope="session")
def slow_gateway() -> Iterator[str]:
    """Address of a stand-in gateway at its usual pace, where a stream takes some seconds."""
    import nbext.gateway

    with nbext.gateway.serve() as served:
        yield served.base_url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


@pytest.fixture
def open_notebook(page: Page) -> Callable[..., Notebook]:
    def open_(server: Server, name: str, content: dict[str, Any] | None = None) -> Notebook:
        if content is not None:
            server.write(name, content)
        return Notebook(page, server, name).open()

    return open_

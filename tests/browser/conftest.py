"""The page of the simulated workspace in a real browser, before a running desk; only with ``pytest -m browser``."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import slackdesk_plugins

from slackdesk.testing.desk import PluginDesk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).parent
DIGEST = Path(next(iter(slackdesk_plugins.__path__))) / "digest"
"""Its summaries carry pictures."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, and keep them in one process: it has the desk and the browser."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker("browser")
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PluginDesk]:
    """A desk that all tests share; each works on tickets of its own."""
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.startswith(("SLACK_", "SLACKDESK_")):
                environment.delenv(name)
        with PluginDesk(DIGEST, tmp_path_factory.mktemp("desk")) as desk:
            yield desk
    assert desk.sandbox.journal.illegal() == []


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium. Without it nothing can be shown, so the tests fail."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.fail("Playwright is missing: pip install -e '.[test,browser]'", pytrace=False)
    if chromium is None:
        pytest.fail("Chromium is missing: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium) as browser:
        yield browser


OpenPage = Callable[..., "Page"]


@pytest.fixture
def open_page(browser: "Browser", desk: PluginDesk) -> Iterator[OpenPage]:
    """``open_page("maya", "#help-it")`` is what she has before her there; without a person, where one is chosen."""
    with browser.new_context() as context:

        def opened(handle: str = "", place: str = "dm") -> "Page":
            page = context.new_page()
            path = f"/as/{handle}?in={quote(place)}" if handle else ""
            page.goto(f"{desk.sandbox.base_url}/sandbox{path}")
            return page

        yield opened

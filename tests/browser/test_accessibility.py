"""Every page by the rules of axe, and whether it fits a phone and a dark room."""

from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.visits import open_film

pytestmark = pytest.mark.browser

PHONE: Final = {"width": 360, "height": 740}
PAGES: Final = ("/", "/login", "/signup", "/verify/key", "/reset", "/reset/key")


def list_violations(page: Page) -> list[str]:
    """What axe finds: the rule and the elements."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {[node['html'] for node in rule['nodes']]}" for rule in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_for_visitors_are_accessible(page: Page, path: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    assert list_violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_watch_page_is_accessible(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    open_film(page)
    assert list_violations(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_a_phone(page: Page, path: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_watch_page_fits_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)
    open_film(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    controls = page.locator("media-fullscreen-button").bounding_box()
    assert controls
    assert controls["x"] + controls["width"] <= PHONE["width"]

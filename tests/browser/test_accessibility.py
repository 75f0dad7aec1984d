"""Every page by the rules of axe, and whether it fits a phone and a dark room."""

from collections.abc import Collection
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.browser.visits import open_film

pytestmark = pytest.mark.browser

PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
PAGES: Final = (
    "/",
    "/login",
    "/signup",
    "/verify/key",
    "/reset",
    "/reset/key",
    "/login/return?error=",
)
ADMIN_PAGES: Final = (
    "/admin/",
    "/admin/upload",
    "/admin/why",
    "/admin/invite",
    "/admin/catalogue/video/",
    "/admin/transcodes/transcodejob/",
)


# The admin's theme puts its content outside of landmarks.
THEME_FAULTS: Final = {"landmark-one-main", "landmark-unique", "region"}


def list_violations(page: Page, *, known: Collection[str] = ()) -> list[str]:
    """What axe finds: the rule and the elements, but for rules that are `known` to be broken."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {[node['html'] for node in rule['nodes']]}"
        for rule in found
        if rule["id"] not in known
    ]


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


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_the_admins_pages_are_accessible(admin_page: Page, path: str) -> None:
    admin_page.goto(path)
    assert list_violations(admin_page, known=THEME_FAULTS) == []


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

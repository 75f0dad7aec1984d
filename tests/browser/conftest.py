"""Fixtures: Chromium, pages in it that may not complain, and somebody who is logged in."""

import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser.visits import log_in
from tests.openid_provider import OpenIdServer
from tests.stack import Stack

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
_COMPLAINTS: Final = ("error", "warning")
_TIMEOUT_MS: Final = 20_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; playwright brings none.

    Playwright keeps an event loop running in this thread, so asynchronous tests cannot run before
    it ends: no longer than a module.
    """
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("needs Chromium (on Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the console said. A test that provokes something takes it out of the list."""
    return []


@pytest.fixture
def site(stack: Stack) -> str:
    """Where the pages are visited."""
    return stack.control_url


@pytest.fixture
def page(chromium: Browser, site: str, complaints: list[str]) -> Iterator[Page]:
    """A page of a visitor with a fresh profile; nothing may be left to complain of."""

    def note(message: ConsoleMessage) -> None:
        if message.type in _COMPLAINTS:
            complaints.append(f"{message.text} ({message.location['url']})")

    context = chromium.new_context(base_url=site)
    context.set_default_timeout(_TIMEOUT_MS)
    page = context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def provider(openid_provider: OpenIdServer) -> OpenIdServer:
    """The provider that the system offers, with somebody new."""
    openid_provider.become_new()
    return openid_provider


@pytest.fixture
def admin_page(page: Page, stack: Stack) -> Page:
    """A page of the administrator."""
    log_in(page, stack.announced["admin_email"], stack.secret("admin_password"))
    return page

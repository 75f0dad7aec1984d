"""Logging in by a provider, in the browser: out of the site, and back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import take
from tests.openid_provider import OpenIdServer

pytestmark = pytest.mark.browser


def test_a_newcomer_comes_in_by_a_provider_and_is_where_they_were(
    page: Page, provider: OpenIdServer
) -> None:
    page.goto("/login?next=/?page=2")
    page.get_by_role("button", name="Log in with Our school").click()
    expect(page).to_have_url(re.compile(r"/\?page=2$"))
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    expect(page.get_by_text(provider.person["name"])).to_be_visible()


def test_who_breaks_it_off_is_told_so_and_may_try_again(page: Page, provider: OpenIdServer) -> None:
    provider.refusal = "access_denied"
    page.goto("/signup")
    page.get_by_role("button", name="Sign up with Our school").click()
    expect(page.get_by_text("You broke it off there")).to_be_visible()
    page.get_by_role("link", name="To the log-in").click()
    expect(page.get_by_role("button", name="Log in with Our school")).to_be_visible()


def test_a_provider_that_is_away_is_said_beside_the_button(
    page: Page, provider: OpenIdServer, complaints: list[str]
) -> None:
    provider.metadata = {"issuer": "http://elsewhere.example"}
    page.goto("/login")
    page.get_by_role("button", name="Log in with Our school").click()
    expect(page.get_by_role("alert")).to_contain_text("does not work at present")
    take(complaints, "503.*redirect")

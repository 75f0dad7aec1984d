"""Logging in by a provider, in the browser: out of the site, and back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import take
from tests.browser.test_accessibility import list_violations
from tests.browser.visits import log_in
from tests.openid_provider import OpenIdServer
from tests.stack import Stack

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


def test_an_account_is_connected_after_the_password_and_taken_away_again(
    page: Page, stack: Stack, provider: OpenIdServer, complaints: list[str]
) -> None:
    log_in(page, stack.announced["admin_email"], password := stack.secret("admin_password"))
    page.goto("/account")
    page.get_by_role("button", name="Connect Our school").click()
    proof = page.get_by_role("dialog", name="Is it you?")
    proof.get_by_label("Password").fill(password)
    proof.get_by_role("button", name="Go on").click()
    expect(page.get_by_text(provider.person["email"])).to_be_visible()
    expect(page).to_have_url(re.compile("/account$"))
    assert list_violations(page) == []
    page.get_by_role("button", name="Disconnect Our school").click()
    expect(page.get_by_role("button", name="Connect Our school")).to_be_visible()
    take(complaints, "401.*redirect")


@pytest.mark.usefixtures("provider")
def test_who_came_by_a_provider_chooses_a_first_password(page: Page) -> None:
    page.goto("/login?next=/account")
    page.get_by_role("button", name="Log in with Our school").click()
    page.get_by_label("New password").fill("correct horse battery")
    page.get_by_role("main").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Your password is saved")
    page.reload()
    expect(page.get_by_label("Present password")).to_be_visible()

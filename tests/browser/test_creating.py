"""Asking to become a creator on the account page, in the browser."""

import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import take
from tests.browser.mails import read_mail
from tests.browser.visits import log_in
from tests.stack import Stack

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


def test_a_viewer_asks_to_become_a_creator_and_withdraws_it(
    page: Page, stack: Stack, complaints: list[str]
) -> None:
    email = f"viewer-{secrets.token_hex(4)}@example.org"
    page.goto("/signup")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("open the link that we have sent")
    page.goto(read_mail(stack, email, "verify"))
    page.get_by_role("main").get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status")).to_contain_text("You can log in now")
    take(complaints, "401")  # what the API says to who is not logged in yet
    log_in(page, email, PASSWORD)

    page.goto("/account")
    page.get_by_label("What do you want to show?").fill("Birds.")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("An administrator decides, and you get a mail.")).to_be_visible()
    page.get_by_role("button", name="Withdraw the request").click()
    expect(page.get_by_label("What do you want to show?")).to_be_visible()

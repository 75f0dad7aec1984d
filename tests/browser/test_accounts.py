"""Signing up, confirming, logging in and out, and choosing a new password, in the browser."""

import re
import secrets
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import take
from tests.browser.mails import read_mail
from tests.browser.visits import log_in
from tests.stack import Stack

pytestmark = pytest.mark.browser

PASSWORD: Final = "correct horse battery"
NEW_PASSWORD: Final = "staple and some more"


def fill_and_send(page: Page, button: str, **fields: str) -> None:
    for label, text in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(text)
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def test_an_account_from_the_first_visit_to_a_new_password(
    page: Page, stack: Stack, complaints: list[str]
) -> None:
    email = f"viewer-{secrets.token_hex(4)}@example.org"
    page.goto("/signup")
    fill_and_send(page, "Sign up", **{"E-mail address": email}, Password=PASSWORD)
    expect(page.get_by_role("status")).to_contain_text("open the link that we have sent")

    page.goto(read_mail(stack, email, "verify"))
    fill_and_send(page, "Confirm")
    expect(page.get_by_role("status")).to_contain_text("You can log in now")
    log_in(page, email, PASSWORD)
    expect(page.get_by_text(email)).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()

    page.goto("/reset")
    fill_and_send(page, "Send the link", **{"E-mail address": email})
    expect(page.get_by_role("status")).to_contain_text("on its way")
    page.goto(read_mail(stack, email, "reset"))
    fill_and_send(page, "Save", New_password=NEW_PASSWORD)
    expect(page.get_by_role("status")).to_contain_text("Your new password is saved")
    log_in(page, email, NEW_PASSWORD)
    take(complaints, "401")


def test_who_is_invited_by_mail_has_an_account_in_one_step(admin_page: Page, stack: Stack) -> None:
    email, page = f"guest-{secrets.token_hex(4)}@example.org", admin_page
    page.goto("/admin/invite")
    page.get_by_label("E-mail addresses").fill(email)
    page.get_by_label("Role").select_option("creator")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("row", name=email)).to_contain_text("Invited.")

    page.context.clear_cookies()
    page.goto(read_mail(stack, email, "signup"))
    expect(page.get_by_label("E-mail address")).to_have_value(email)
    fill_and_send(page, "Sign up", Password=PASSWORD)
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    expect(page.get_by_text(email)).to_be_visible()


def test_a_wrong_password_is_answered_beside_the_form(
    page: Page, stack: Stack, complaints: list[str]
) -> None:
    page.goto("/login")
    email = stack.announced["admin_email"]
    fill_and_send(page, "Log in", **{"E-mail address": email}, Password="wrong password")
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    expect(page.get_by_label("Password")).to_have_value("wrong password")
    take(complaints, "400.*login")


def test_a_password_that_will_not_do_is_answered_beside_its_field(
    page: Page, complaints: list[str]
) -> None:
    page.goto("/signup")
    fill_and_send(page, "Sign up", **{"E-mail address": "other@example.org"}, Password="short")
    field = page.get_by_label("Password")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(page.locator("#password-fault")).to_contain_text("too short")
    take(complaints, "400.*signup")


def test_the_admin_leads_to_the_log_in_and_back(page: Page, stack: Stack) -> None:
    page.goto("/admin/upload")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    fill_and_send(
        page,
        "Log in",
        **{"E-mail address": stack.announced["admin_email"]},
        Password=stack.secret("admin_password"),
    )
    expect(page).to_have_url(re.compile("/admin/upload$"))


def test_the_keyboard_is_enough(page: Page, stack: Stack) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.goto("/login")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type(stack.announced["admin_email"])
    page.keyboard.press("Tab")
    page.keyboard.type(stack.secret("admin_password"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()

"""Setting second factors up on the account page, and logging in with them, in the browser."""

import secrets
from typing import Any, Final
from urllib.parse import unquote

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.complaints import take
from tests.browser.mails import read_mail
from tests.browser.test_accessibility import PHONE, list_violations
from tests.browser.visits import log_in
from tests.control_plane.accounts.second_steps import show_code
from tests.stack import Stack

pytestmark = pytest.mark.browser

PASSWORD: Final = "correct horse battery"
AUTHENTICATOR: Final = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(stack: Stack) -> str:
    """By name: a passkey belongs to one, and not to an address."""
    return stack.control_url.replace("127.0.0.1", "localhost")


@pytest.fixture
def member(page: Page, stack: Stack) -> str:
    """The address of somebody who is logged in, and looks at the own account."""
    email = f"member-{secrets.token_hex(4)}@example.org"
    facts = {"email": email, "password": PASSWORD}
    page.request.post("/api/v1/auth/signup", data=facts)
    key = unquote(read_mail(stack, email, "verify").rsplit("/", 1)[1])
    page.request.post("/api/v1/auth/email/verify", data={"key": key})
    log_in(page, email, PASSWORD)
    page.get_by_role("link", name=email).click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    return email


@pytest.fixture
def device(page: Page) -> CDPSession:
    """A device that holds passkeys, whose holder is always there."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def prove(page: Page) -> None:
    """Enter the password in the dialog that asks for it."""
    dialog = page.get_by_role("dialog", name="Is it you?")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_be_hidden()


def keep_codes(page: Page) -> list[str]:
    """Read the recovery codes that are shown, and close them."""
    dialog = page.get_by_role("dialog", name="Your recovery codes")
    expect(dialog.get_by_role("listitem")).to_have_count(10)
    codes = dialog.get_by_role("listitem").all_inner_texts()
    with page.expect_download() as download:
        dialog.get_by_role("link", name="Download").click()
    assert download.value.path().read_text().split() == codes
    dialog.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    return codes


def set_up_app(page: Page) -> tuple[str, list[str]]:
    """The key of the app, and the recovery codes."""
    press(page, "Set up an app")
    prove(page)
    dialog = page.get_by_role("dialog", name="Set up an authenticator app")
    picture = dialog.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    secret = dialog.locator("code").inner_text().replace(" ", "")
    dialog.get_by_label("Code").fill(show_code(secret))
    dialog.get_by_role("button", name="Set up").click()
    return secret, keep_codes(page)


def add_passkey(page: Page, name: str) -> None:
    press(page, "Add a passkey")
    prove(page)
    dialog = page.get_by_role("dialog", name="Name of the passkey")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Save").click()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()


def give_password(page: Page, email: str) -> None:
    """Log in as far as the password goes."""
    page.goto("/login?next=/account")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Log in")
    expect(page.get_by_label("Code")).to_be_focused()


def give_code(page: Page, code: str) -> None:
    page.get_by_label("Code").fill(code)
    press(page, "Go on")


def test_an_app_is_set_up_and_asked_for(page: Page, member: str, complaints: list[str]) -> None:
    secret, codes = set_up_app(page)
    log_out(page)
    give_password(page, member)
    give_code(page, "no code")
    expect(page.locator("#code-fault")).to_contain_text("Incorrect code")
    page.reload()  # what is pending stays so
    give_code(page, show_code(secret, ahead=1))
    expect(page.get_by_text("10 left.")).to_be_visible()

    log_out(page)
    give_password(page, member)
    give_code(page, codes[3])
    expect(page.get_by_text("9 left.")).to_be_visible()
    press(page, "Make new codes")
    prove(page)
    assert set(keep_codes(page)).isdisjoint(codes)
    press(page, "Remove the app")
    expect(page.get_by_role("button", name="Set up an app")).to_be_visible()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_hidden()
    log_out(page)
    log_in(page, member, PASSWORD)
    take(complaints, "40[014]")


def test_a_passkey_logs_in_alone_and_after_the_password(
    page: Page,
    member: str,
    device: CDPSession,  # noqa: ARG001  (is there)
    complaints: list[str],
) -> None:
    add_passkey(page, "Laptop")
    keep_codes(page)
    press(page, "Rename Laptop")
    dialog = page.get_by_role("dialog", name="Name of the passkey")
    expect(dialog.get_by_label("Name")).to_have_value("Laptop")
    dialog.get_by_label("Name").fill("Tablet")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Remove Tablet")).to_be_visible()

    log_out(page)
    page.goto("/login?next=/account")
    press(page, "Use a passkey")
    expect(page.get_by_role("button", name="Remove Tablet")).to_be_visible()
    log_out(page)
    give_password(page, member)
    press(page, "Use a passkey")
    expect(page.get_by_role("button", name="Remove Tablet")).to_be_visible()

    press(page, "Remove Tablet")
    prove(page)
    expect(page.get_by_role("button", name="Remove Tablet")).to_be_hidden()
    log_out(page)
    log_in(page, member, PASSWORD)
    take(complaints, "40[01]")


def test_what_goes_wrong_is_said_and_can_be_given_up(
    page: Page,
    member: str,  # noqa: ARG001  (is logged in)
    device: CDPSession,
    complaints: list[str],
) -> None:
    press(page, "Set up an app")
    dialog = page.get_by_role("dialog", name="Is it you?")
    dialog.get_by_label("Password").fill("wrong horse battery")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Set up an app")).to_be_enabled()

    add_passkey(page, "Laptop")
    keep_codes(page)
    press(page, "Add a passkey")  # the device has one already
    dialog = page.get_by_role("dialog", name="Name of the passkey")
    dialog.get_by_label("Name").fill("Again")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("holds a passkey of this account already")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    device.send("WebAuthn.disable")
    take(complaints, "40[01]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_account_page_and_its_dialogs_are_accessible(
    page: Page,
    member: str,  # noqa: ARG001  (is logged in)
    scheme: Any,
    complaints: list[str],
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(PHONE)
    assert list_violations(page) == []
    press(page, "Set up an app")
    assert list_violations(page) == []
    prove(page)
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert list_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    take(complaints, "40[14]")

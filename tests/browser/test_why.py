"""The admin's page that says why somebody was refused, in the browser."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import call_api
from tests.stack import Stack

pytestmark = pytest.mark.browser


def test_an_administrator_looks_a_refusal_up_and_asks_how_it_is_now(admin_page: Page) -> None:
    video = call_api(admin_page, "GET", "videos?search=Sluice+demo")["results"][0]
    admin_page.goto("/admin/")
    admin_page.get_by_role("link", name="Why was this refused?").click()

    admin_page.get_by_label("Video (id or slug)").fill(video["slug"])
    admin_page.get_by_role("button", name="Ask").click()
    expect(admin_page.get_by_role("status")).to_contain_text("Allowed.")
    for rule in ("Public ✓ allows The video is public.", "Published · nothing The video is"):
        expect(admin_page.get_by_role("row", name=rule)).to_be_visible()


def test_a_decision_id_that_is_pasted_leads_to_its_trace(
    admin_page: Page, chromium: Browser, stack: Stack
) -> None:
    draft = call_api(admin_page, "POST", "videos", {"title": "Draft"})
    visitor = chromium.new_context(base_url=stack.control_url)
    refusal = visitor.request.post(f"/api/v1/videos/{draft['id']}/playback").json()
    visitor.close()
    admin_page.goto("/admin/why")
    admin_page.get_by_label("Decision id").fill(refusal["decision_id"])
    admin_page.get_by_role("button", name="Look it up").click()
    expect(admin_page.get_by_role("status")).to_contain_text("The video is not published.")
    expect(admin_page.get_by_role("row", name="Preview · nothing Neither")).to_be_visible()
    call_api(admin_page, "DELETE", f"videos/{draft['id']}")

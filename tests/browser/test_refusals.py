"""What the watch page says and does when the film does not come."""

import json
import re
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.complaints import take
from tests.browser.visits import (
    ask_video,
    await_player,
    await_video,
    call_api,
    come_to_film,
    open_film,
)

pytestmark = pytest.mark.browser

PLAYBACK: Final = "**/api/v1/videos/*/playback"
MAIN: Final = "**/main.m3u8"
EXPIRED: Final = {
    "status": 403,
    "content_type": "application/problem+json",
    "headers": {"Access-Control-Allow-Origin": "*"},
    "body": json.dumps({"code": "token_expired", "detail": "Expired.", "decision_id": "d-1"}),
}


def refuse(page: Page, pattern: str | re.Pattern[str], *, times: int | None) -> None:
    """Let the edge say that the token has expired, some times or always."""
    page.route(pattern, lambda route: route.fulfill(**EXPIRED), times=times)


def expect_notice(page: Page, title: str) -> None:
    expect(page.get_by_role("alert").get_by_role("heading", name=title)).to_be_visible()
    expect(page.locator("media-controller")).to_be_hidden()


def spoil_token(route: Route) -> None:
    answer = route.fetch()
    playback = answer.json()
    head, claims, signature = playback["url"].split("/v1/")[1].split("/")[0].split(".")
    spoiled = ".".join((head, claims, signature[::-1]))
    text = answer.text().replace(".".join((head, claims, signature)), spoiled)
    route.fulfill(response=answer, body=text)


def test_a_refusal_of_the_edge_is_shown_with_its_id(page: Page, complaints: list[str]) -> None:
    page.route(PLAYBACK, spoil_token)
    come_to_film(page)
    expect_notice(page, "Playback was refused")
    expect(page.get_by_role("alert")).to_contain_text("The playback token is not valid here.")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("Reference [0-9a-f]{16}"))
    take(complaints, "403.*main.m3u8")


def test_an_expired_token_is_renewed_at_the_start(page: Page, complaints: list[str]) -> None:
    refuse(page, MAIN, times=1)
    open_film(page)
    expect(page.get_by_role("alert")).to_be_hidden()
    take(complaints, "403.*main.m3u8")


def test_and_in_the_middle_where_the_film_was(page: Page, complaints: list[str]) -> None:
    refuse(page, re.compile(r"/[34]\.m4s"), times=1)
    come_to_film(page)
    page.locator(".big-play").click()
    page.locator("video").evaluate("(video) => { video.currentTime = 11; }")
    await_video(page, "currentTime > 13")
    assert ask_video(page, "currentTime") < 20
    take(complaints, "403.*m4s")


def test_but_not_again_and_again(page: Page, complaints: list[str]) -> None:
    refuse(page, MAIN, times=None)
    come_to_film(page)
    expect_notice(page, "Playback was refused")
    expect(page.get_by_role("alert")).to_contain_text("Reference d-1")
    take(complaints, "403.*main.m3u8")


def test_a_lost_connection_can_be_tried_again(page: Page, complaints: list[str]) -> None:
    page.route(MAIN, lambda route: route.abort())
    come_to_film(page)
    expect_notice(page, "The film does not get through")
    page.unroute(MAIN)
    page.get_by_role("button", name="Try again").click()
    await_player(page)
    expect(page.locator("media-controller")).to_be_visible()
    take(complaints, "ERR_FAILED.*main.m3u8")


def test_who_was_logged_out_is_offered_to_log_in(page: Page, complaints: list[str]) -> None:
    problem = {"code": "login_required", "detail": "Log in to watch this video."}
    page.route(PLAYBACK, lambda route: route.fulfill(status=401, body=json.dumps(problem)))
    come_to_film(page)
    expect_notice(page, "You are logged out")
    page.get_by_role("alert").get_by_role("link", name="Log in").click()
    expect(page).to_have_url(re.compile(r"/login\?next=/watch/"))
    take(complaints, "401.*playback")


@pytest.fixture
def make_draft(admin_page: Page) -> Callable[[], str]:
    """Makes videos without a source; returns their ids."""

    def make() -> str:
        return str(call_api(admin_page, "POST", "videos", {"title": "Unready"})["id"])

    return make


def test_a_film_that_is_not_ready_says_so(
    admin_page: Page, make_draft: Callable[[], str], complaints: list[str]
) -> None:
    video_id = make_draft()
    admin_page.goto(f"/watch/{video_id}")
    expect_notice(admin_page, "This film is not ready yet")
    call_api(admin_page, "DELETE", f"videos/{video_id}")
    take(complaints, "409.*playback")

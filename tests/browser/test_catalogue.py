"""The catalogue in the browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import take
from tests.browser.visits import DEMO

pytestmark = pytest.mark.browser


def test_a_visitor_finds_the_film_with_its_poster_and_length(page: Page) -> None:
    page.goto("/")
    film = page.get_by_role("link", name=DEMO)
    expect(film).to_contain_text("0:24")
    poster = film.locator("[data-poster]")
    poster.scroll_into_view_if_needed()
    assert poster.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0


def test_a_poster_that_does_not_load_leaves_a_stand_in(page: Page, complaints: list[str]) -> None:
    page.route("**/poster/poster.jpg", lambda route: route.abort())
    page.goto("/")
    film = page.get_by_role("link", name=DEMO)
    expect(film.locator("[data-poster]")).to_have_count(0)
    expect(film.locator(".no-poster")).to_be_visible()
    take(complaints, "ERR_FAILED.*poster.jpg")


def test_what_is_not_there_has_a_page_of_its_own(page: Page, complaints: list[str]) -> None:
    page.goto("/nowhere")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    page.get_by_role("link", name="To the films").click()
    expect(page.get_by_role("link", name=DEMO)).to_be_visible()
    take(complaints, "404.*nowhere")

"""Watching the demo film, as a visitor who comes by the catalogue."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import ask_video, await_video, open_film, read_time, seek

pytestmark = pytest.mark.browser

DURATION_S = 24


@pytest.fixture
def watching(page: Page) -> Page:
    """A page whose player is ready."""
    open_film(page)
    return page


def test_the_film_plays_and_has_its_length(watching: Page) -> None:
    watching.locator(".big-play").click()
    await_video(watching, "currentTime > 1")
    assert ask_video(watching, "duration") == pytest.approx(DURATION_S, abs=0.1)
    assert ask_video(watching, "paused") is False
    assert read_time(watching) == pytest.approx(ask_video(watching, "currentTime"), abs=0.5)


@pytest.mark.parametrize("seconds", [3.2, 12.0, 17.77, 23.5])
def test_a_jump_lands_where_it_should(watching: Page, seconds: float) -> None:
    seek(watching, seconds)
    assert read_time(watching) == pytest.approx(seconds, abs=0.5)


def test_every_quality_can_be_chosen(watching: Page) -> None:
    watching.locator(".big-play").click()
    for height in (360, 480, 720):
        choose_quality(watching, f"{height}p")
        await_video(watching, f"videoHeight === {height}")
        seek(watching, 0)


def test_choosing_automatic_quality_again_is_possible(watching: Page) -> None:
    choose_quality(watching, "360p")
    choose_quality(watching, re.compile("Auto"))
    assert watching.locator("video").evaluate("(v) => v.videoRenditions.selectedIndex") == -1


def test_the_seek_bar_shows_pictures_of_where_it_leads(watching: Page) -> None:
    bar = watching.locator("media-time-range")
    box = bar.bounding_box()
    assert box
    bar.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    preview = watching.locator("media-preview-thumbnail img")
    expect(preview).to_be_visible()
    expect(preview).to_have_attribute("src", re.compile("/storyboard/sheet_"))
    assert preview.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0


@pytest.mark.parametrize(
    ("key", "effect"),
    [
        ("k", "paused === false"),
        (" ", "paused === false"),
        ("m", "muted === true"),
        ("ArrowRight", "currentTime === 5"),
    ],
)
def test_keys_work_though_nothing_has_the_focus(watching: Page, key: str, effect: str) -> None:
    assert not ask_video(watching, effect)
    watching.keyboard.press(key)
    await_video(watching, effect)


def test_there_is_no_menu_for_captions_that_do_not_exist(watching: Page) -> None:
    expect(watching.locator("media-captions-menu-button")).to_be_hidden()
    expect(watching.locator("media-settings-menu-button")).to_be_visible()


def choose_quality(page: Page, name: str | re.Pattern[str]) -> None:
    menu = page.locator("media-settings-menu")
    page.locator("media-settings-menu-button").click()
    menu.locator("media-settings-menu-item", has_text="Quality").first.click()
    menu.get_by_role("menuitemradio", name=name, exact=True).click()
    page.get_by_role("heading", level=1).click()  # a click elsewhere closes the menu
    expect(menu).to_be_hidden()

"""What visitors do, and what they see: steps that several tests take."""

import base64
from typing import Any, Final

import numpy as np
from playwright.sync_api import Page, expect

from standalone.demo import read_counter
from tests.waiting import wait_for

DEMO: Final = "Sluice demo"
RATE: Final = 30  # pictures a second of the demo film
_SIZE: Final = (608, 342)

_SEEK: Final = """(time) => new Promise((done) => {
  const video = document.querySelector("video");
  video.requestVideoFrameCallback(() => done(video.currentTime));
  video.currentTime = time;
})"""

_READ_PICTURE: Final = """([width, height]) => {
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(document.querySelector("video"), 0, 0, width, height);
  const { data } = canvas.getImageData(0, 0, width, height);
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
}"""


def log_in(page: Page, email: str, password: str) -> None:
    """Log in by the form; the page is the catalogue then."""
    page.goto("/login")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def open_film(page: Page) -> None:
    """From the catalogue to the demo film's page, until its player is ready."""
    come_to_film(page)
    await_player(page)


def come_to_film(page: Page) -> None:
    """From the catalogue to the demo film's page."""
    page.goto("/")
    page.get_by_role("link", name=DEMO).click()


def await_player(page: Page) -> None:
    """Wait until the film could begin."""
    await_video(page, "readyState >= 3")


def await_video(page: Page, fact: str, *, within_s: float = 20) -> None:
    """Wait until something is true of the video element."""
    wait_for(lambda: bool(ask_video(page, fact)), what=fact, within_s=within_s)


def ask_video(page: Page, name: str) -> Any:
    """A property of the video element, or an expression that begins with one."""
    return page.locator("video").evaluate(f"(video) => video.{name}")


def seek(page: Page, seconds: float) -> None:
    """Jump, and wait for the picture there."""
    page.evaluate(_SEEK, seconds)


def read_time(page: Page) -> float:
    """The time burnt into the picture that is shown, in seconds."""
    width, height = _SIZE
    pixels = np.frombuffer(base64.b64decode(page.evaluate(_READ_PICTURE, _SIZE)), np.uint8)
    return read_counter(pixels.reshape(height, width, 4)[..., :3]) / RATE


def call_api(page: Page, method: str, path: str, facts: dict[str, Any] | None = None) -> Any:
    """Call the API as the page's user; the answer's JSON, if there is any."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    answer = page.request.fetch(
        f"/api/v1/{path}",
        method=method,
        data=facts,
        headers={"X-CSRFToken": cookies["csrftoken"], "Referer": page.url},
    )
    assert answer.ok, answer.text()
    return answer.json() if answer.body() else None

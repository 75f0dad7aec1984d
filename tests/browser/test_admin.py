"""An administrator's work in the browser: upload, pause, go on, watch progress, publish, retry."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, Page, expect

from standalone.demo import make_demo_film
from tests.browser.complaints import take
from tests.browser.visits import await_player, call_api
from tests.waiting import wait_for

pytestmark = pytest.mark.browser

VIDEOS: Final = "/admin/catalogue/video/"
JOBS: Final = "/admin/transcodes/transcodejob/"
SLOW_BYTES_PER_S: Final = 400_000
DONE_MS: Final = 240_000


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short film whose upload can be caught in the middle when the line is slow."""
    path = tmp_path_factory.mktemp("films") / "An_evening walk.mp4"
    make_demo_film(path, seconds=6)
    return path


@pytest.fixture
def broken_film(film: Path, tmp_path: Path) -> Path:
    path = tmp_path / "Broken film.mp4"
    path.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    return path


@pytest.fixture
def desk(admin_page: Page) -> Iterator[Page]:
    """An administrator's page; what it uploads is removed in the end."""
    before = list_video_ids(admin_page)
    yield admin_page
    for video_id in list_video_ids(admin_page) - before:
        call_api(admin_page, "DELETE", f"videos/{video_id}")


def list_video_ids(page: Page) -> set[str]:
    videos: list[dict[str, Any]] = call_api(page, "GET", "videos?page_size=100")["results"]
    return {video["id"] for video in videos}


def slow_down(page: Page) -> None:
    """Let bytes leave the browser slowly enough to press buttons meanwhile."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    limits["uploadThroughput"] = SLOW_BYTES_PER_S
    devtools.send("Network.emulateNetworkConditions", limits)


def choose_files(page: Page, *paths: Path) -> list[Locator]:
    """Choose files on the upload page; their rows."""
    page.goto("/admin/upload")
    page.get_by_label("Choose films").set_input_files(paths)
    rows = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(rows).to_have_count(len(paths))
    return rows.all()


def read_percent(row: Locator) -> int:
    found = re.match(r"(\d+) %", row.get_by_role("status").inner_text())
    return int(found[1]) if found else 0


def row_of(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has_text=title)


def test_an_upload_pauses_goes_on_and_becomes_a_published_film(desk: Page, film: Path) -> None:
    desk.goto("/admin/upload")
    slow_down(desk)
    (row,) = choose_files(desk, film)
    wait_for(lambda: read_percent(row) > 5, what="the upload to begin", within_s=30)
    row.get_by_role("button", name="Pause").click()
    expect(row).to_have_attribute("data-state", "paused")
    paused_at = read_percent(row)
    assert paused_at < 95
    row.get_by_role("button", name="Resume").click()
    wait_for(lambda: read_percent(row) > paused_at, what="the upload to go on", within_s=30)
    expect(row.get_by_role("status")).to_have_text("Ready", timeout=DONE_MS)

    desk.goto(VIDEOS)
    listed = row_of(desk, "An evening walk")
    expect(listed.get_by_role("img", name="Watch An evening walk")).to_be_visible()
    listed.get_by_role("button", name="Publish").click()
    expect(row_of(desk, "An evening walk")).to_contain_text("Published")

    desk.goto("/")
    desk.get_by_role("link", name="An evening walk").click()
    await_player(desk)


def test_progress_moves_in_the_list_of_jobs_and_rung_by_rung_on_the_films_page(
    desk: Page, tmp_path: Path
) -> None:
    film = tmp_path / "An evening walk.mp4"
    make_demo_film(film, seconds=15, width=854, height=480)  # time to open two pages meanwhile
    (row,) = choose_files(desk, film)
    expect(row).to_have_attribute("data-state", re.compile("queued|running"), timeout=30_000)
    page = desk.context.new_page()
    page.goto(str(row.get_by_role("link", name="Edit").get_attribute("href")))
    desk.goto(JOBS)
    job = row_of(desk, "An evening walk").first
    shown: set[str] = set()

    def is_ready() -> bool:
        shown.add(job.locator("[data-text]").inner_text())
        return "Ready" in shown

    wait_for(is_ready, what="the job", within_s=DONE_MS / 1000)
    assert any("%" in text for text in shown), shown
    rungs = page.locator(".in-full [data-rung]")
    expect(rungs.locator("span")).to_have_text(["360p", "480p"])
    for bar in rungs.get_by_role("progressbar").all():
        expect(bar).to_have_js_property("value", 1)
    page.close()


def test_the_watch_page_waits_for_the_film_and_begins(
    desk: Page, film: Path, complaints: list[str]
) -> None:
    (row,) = choose_files(desk, film)
    expect(row).to_have_attribute("data-state", re.compile("queued|running"), timeout=30_000)
    video_id = str(row.get_by_role("link", name="Edit").get_attribute("href")).split("/")[-3]
    desk.goto(f"/watch/{video_id}")
    expect(desk.get_by_role("alert")).to_contain_text("This film is not ready yet")
    expect(desk.get_by_role("progressbar")).to_be_visible()
    expect(desk.locator("media-controller")).to_be_visible(timeout=DONE_MS)
    await_player(desk)
    take(complaints, "409.*playback")


def test_several_files_travel_at_once_and_each_tells_its_fate(
    desk: Page, film: Path, broken_film: Path, tmp_path: Path
) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("This is no film.")
    good, broken, no_film = choose_files(desk, film, broken_film, text)
    expect(good.get_by_role("status")).to_have_text("Ready", timeout=DONE_MS)
    expect(broken.get_by_role("status")).to_contain_text("upload it again", timeout=DONE_MS)
    expect(no_film.get_by_role("status")).to_contain_text("not a film", timeout=DONE_MS)


def test_a_failed_job_can_be_tried_again(desk: Page, broken_film: Path) -> None:
    (row,) = choose_files(desk, broken_film)
    expect(row).to_have_attribute("data-state", "failed", timeout=DONE_MS)
    desk.goto(JOBS)
    job = row_of(desk, "Broken film")
    with desk.expect_response(re.compile("/retry$")) as retried:
        job.get_by_role("button", name="Retry").click()
    assert retried.value.ok
    expect(row_of(desk, "Broken film").locator("[data-state=failed]")).to_be_visible(
        timeout=DONE_MS
    )


def test_a_cancelled_upload_leaves_no_draft(desk: Page, film: Path) -> None:
    before = list_video_ids(desk)
    desk.goto("/admin/upload")
    slow_down(desk)
    (row,) = choose_files(desk, film)
    wait_for(lambda: read_percent(row) > 5, what="the upload to begin", within_s=30)
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(0)
    wait_for(lambda: list_video_ids(desk) == before, what="the draft to go", within_s=10)


def test_an_upload_goes_on_after_the_page_was_closed(desk: Page, film: Path) -> None:
    desk.goto("/admin/upload")
    slow_down(desk)
    (row,) = choose_files(desk, film)
    wait_for(lambda: read_percent(row) > 20, what="the upload to begin", within_s=30)
    row.get_by_role("button", name="Pause").click()
    drafts = list_video_ids(desk)
    stopped_at = read_percent(row)
    (row,) = choose_files(desk, film)
    wait_for(lambda: read_percent(row) > 0, what="the upload to go on", within_s=30)
    assert read_percent(row) >= stopped_at - 5
    assert list_video_ids(desk) == drafts
    expect(row.get_by_role("status")).to_have_text("Ready", timeout=DONE_MS)


def test_a_refused_upload_says_why(desk: Page, film: Path, complaints: list[str]) -> None:
    problem = '{"code": "too_large", "detail": "At most 5 bytes are accepted."}'
    desk.route("**/api/v1/uploads", lambda route: route.fulfill(status=413, body=problem))
    before = list_video_ids(desk)
    (row,) = choose_files(desk, film)
    expect(row.get_by_role("status")).to_have_text("At most 5 bytes are accepted.")
    assert list_video_ids(desk) == before
    desk.unroute("**/api/v1/uploads")
    row.get_by_role("button", name="Try again").click()
    expect(row.get_by_role("status")).to_have_text("Ready", timeout=DONE_MS)
    take(complaints, "413.*uploads")

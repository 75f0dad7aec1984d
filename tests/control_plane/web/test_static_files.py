"""Tests for static files: ours, and of the browser libraries the listed ones alone."""

from http import HTTPStatus
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.checks import run_checks
from django.test import AsyncClient, Client
from pytest_django import Settings

from control_plane.web.static_files import LIBRARY_FILES, LibraryFinder

STYLES = "/static/web/site.css"


@pytest.fixture
def libraries(tmp_path: Path, settings: Settings) -> Path:
    """A folder as npm leaves it: the listed files, and others beside them."""
    for name in (*LIBRARY_FILES, "hls.js/dist/hls.js", "secret.txt"):
        path = tmp_path / "node_modules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "outside.txt").write_text("outside")
    settings.NODE_MODULES = tmp_path / "node_modules"
    return tmp_path


def test_our_own_files_are_served(client: Client) -> None:
    answer = client.get(STYLES)
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["Content-Type"].startswith("text/css")
    assert b"color-scheme" in answer.content


async def test_they_are_served_under_asgi_too(async_client: AsyncClient) -> None:
    answer = await async_client.get(STYLES)
    assert answer.status_code == HTTPStatus.OK
    assert len(answer.content) == int(answer.headers["Content-Length"])


def test_a_copy_that_is_still_good_is_not_sent_again(client: Client) -> None:
    etag = client.get(STYLES).headers["ETag"]
    answer = client.get(STYLES, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (HTTPStatus.NOT_MODIFIED, b"")


def test_part_of_a_file_may_be_asked_for(client: Client) -> None:
    whole = client.get(STYLES).content
    answer = client.get(STYLES, headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (HTTPStatus.PARTIAL_CONTENT, whole[10:20])


def test_a_file_is_not_written_to(client: Client) -> None:
    assert client.post(STYLES).status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("name", LIBRARY_FILES)
def test_a_listed_file_of_a_library_is_found(libraries: Path, name: str) -> None:
    finder = LibraryFinder()
    assert finder.find(f"vendor/{name}") == str(libraries / "node_modules" / name)
    assert finder.find(f"vendor/{name}", find_all=True) == [finder.find(f"vendor/{name}")]


@pytest.mark.parametrize(
    "path",
    [
        "vendor/hls.js/dist/hls.js",
        "vendor/secret.txt",
        "vendor/../outside.txt",
        "vendor/",
        "hls.js/dist/hls.min.mjs",
        "node_modules/hls.js/dist/hls.min.mjs",
    ],
)
@pytest.mark.usefixtures("libraries")
def test_no_other_file_is(path: str) -> None:
    assert LibraryFinder().find(path) is None
    assert LibraryFinder().find(path, find_all=True) == []


@pytest.mark.usefixtures("libraries")
def test_all_of_them_are_collected_below_one_folder() -> None:
    collected = [(storage.prefix, name) for name, storage in LibraryFinder().list([])]
    assert collected == [("vendor", name) for name in LIBRARY_FILES]


def test_a_library_that_is_missing_is_warned_of(libraries: Path) -> None:
    assert LibraryFinder().check() == []
    (libraries / "node_modules" / LIBRARY_FILES[0]).unlink()
    (warning,) = LibraryFinder().check()
    assert (warning.id, warning.hint) == ("web.W001", "Run npm ci.")
    assert LIBRARY_FILES[0] in warning.msg
    assert LIBRARY_FILES[0] not in dict(LibraryFinder().list([]))


def test_nothing_else_is_wrong_with_the_settings() -> None:
    assert [found for found in run_checks() if found.id != "web.W001"] == []


def test_templates_name_files_that_exist() -> None:
    names = ["site.css", "site.js", "account.js", "watch.js", "player.css", "admin.css", "mark.svg"]
    assert all(finders.find(f"web/{name}") for name in names)

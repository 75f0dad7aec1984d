"""Tests for the catalogue and watch pages: who sees what, and what browsers may do with it."""

import re
from http import HTTPStatus

import pytest
from django.test import Client

from control_plane.accounts.models import User
from control_plane.entitlements.models import Grant, Visibility
from control_plane.transcodes.models import TranscodeJob
from tests.control_plane.conftest import MakeUser
from tests.control_plane.web.conftest import MakeVideo

pytestmark = pytest.mark.django_db


def see(client: Client, path: str = "/") -> str:
    """A page's text; it must be there."""
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def read_policy(client: Client, path: str) -> dict[str, list[str]]:
    header = client.get(path).headers["Content-Security-Policy"]
    directives = (directive.split() for directive in header.split(";"))
    return {name: sources for name, *sources in directives}


def test_a_visitor_sees_what_is_free(client: Client, make_video: MakeVideo) -> None:
    free = make_video("Free film")
    make_video("Film for members", visibility=Visibility.MEMBERS)
    page = see(client)
    assert "Free film" in page
    assert f"/watch/{free.pk}" in page
    assert "0:24" in page
    assert "Film for members" not in page


def test_a_member_sees_more(client: Client, make_video: MakeVideo, make_user: MakeUser) -> None:
    make_video("Film for members", visibility=Visibility.MEMBERS)
    granted = make_video("Granted film", visibility=Visibility.ENTITLED)
    member = make_user()
    client.force_login(member)
    assert "Film for members" in see(client)
    assert "Granted film" not in see(client)
    Grant.objects.create(user=member, video=granted)
    assert "Granted film" in see(client)


@pytest.mark.parametrize(
    "facts", [{"published_at": None}, {"asset": False}], ids=["draft", "not ready"]
)
def test_nobody_is_shown_what_cannot_be_watched_yet(
    client: Client, make_video: MakeVideo, owner: User, facts: dict[str, None]
) -> None:
    make_video("Unfinished film", **facts)
    client.force_login(owner)
    assert "Unfinished film" not in see(client)


def test_an_empty_catalogue_says_so(client: Client, owner: User) -> None:
    assert "/login" in see(client)
    client.force_login(owner)
    assert "/admin/upload" in see(client)


def test_the_catalogue_goes_on_where_a_page_ends(client: Client, make_video: MakeVideo) -> None:
    made = {str(make_video(f"Film {number}").pk) for number in range(30)}
    first = see(client)
    (following,) = re.findall(r'href="(\?before=[^"]+)"', first)
    second = see(client, f"/{following}")
    shown = re.findall(r'href="/watch/([^"]+)"', first + second)
    assert shown == sorted(made, reverse=True)
    assert "?before=" not in second


def test_a_made_up_place_to_go_on_from_is_not_found(client: Client) -> None:
    assert client.get("/?before=x").status_code == HTTPStatus.NOT_FOUND


def test_the_watch_page_tells_of_its_film(client: Client, make_video: MakeVideo) -> None:
    video = make_video("<b>Film</b>", description="First.\n\nSecond.")
    page = see(client, f"/watch/{video.pk}")
    assert "&lt;b&gt;Film&lt;/b&gt;" in page
    assert "<p>Second.</p>" in page
    assert f'data-playback="/api/v1/videos/{video.pk}/playback"' in page
    assert "poster/poster.jpg" in page


@pytest.mark.parametrize("visibility", [Visibility.MEMBERS, Visibility.ENTITLED])
def test_a_visitor_is_asked_to_log_in_for_the_rest(
    client: Client, make_video: MakeVideo, visibility: Visibility
) -> None:
    video = make_video("Secret title", visibility=visibility)
    answer = client.get(f"/watch/{video.pk}")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    page = answer.content.decode()
    assert f"/login?next=/watch/{video.pk}" in page
    assert "Secret title" not in page


def test_a_member_without_a_grant_is_told_so(
    client: Client, make_video: MakeVideo, make_user: MakeUser
) -> None:
    video = make_video("Secret title", visibility=Visibility.ENTITLED)
    client.force_login(make_user())
    answer = client.get(f"/watch/{video.pk}")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "not granted" in answer.content.decode()
    assert "Secret title" not in answer.content.decode()


def test_a_draft_is_not_there_but_for_its_owner(
    client: Client, make_video: MakeVideo, owner: User, make_user: MakeUser
) -> None:
    path = f"/watch/{make_video(published_at=None).pk}"
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND
    client.force_login(make_user())
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND
    client.force_login(owner)
    assert "Draft" in see(client, path)


def test_the_owner_sees_how_far_an_unready_film_is(
    client: Client, make_video: MakeVideo, owner: User
) -> None:
    video = make_video(asset=False)
    job = TranscodeJob.objects.create(video=video, source_key="originals/x/y")
    shown = f'data-job="{job.pk}"'
    assert shown not in see(client, f"/watch/{video.pk}")
    client.force_login(owner)
    assert shown in see(client, f"/watch/{video.pk}")


def test_a_film_that_never_was_is_not_found(client: Client) -> None:
    answer = client.get("/watch/0198c0de-0000-7000-8000-000000000001")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "There is nothing here" in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/watch/{id}"])
def test_pages_are_no_ones_but_the_viewers(
    client: Client, make_video: MakeVideo, path: str
) -> None:
    answer = client.get(path.format(id=make_video().pk))
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/", "/login", "/watch/{id}", "/nowhere"])
def test_no_page_runs_inline_script(client: Client, make_video: MakeVideo, path: str) -> None:
    path = path.format(id=make_video().pk)
    page = client.get(path).content.decode()
    assert "<script>" not in page
    assert not re.search(r"<[^>]+\son\w+=", page)
    assert read_policy(client, path)["script-src"] == ["'self'"]


def test_styles_are_loosened_for_the_player_alone(client: Client, make_video: MakeVideo) -> None:
    assert read_policy(client, "/")["style-src"] == ["'self'"]
    policy = read_policy(client, f"/watch/{make_video().pk}")
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
    assert "http://edge.test" in policy["connect-src"]

"""Tests for control_plane/playback/api.py: signed URLs, refusals, sessions."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.serializers import DateTimeField
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.entitlements.models import Grant
from control_plane.playback.models import PlaybackSession
from control_plane.playback.serializers import PlaybackSerializer
from control_plane.playback.services import start_playback
from control_plane.signing.rotation import rotate_keys
from control_plane.signing.selectors import forget_current_key
from shared.keyring import parse_jwks
from shared.paths import MediaUrl, parse_media_path
from shared.tokens import DEFAULT_KINDS, MAX_TOKEN_LIFE, Claims, check_clock, verify_token
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR)


def play(client: APIClient, video: Video, **body: Any) -> Any:
    return client.post(f"/api/v1/videos/{video.id}/playback", body)


def parse(url: str) -> MediaUrl:
    assert url.startswith("http://edge.test/")
    parsed = parse_media_path(urlsplit(url).path)
    assert parsed is not None
    return parsed


def read_claims(url: str) -> Claims:
    """What an edge makes of a URL: verified with the keys that we publish, and in time."""
    token = parse(url).token
    assert token is not None
    document = Client().get("/.well-known/jwks.json").content
    claims = verify_token(token, parse_jwks(document, issuer="http://testserver"))
    check_clock(claims, now=int(timezone.now().timestamp()))
    return claims


def test_a_member_gets_a_url_that_an_edge_accepts(
    owner: User, make_user: MakeUser, make_video: MakeVideo, log_in: LogIn
) -> None:
    member, video = make_user(), make_video(owner)
    answer = play(log_in(member), video)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    body, claims = answer.json(), read_claims(answer.json()["url"])
    assert (parse(body["url"]).asset_id, parse(body["url"]).name) == (
        str(video.asset_id),
        "main.m3u8",
    )
    assert (claims.subject, claims.video_id) == (str(member.id), str(video.id))
    assert claims.session_id == body["session_id"]
    assert claims.kinds == DEFAULT_KINDS == set(body["kinds"])
    assert datetime.fromisoformat(body["expires_at"]).timestamp() == claims.expires_at
    assert claims.start_by == claims.issued_at + 3600
    assert datetime.fromisoformat(body["start_by"]).timestamp() == claims.start_by
    assert (claims.max_streams, claims.max_height) == (None, None)


def test_what_is_handed_out_is_what_is_described(
    owner: User, make_video: MakeVideo, visitor: APIClient
) -> None:
    body = play(visitor, make_video(owner, visibility="unlisted")).json()
    session = PlaybackSession.objects.get()
    assert body.keys() == PlaybackSerializer().fields.keys()
    assert body["session_id"] == str(session.id)
    for moment in ("start_by", "expires_at"):
        assert body[moment] == DateTimeField().to_representation(getattr(session, moment))


def test_a_visitor_of_a_free_video_is_named_by_the_session(
    owner: User, make_video: MakeVideo, visitor: APIClient
) -> None:
    body = play(visitor, make_video(owner, visibility="public")).json()
    assert read_claims(body["url"]).subject == f"anonymous:{body['session_id']}"


def test_pictures_come_from_the_same_asset(
    owner: User, make_video: MakeVideo, visitor: APIClient
) -> None:
    video = make_video(owner, visibility="public")
    body = play(visitor, video).json()
    poster, storyboard = parse(body["poster_url"]), parse(body["storyboard_url"])
    assert (poster.asset_id, poster.name) == (str(video.asset_id), "poster/poster.jpg")
    assert storyboard.name == "storyboard/storyboard.vtt"
    assert storyboard.token == parse(body["url"]).token


def test_sound_alone_has_a_cover_and_no_storyboard(
    owner: User, make_video: MakeVideo, visitor: APIClient
) -> None:
    video = make_video(owner, visibility="public")
    assert video.asset is not None
    video.asset.heights = []
    video.asset.save()
    body = play(visitor, video).json()
    assert parse(body["poster_url"]).name == "poster/poster.jpg"
    assert body["storyboard_url"] is None


@pytest.mark.parametrize("who", ["visitor", "member", "other creator"])
@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"visibility": "public"}, [None, None, None]),
        ({"visibility": "members"}, ["login_required", None, None]),
        ({"visibility": "entitled"}, ["login_required", "not_entitled", "not_entitled"]),
        ({"visibility": "public", "published_at": None}, ["not_found"] * 3),
        (
            {"visibility": "public", "published_at": datetime(2100, 1, 1, tzinfo=UTC)},
            ["not_found"] * 3,
        ),
        ({"visibility": "public", "is_ready": False}, ["not_ready"] * 3),
        (
            {"visibility": "entitled", "is_ready": False},
            ["login_required", "not_entitled", "not_entitled"],
        ),
    ],
    ids=["free", "members", "granted", "draft", "planned", "not ready", "granted, not ready"],
)
def test_who_may_not_watch_is_told_why_and_gets_no_session(
    who: str,
    facts: dict[str, Any],
    codes: list[str | None],
    owner: User,
    make_user: MakeUser,
    make_video: MakeVideo,
    log_in: LogIn,
) -> None:
    viewers = {
        "visitor": None,
        "member": make_user(),
        "other creator": make_user(Role.CREATOR),
    }
    code = codes[list(viewers).index(who)]
    answer = play(log_in(viewers[who]), make_video(owner, **facts))
    statuses = {
        None: 201,
        "login_required": 401,
        "not_entitled": 403,
        "not_found": 404,
        "not_ready": 409,
    }
    assert (answer.status_code, answer.json().get("code")) == (statuses[code], code)
    assert PlaybackSession.objects.exists() is (code is None)
    assert ("url" in answer.json()) is (code is None)


@pytest.mark.parametrize("role", [Role.CREATOR, Role.ADMIN], ids=["owner", "admin"])
def test_owner_and_administrators_watch_before_publishing(
    role: Role, owner: User, make_user: MakeUser, make_video: MakeVideo, log_in: LogIn
) -> None:
    draft = make_video(owner, published_at=None)
    viewer = owner if role is Role.CREATOR else make_user(role)
    assert play(log_in(viewer), draft).status_code == 201
    assert PlaybackSession.objects.get().rule == "preview"


def test_a_grant_lets_watch_until_it_is_over(
    owner: User, make_user: MakeUser, make_video: MakeVideo, log_in: LogIn
) -> None:
    member, video = make_user(), make_video(owner, visibility="entitled")
    grant = Grant.objects.create(user=member, video=video)
    assert play(log_in(member), video).status_code == 201
    grant.expires_at = timezone.now() - timedelta(seconds=1)
    grant.save()
    assert play(log_in(member), video).status_code == 403


def test_a_url_ends_with_the_grant_it_was_issued_for(
    owner: User, make_user: MakeUser, make_video: MakeVideo, log_in: LogIn
) -> None:
    member, video = make_user(), make_video(owner, visibility="entitled")
    end = timezone.now().replace(microsecond=0) + timedelta(minutes=10)
    Grant.objects.create(user=member, video=video, expires_at=end)
    body = play(log_in(member), video).json()
    assert read_claims(body["url"]).expires_at == end.timestamp()


def test_there_is_nothing_to_watch_where_there_is_no_video(visitor: APIClient) -> None:
    answer = visitor.post(f"/api/v1/videos/{uuid4()}/playback")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_owner_may_ask_for_a_url_that_is_good_for_a_day(
    owner: User, make_video: MakeVideo, log_in: LogIn
) -> None:
    body = play(log_in(owner), make_video(owner), valid_for_s=MAX_TOKEN_LIFE).json()
    claims = read_claims(body["url"])
    assert claims.expires_at - claims.issued_at == MAX_TOKEN_LIFE


@pytest.mark.parametrize("seconds", [0, -1, 59, MAX_TOKEN_LIFE + 1, "long", 1.5])
def test_a_life_that_no_url_can_have_is_refused(
    seconds: object, owner: User, make_video: MakeVideo, log_in: LogIn
) -> None:
    answer = play(log_in(owner), make_video(owner), valid_for_s=seconds)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "valid_for_s")


def test_tokens_of_before_and_after_a_rotation_are_good(
    owner: User, make_video: MakeVideo, visitor: APIClient
) -> None:
    video = make_video(owner, visibility="public")
    before = play(visitor, video).json()["url"]
    rotate_keys(now=timezone.now(), force=True)
    forget_current_key()
    after = play(visitor, video).json()["url"]
    assert read_claims(before).video_id == read_claims(after).video_id == str(video.id)
    assert parse(before).token != parse(after).token


def test_a_token_of_another_deployment_is_not_ours(
    owner: User, make_video: MakeVideo, visitor: APIClient
) -> None:
    token = parse(play(visitor, make_video(owner, visibility="public")).json()["url"]).token
    assert token is not None
    document = Client().get("/.well-known/jwks.json").content
    with pytest.raises(ValueError, match="iss"):
        verify_token(token, parse_jwks(document, issuer="http://other.example"))


def test_starting_takes_four_queries_and_a_transaction(
    owner: User,
    make_user: MakeUser,
    make_video: MakeVideo,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    member, video = make_user(), make_video(owner, visibility="entitled")
    Grant.objects.create(user=member, video=video)
    start_playback(member, video.id, now=timezone.now())  # reads the signing key
    with django_assert_num_queries(6):
        start_playback(member, video.id, now=timezone.now())


@pytest.fixture
def watched(owner: User, make_user: MakeUser, make_video: MakeVideo) -> dict[str, PlaybackSession]:
    """Sessions of two members and a visitor, of a video each."""
    sessions = {}
    for name, user in {"ada": make_user(), "bob": make_user(), "visitor": None}.items():
        video = make_video(owner, visibility="public", title=f"for {name}")
        started = start_playback(user, video.id, now=timezone.now())
        sessions[name] = PlaybackSession.objects.get(id=started.session_id)
    return sessions


def test_everybody_sees_the_sessions_that_are_theirs(
    watched: dict[str, PlaybackSession], log_in: LogIn
) -> None:
    (session,) = log_in(watched["ada"].user).get("/api/v1/me/sessions").json()["results"]
    assert session["id"] == str(watched["ada"].id)
    assert session["video"]["title"] == "for ada"
    assert "user" not in session


def test_an_administrator_sees_all(
    watched: dict[str, PlaybackSession], make_user: MakeUser, log_in: LogIn
) -> None:
    sessions = log_in(make_user(Role.ADMIN)).get("/api/v1/sessions").json()["results"]
    users = {session["id"]: session["user"] and session["user"]["id"] for session in sessions}
    assert users == {
        str(session.id): session.user_id and str(session.user_id) for session in watched.values()
    }


@pytest.mark.parametrize("name", ["user", "video"])
def test_an_administrator_narrows_them(
    name: str, watched: dict[str, PlaybackSession], make_user: MakeUser, log_in: LogIn
) -> None:
    value = getattr(watched["ada"], f"{name}_id")
    answer = log_in(make_user(Role.ADMIN)).get(f"/api/v1/sessions?{name}={value}")
    assert [session["id"] for session in answer.json()["results"]] == [str(watched["ada"].id)]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CREATOR])
def test_nobody_else_sees_those_of_others(role: Role, make_user: MakeUser, log_in: LogIn) -> None:
    answer = log_in(make_user(role)).get("/api/v1/sessions")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("path", ["me/sessions", "sessions"])
def test_a_visitor_sees_none(path: str, visitor: APIClient) -> None:
    assert visitor.get(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize("path", ["me/sessions", "sessions"])
def test_lists_take_one_query_for_any_number(
    path: str,
    owner: User,
    make_user: MakeUser,
    make_video: MakeVideo,
    log_in: LogIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    admin = make_user(Role.ADMIN)
    for _ in range(5):
        start_playback(admin, make_video(owner).id, now=timezone.now())
    with django_assert_num_queries(1):
        assert len(log_in(admin).get(f"/api/v1/{path}").json()["results"]) == 5


def test_pages_follow_each_other_without_gaps(
    owner: User, make_user: MakeUser, make_video: MakeVideo, log_in: LogIn
) -> None:
    member, video = make_user(), make_video(owner)
    started = {
        str(start_playback(member, video.id, now=timezone.now()).session_id) for _ in range(5)
    }
    url, found = "/api/v1/me/sessions?page_size=2", []
    while url:
        page = log_in(member).get(url).json()
        found += [session["id"] for session in page["results"]]
        url = page["next"]
    assert found == sorted(started, reverse=True)


@pytest.mark.parametrize("cursor", ["x", "cD14", "cD0wMDAw"], ids=["junk", "p=x", "p=0000"])
def test_a_cursor_that_was_made_up_is_refused(
    cursor: str, make_user: MakeUser, log_in: LogIn
) -> None:
    answer = log_in(make_user()).get(f"/api/v1/me/sessions?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

"""Tests for the command `revoke` and control_plane/playback/targets.py."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from redis import Redis

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.playback.services import start_playback
from control_plane.revocations import relay
from control_plane.revocations.models import Revocation
from control_plane.signing.models import SigningKey
from control_plane.signing.rotation import ensure_keys, rotate_keys
from tests.control_plane.conftest import MakeUser, MakeVideo
from tests.control_plane.issuers.sites import make_issuer, make_jwk

pytestmark = pytest.mark.django_db

OWN, OTHER = "http://testserver", "https://site-1.example"
UNKNOWN = "9f0c1a52-6a2e-4c1b-8a55-3f4b8f0f3a10"


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR, email="ada@example.org")


@pytest.fixture
def video(owner: User, make_video: MakeVideo) -> Video:
    return make_video(owner)


@pytest.fixture
def session_id(owner: User, video: Video) -> str:
    return str(start_playback(owner, video.pk, now=timezone.now()).session_id)


def revoke(*arguments: str) -> str:
    output = io.StringIO()
    call_command("revoke", *arguments, stdout=output)
    return output.getvalue()


def revoked() -> tuple[str, str, str]:
    row = Revocation.objects.get()
    return row.scope, row.subject, row.issuer


def test_a_session_is_revoked(session_id: str) -> None:
    assert revoke("session", session_id).startswith(f"session {session_id}: revoked.\n")
    assert revoked() == ("session", session_id, OWN)


@pytest.mark.parametrize("name", ["{id}", "ada@example.org", "Ada@Example.org"])
def test_a_viewer_is_revoked_by_id_or_address(name: str, owner: User) -> None:
    revoke("viewer", name.format(id=owner.pk))
    assert revoked() == ("viewer", str(owner.pk), OWN)


def test_a_visitor_is_revoked_by_the_session(session_id: str) -> None:
    revoke("viewer", f"anonymous:{session_id}")
    assert revoked() == ("viewer", f"anonymous:{session_id}", OWN)


def test_videos_and_assets_are_revoked(video: Video) -> None:
    assert "known" not in revoke("video", str(video.pk).upper())
    assert revoked() == ("video", str(video.pk), "")
    revoke("video", str(video.pk), "--lift")
    assert "known" not in revoke("asset", str(video.asset_id))
    assert revoked() == ("asset", str(video.asset_id), "")


@pytest.mark.parametrize("scope", ["session", "viewer", "video", "asset", "key"])
def test_what_was_deleted_may_be_revoked_and_that_is_said(scope: str) -> None:
    assert f"No such {scope} is known here" in revoke(scope, UNKNOWN)
    assert revoked()[:2] == (scope, UNKNOWN)


@pytest.mark.parametrize("scope", ["session", "viewer"])
def test_another_sites_sessions_and_viewers_are_named_as_it_does(scope: str) -> None:
    make_issuer().save()
    revoke(scope, "whoever", "--issuer", OTHER)
    assert revoked() == (scope, "whoever", OTHER)


def test_our_own_issuer_may_be_named() -> None:
    revoke("session", UNKNOWN, "--issuer", OWN)
    assert revoked() == ("session", UNKNOWN, OWN)


def test_keys_that_sign_no_more_and_those_of_others_are_revoked() -> None:
    make_issuer().save()
    ensure_keys(now=timezone.now())
    old = SigningKey.objects.get(stage="current").kid
    rotate_keys(now=timezone.now(), force=True)
    for kid in (old, make_jwk(1)["kid"]):
        assert "known" not in revoke("key", kid)
    assert Revocation.objects.filter(scope="key").count() == 2


@pytest.mark.parametrize("stage", ["current", "next"])
def test_a_key_in_use_is_replaced_instead(stage: str) -> None:
    ensure_keys(now=timezone.now())
    with pytest.raises(CommandError, match="rotate_keys --compromised"):
        revoke("key", SigningKey.objects.get(stage=stage).kid)
    assert not Revocation.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("everything", UNKNOWN), "invalid choice"),
        (("session", "abc"), "The id of a session is a UUID, not 'abc'"),
        (("viewer", "abc"), "The id of a viewer"),
        (("viewer", "anonymous:abc"), "The id of a session"),
        (("viewer", "nobody@example.org"), "Nobody has the address"),
        (("video", "a film"), "The id of a video"),
        (("asset", "an asset"), "The id of an asset"),
        (("key", "k" * 129), "1 to 128 characters"),
        (("video", UNKNOWN, "--issuer", OTHER), "Only sessions and viewers"),
        (("session", "s", "--issuer", "https://tpyo.example"), f"Known are: {OWN}, {OTHER}"),
        (("viewer", "listing", "--issuer", OTHER), "revoke the video"),
        (("video", UNKNOWN, "--lift"), "is not revoked"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_unclear_revokes_nothing(arguments: tuple[str, ...], why: str) -> None:
    make_issuer().save()
    with pytest.raises(CommandError, match=why):
        revoke(*arguments)
    assert not Revocation.objects.exists()


@pytest.mark.parametrize("scope", ["session", "viewer", "video", "asset", "key"])
def test_a_revocation_is_lifted(scope: str) -> None:
    revoke(scope, UNKNOWN)
    assert f"{scope} {UNKNOWN}: lifted." in revoke(scope, UNKNOWN, "--lift")
    assert not Revocation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_that_redis_is_away_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Redis.from_url(f"unix://{tmp_path}/redis.sock")
    monkeypatch.setattr(relay, "open_redis", lambda: away)
    assert "Redis is away" in revoke("video", UNKNOWN)
    assert Revocation.objects.exists()

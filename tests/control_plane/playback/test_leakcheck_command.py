"""Tests for the command `leakcheck`, against stand-ins for an edge."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from redis import Redis

from control_plane.accounts.models import Role
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.playback import leakcheck
from control_plane.playback.forgeries import Attempt, Forger
from control_plane.signing.selectors import published_jwks
from shared.asset import Asset, AssetFile, etag_of, render_asset
from shared.keyring import parse_jwks
from shared.paths import asset_document_key, asset_key
from tests.control_plane.conftest import MakeUser, MakeVideo
from tests.gates import Admits, admit_all, admit_nobody, make_gate, serve_files

pytestmark = pytest.mark.django_db(transaction=True)

FILES = {
    "main.m3u8": None,
    "video/720/1.m4s": 720,
    "audio/stereo/1.m4s": None,
    "poster/poster.jpg": None,
    "storyboard/storyboard.vtt": None,
    "text/en.vtt": None,
    "key/1.key": None,
    "download/film.mp4": None,
}


@pytest.fixture
def video(make_user: MakeUser, make_video: MakeVideo) -> Video:
    """A published video with a file of every kind in the store."""
    video = make_video(make_user(Role.CREATOR))
    asset_id, files = str(video.asset_id), []
    for name, height in FILES.items():
        content = name.encode()
        open_store().put(asset_key(asset_id, name), content)
        files.append(
            AssetFile(
                name=name,
                size_bytes=len(content),
                etag=etag_of(content),
                content_type="application/octet-stream",
                height=height,
            )
        )
    asset = Asset(
        asset_id=asset_id,
        video_id=str(video.pk),
        created_at=0,
        duration_ms=1,
        files=tuple(files),
        renditions=(),
    )
    open_store().put(asset_document_key(asset_id), render_asset(asset))
    return video


@pytest.fixture
def gate(redis_url: str) -> Admits:
    now = timezone.now()
    keys = parse_jwks(published_jwks(now=now), issuer="http://testserver")
    redis = Redis.from_url(redis_url)
    return make_gate(settings.CONFIG.media_store, keys, redis, now=int(now.timestamp()))


def check(admits: Admits, *arguments: str, store: Path | None = None) -> str:
    """The command's table, whether or not it found something."""
    output = io.StringIO()
    with serve_files(store or settings.CONFIG.media_store, admits) as url:
        call_command("leakcheck", "--edge", url, *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.usefixtures("video")
def test_a_gate_that_holds_is_found_tight(gate: Admits) -> None:
    table = check(gate)
    assert all(f"\n{name} " in table for name in FILES)
    assert "LEAK" not in table
    assert "at fault: 0. A revoked session was refused after" in table


@pytest.mark.parametrize(
    "attempt", [one for one in Attempt if one is not Attempt.ANONYMOUS], ids=lambda one: one.value
)
@pytest.mark.usefixtures("video")
def test_a_gate_that_forgets_one_rule_is_caught(
    attempt: Attempt, gate: Admits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lets in, beside whom it should, the bearers of one attempt's tokens."""
    let_in: set[str | None] = set()
    forge = Forger.make_bad

    def note(forger, made, exhibit):  # type: ignore[no-untyped-def]
        tokens = forge(forger, made, exhibit)
        let_in.update(tokens if made is attempt else ())
        return tokens

    monkeypatch.setattr(Forger, "make_bad", note)
    output = io.StringIO()
    with (
        serve_files(
            settings.CONFIG.media_store, lambda token, url: token in let_in or gate(token, url)
        ) as edge,
        pytest.raises(CommandError, match="leaks"),
    ):
        call_command("leakcheck", "--edge", edge, stdout=output)
    faults = [line for line in output.getvalue().splitlines() if ": status" in line]
    assert faults
    assert all(f", {attempt}: " in fault for fault in faults)


@pytest.mark.usefixtures("video")
@pytest.mark.parametrize("admits", [admit_all, admit_nobody], ids=["no gate", "a wall"])
def test_no_gate_and_a_wall_are_both_at_fault(
    admits: Admits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leakcheck, "REVOKED_WITHIN_S", 0)
    with pytest.raises(CommandError, match="leaks"):
        check(admits)


def test_a_video_is_chosen_or_named(video: Video, gate: Admits) -> None:
    Video.objects.update(published_at=None)
    with pytest.raises(CommandError, match="no such video"):
        check(gate)
    assert "at fault: 0" in check(gate, "--video", str(video.pk))


def test_an_asset_that_is_not_in_the_store_is_said(video: Video, gate: Admits) -> None:
    open_store().delete(asset_document_key(str(video.asset_id)))
    with pytest.raises(CommandError, match="cannot be read"):
        check(gate)


@pytest.mark.usefixtures("video")
def test_an_edge_that_does_not_answer_is_said() -> None:
    with pytest.raises(CommandError, match="No answer from"):
        call_command("leakcheck", "--edge", "http://127.0.0.1:1")

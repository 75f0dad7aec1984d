"""Tests for control_plane/catalogue/services.py and leftovers.py: changing and deleting."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from control_plane.accounts.models import Role
from control_plane.catalogue.leftovers import (
    KEPT_FOR,
    keep_place,
    note_leftovers,
    sweep_leftovers,
)
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Asset, Leftover, Video
from control_plane.catalogue.services import (
    change_video,
    delete_video,
    publish_video,
    unpublish_video,
)
from control_plane.ids import make_uuid7
from control_plane.revocations.models import OutboxEntry, Revocation
from control_plane.revocations.services import revoke_video
from control_plane.transcodes.models import TranscodeJob
from control_plane.uploads.models import Upload
from shared.paths import (
    asset_document_key,
    asset_prefix,
    cancelled_key,
    claim_key,
    original_key,
    video_pointer_key,
)
from shared.runtime.store.interface import StoreUnavailable
from shared.runtime.store.local import LocalStore
from tests.control_plane.conftest import MakeUser, MakeVideo

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def video(make_user: MakeUser, make_video: MakeVideo) -> Video:
    """A video with everything that the store may hold of one."""
    video = make_video(make_user(Role.CREATOR))
    for key in keys_of(video):
        open_store().put(key, b"bytes")
    return video


def keys_of(video: Video) -> list[str]:
    upload = "0198c0de-0000-7000-8000-00000000000f"
    return [
        original_key(str(video.pk), upload),
        asset_document_key(str(video.asset_id)),
        video_pointer_key(str(video.pk)),
    ]


def test_change_leaves_an_asset_that_was_switched_meanwhile(video: Video) -> None:
    stale = Video.objects.get(pk=video.pk)
    newer = Asset.objects.create(
        id=make_uuid7(), video=video, duration_ms=1, size_bytes=1, heights=[360]
    )
    Video.objects.update(asset=newer)
    change_video(stale, now=timezone.now(), title="New")
    after = Video.objects.get()
    assert (after.title, after.asset) == ("New", newer)


def test_deleted_video_leaves_nothing_in_the_store(video: Video) -> None:
    keys = keys_of(video)
    delete_video(video, now=NOW)
    sweep_leftovers(now=NOW)
    assert not any(map(open_store().exists, keys))
    assert not Leftover.objects.exists()


def test_nothing_is_removed_when_deleting_fails(
    video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_video: Video) -> None:
        raise ConnectionError

    monkeypatch.setattr(Video, "delete", fail)
    with pytest.raises(ConnectionError):
        delete_video(video, now=NOW)
    sweep_leftovers(now=NOW)
    assert all(map(open_store().exists, keys_of(video)))


def test_deleting_a_video_stops_its_workers_and_waits_for_them(video: Video) -> None:
    job = TranscodeJob.objects.create(video=video, source_key="a/b")
    package = job.chunks.create(number=2, kind="package", asset_id=make_uuid7())
    claim = claim_key(str(job.pk), 2, 1)
    begun = asset_document_key(str(package.asset_id))
    open_store().put(claim, b"")
    open_store().put(begun, b"")
    delete_video(video, now=NOW)
    sweep_leftovers(now=NOW)
    assert open_store().exists(cancelled_key(str(job.pk)))
    assert open_store().exists(begun)
    sweep_leftovers(now=NOW + KEPT_FOR)
    assert not any(map(open_store().exists, [claim, begun, cancelled_key(str(job.pk))]))


def test_deleting_a_video_ends_its_uploads(video: Video) -> None:
    Upload.objects.create(owner=video.owner, video=video, size_bytes=9, expires_at=NOW)
    delete_video(video, now=NOW)
    assert not Upload.objects.exists()


def test_other_videos_keep_what_is_theirs(
    video: Video, make_user: MakeUser, make_video: MakeVideo
) -> None:
    delete_video(make_video(make_user(Role.CREATOR)), now=NOW)
    sweep_leftovers(now=NOW)
    assert all(map(open_store().exists, keys_of(video)))


def test_place_is_emptied_when_it_is_due_and_not_before(video: Video) -> None:
    Video.objects.update(asset=None)
    folder = asset_prefix(str(video.asset_id))
    document = asset_document_key(str(video.asset_id))
    note_leftovers([folder], due_at=NOW)
    sweep_leftovers(now=NOW - timedelta(seconds=1))
    assert open_store().exists(document)
    sweep_leftovers(now=NOW)
    assert not open_store().exists(document)
    assert not Asset.objects.exists()


def test_asset_that_a_video_plays_is_never_swept(
    video: Video, caplog: pytest.LogCaptureFixture
) -> None:
    note_leftovers([asset_prefix(str(video.asset_id))], due_at=NOW)
    sweep_leftovers(now=NOW)
    assert open_store().exists(asset_document_key(str(video.asset_id)))
    assert Asset.objects.exists()
    assert "an asset that a video plays" in caplog.text


def test_place_noted_twice_is_emptied_at_the_later_word() -> None:
    note_leftovers(["work/a/"], due_at=NOW)
    note_leftovers(["work/a/"], due_at=NOW + KEPT_FOR)
    sweep_leftovers(now=NOW)
    assert Leftover.objects.get().due_at == NOW + KEPT_FOR


def test_place_that_is_needed_again_is_kept() -> None:
    note_leftovers(["work/a/"], due_at=NOW)
    open_store().put("work/a/0.1", b"")
    keep_place("work/a/")
    sweep_leftovers(now=NOW)
    assert open_store().exists("work/a/0.1")


def test_place_that_is_empty_is_no_fault() -> None:
    note_leftovers(["work/a/", "videos/a.json"], due_at=NOW)
    sweep_leftovers(now=NOW)
    assert not Leftover.objects.exists()


def test_place_that_cannot_be_emptied_is_put_off_and_others_are_not(
    video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_store: LocalStore, _prefix: str) -> None:
        raise StoreUnavailable("no answer")

    monkeypatch.setattr(LocalStore, "delete_prefix", refuse)
    pointer = video_pointer_key(str(video.pk))
    note_leftovers(["work/a/"], due_at=NOW - timedelta(seconds=1))
    note_leftovers([pointer], due_at=NOW)
    sweep_leftovers(now=NOW)
    assert not open_store().exists(pointer)
    assert Leftover.objects.get().due_at > NOW


def test_an_unpublished_video_ends_what_was_watched_of_it_so_far(video: Video) -> None:
    unpublish_video(video, now=NOW)
    revocation = Revocation.objects.get()
    assert (revocation.scope, revocation.subject) == ("video", str(video.pk))
    assert revocation.issued_before == int(NOW.timestamp()) + 1, "the owner may watch on, anew"


def test_a_draft_that_is_unpublished_ends_nothing(video: Video) -> None:
    unpublish_video(video, now=NOW)
    Revocation.objects.all().delete()
    unpublish_video(video, now=NOW)
    assert not Revocation.objects.exists()


def test_what_was_watched_goes_on_when_a_video_is_published_again(video: Video) -> None:
    unpublish_video(video, now=NOW)
    publish_video(video, now=NOW)
    assert not Revocation.objects.exists()


def test_publishing_what_is_published_lifts_nothing(video: Video) -> None:
    revoke_video(str(video.pk), now=NOW)
    publish_video(video, now=NOW)
    assert Revocation.objects.exists()


def test_a_deleted_video_ends_for_good(video: Video) -> None:
    video_id = str(video.pk)
    unpublish_video(video, now=NOW)
    delete_video(video, now=NOW)
    revocation = Revocation.objects.get()
    assert (revocation.subject, revocation.issued_before) == (video_id, None)


def test_a_video_that_could_not_be_deleted_ends_nothing(
    video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Video, "delete", lambda _video: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        delete_video(video, now=NOW)
    assert not Revocation.objects.exists()
    assert not OutboxEntry.objects.exists()

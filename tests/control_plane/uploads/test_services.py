"""Tests for control_plane/uploads/services.py: finished exactly once, and swept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from pytest_django import Settings

from control_plane.accounts.models import User
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.catalogue.services import delete_video
from control_plane.transcodes.models import TranscodeJob
from control_plane.uploads.models import Upload
from control_plane.uploads.selectors import measure_upload, source_key
from control_plane.uploads.services import (
    LIFE,
    abandon_upload,
    create_upload,
    finish_upload,
    sweep_uploads,
    take_file,
)
from control_plane.uploads.spool import SpoolFull, lock_spool, measure_spool, spool_path
from shared.runtime.store.interface import StoreError

NOW = datetime(2026, 7, 1, tzinfo=UTC)
TOO_LATE = NOW + LIFE


@pytest.fixture
def upload(video: Video, creator: User) -> Upload:
    """An upload of four bytes, of which none has arrived."""
    return create_upload(video, owner=creator, size_bytes=4, file_name="film.mp4", now=NOW)


@pytest.fixture
def complete(upload: Upload) -> Upload:
    """The same when all have arrived and nothing was done about it."""
    spool_path(upload.pk).write_bytes(b"film")
    return upload


def assert_finished_once(upload: Upload) -> None:
    upload.refresh_from_db()
    assert upload.finished_at == NOW
    assert open_store().get(source_key(upload)) == b"film"
    assert TranscodeJob.objects.get().source_key == source_key(upload)


def test_finished_upload_is_in_the_store_and_has_a_job(complete: Upload) -> None:
    assert finish_upload(complete, now=NOW) is not None
    assert_finished_once(complete)


def test_upload_finished_again_has_one_job(complete: Upload) -> None:
    finish_upload(complete, now=NOW)
    assert finish_upload(complete, now=NOW) is None
    assert_finished_once(complete)


def test_upload_finished_by_two_at_once_has_one_job(complete: Upload) -> None:
    start = Barrier(2)

    def finish(_number: int) -> TranscodeJob | None:
        start.wait()
        try:
            return finish_upload(complete, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        jobs = list(threads.map(finish, range(2)))
    assert jobs.count(None) == 1
    assert_finished_once(complete)


def test_upload_moved_by_a_process_that_died_is_finished_by_the_sweep(complete: Upload) -> None:
    open_store().put_file(source_key(complete), spool_path(complete.pk))
    assert measure_upload(complete) == 4
    sweep_uploads(now=NOW)
    assert_finished_once(complete)


def test_upload_that_is_complete_is_finished_by_the_sweep(complete: Upload) -> None:
    sweep_uploads(now=NOW)
    assert_finished_once(complete)


def test_upload_that_somebody_is_still_at_is_left_to_them(complete: Upload) -> None:
    with lock_spool(complete.pk):
        sweep_uploads(now=NOW)
    assert not TranscodeJob.objects.exists()
    assert measure_upload(complete) == 4


def test_upload_that_is_not_complete_is_left_by_the_sweep(upload: Upload) -> None:
    spool_path(upload.pk).write_bytes(b"fil")
    sweep_uploads(now=TOO_LATE - timedelta(seconds=1))
    assert measure_upload(upload) == 3


def test_expired_upload_is_swept(complete: Upload) -> None:
    sweep_uploads(now=TOO_LATE)
    assert not Upload.objects.exists()
    assert not TranscodeJob.objects.exists()
    assert measure_spool(complete.pk) is None


def test_expired_upload_that_is_being_sent_is_left(upload: Upload) -> None:
    with lock_spool(upload.pk):
        sweep_uploads(now=TOO_LATE)
    assert Upload.objects.exists()


def test_bytes_of_nobody_are_swept(upload: Upload) -> None:
    spool_path(upload.pk).write_bytes(b"fil")
    upload.delete()
    stray = Path(spool_path(upload.video_id))
    stray.write_bytes(b"")
    sweep_uploads(now=NOW)
    assert not stray.exists()


def test_source_of_a_video_deleted_on_the_way_does_not_stay(complete: Upload) -> None:
    key = source_key(complete)
    delete_video(complete.video, now=NOW)
    assert finish_upload(complete, now=NOW) is None
    assert not open_store().exists(key)
    assert not TranscodeJob.objects.exists()


def test_upload_whose_bytes_are_lost_is_not_finished(upload: Upload) -> None:
    with pytest.raises(StoreError):
        finish_upload(upload, now=NOW)
    assert not TranscodeJob.objects.exists()


def test_upload_larger_than_the_disk_is_refused(
    video: Video, creator: User, settings: Settings
) -> None:
    size = 2**62
    settings.CONFIG = settings.CONFIG.model_copy(update={"max_upload_bytes": size})
    with pytest.raises(SpoolFull):
        create_upload(video, owner=creator, size_bytes=size, file_name="", now=NOW)
    assert not Upload.objects.exists()


def test_small_file_is_taken_whole(video: Video, creator: User) -> None:
    file = ContentFile(b"film", name="../../a film.mp4")
    job = take_file(video, owner=creator, file=file, now=NOW)
    upload = Upload.objects.get()
    assert upload.file_name == "a film.mp4"
    assert job.requested_by == creator
    assert_finished_once(upload)


def test_small_file_that_does_not_fit_leaves_nothing(
    video: Video, creator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("control_plane.uploads.spool.spool_path", lambda _id: Path("/dev/full"))
    with pytest.raises(SpoolFull):
        take_file(video, owner=creator, file=ContentFile(b"film"), now=NOW)
    assert not Upload.objects.exists()


def test_abandoned_upload_is_gone(complete: Upload) -> None:
    abandon_upload(complete)
    assert measure_spool(complete.pk) is None
    assert not Upload.objects.exists()

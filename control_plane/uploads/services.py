"""Writes to uploads: beginning, finishing exactly once, giving up, sweeping."""

import logging
import shutil
from contextlib import closing, suppress
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.files import File
from django.db import transaction

from control_plane.accounts.models import User
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.catalogue.services import lock_video
from control_plane.errors import Refused, require
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.services import check_queue, queue_job
from control_plane.uploads.models import Upload
from control_plane.uploads.protocol import clean_file_name
from control_plane.uploads.selectors import measure_upload, source_key
from control_plane.uploads.spool import (
    SpoolBusy,
    SpoolFile,
    SpoolFull,
    list_spool,
    lock_spool,
    remove_spool,
    spool_folder,
    spool_path,
)
from shared.runtime.store.interface import StoreError

LIFE: Final = timedelta(days=7)

_log = logging.getLogger(__name__)


def create_upload(
    video: Video, *, owner: User, size_bytes: int, file_name: str, now: datetime
) -> Upload:
    """Make room for a source that is yet to come; an empty one has arrived.

    Raises `Refused` when it is larger than is accepted, or when no more jobs are; `SpoolFull` when
    it does not fit.
    """
    check_size(size_bytes, limit=settings.CONFIG.max_upload_bytes)
    check_queue(video.owner)
    if size_bytes > shutil.disk_usage(spool_folder()).free:
        raise SpoolFull
    upload = Upload.objects.create(
        owner=owner,
        video=video,
        file_name=file_name,
        size_bytes=size_bytes,
        expires_at=now + LIFE,
    )
    if size_bytes == 0:
        spool_path(upload.pk).touch()
        finish_upload(upload, now=now)
    return upload


def take_file(video: Video, *, owner: User, file: "File[bytes]", now: datetime) -> TranscodeJob:
    """Take a small source whole; raises `Refused`, `SpoolFull`."""
    size_bytes = file.size or 0
    check_size(size_bytes, limit=settings.CONFIG.max_source_bytes)
    check_queue(video.owner)
    upload = Upload.objects.create(
        owner=owner,
        video=video,
        file_name=clean_file_name(file.name or ""),
        size_bytes=size_bytes,
        expires_at=now + LIFE,
    )
    _spool_file(upload, file)
    return require(finish_upload(upload, now=now), "No such video.")


def check_size(size_bytes: int, *, limit: int) -> None:
    if size_bytes > limit:
        detail = f"At most {limit} bytes are accepted."
        raise Refused("too_large", status=413, detail=detail, extra={"limit_bytes": limit})


def finish_upload(upload: Upload, *, now: datetime) -> TranscodeJob | None:
    """Move a complete source to the store and queue its job.

    May be called any number of times, at once and after a crash at any point: it happens once.
    None when it has happened before, or the video is no more.
    """
    _move_to_store(upload)
    try:
        with transaction.atomic():
            video = lock_video(upload.video_id)
            if not Upload.objects.filter(pk=upload.pk, finished_at=None).update(finished_at=now):
                return None
            return queue_job(video, source_key=source_key(upload), user=upload.owner, now=now)
    except Video.DoesNotExist:  # deleted while its source was on the way
        open_store().delete(source_key(upload))
        return None


def finish_stranded(upload: Upload, *, now: datetime) -> None:
    """Finish an upload that was broken off after its last byte, unless somebody is still at it."""
    with suppress(SpoolBusy), lock_spool(upload.pk):
        if measure_upload(upload) == upload.size_bytes:
            finish_upload(upload, now=now)


def abandon_upload(upload: Upload) -> None:
    """Forget an unfinished upload and its bytes; raises `Refused` for a finished one."""
    if not Upload.objects.filter(pk=upload.pk, finished_at=None).delete()[0]:
        raise Refused("upload_finished", status=409, detail="The source has arrived already.")
    remove_spool(str(upload.pk))


def sweep_uploads(*, now: datetime) -> None:
    """Finish what was broken off at the end, and remove what expired or belongs to nobody."""
    spooled = list_spool()
    unfinished = Upload.objects.filter(finished_at=None).select_related("owner")
    for upload in unfinished.filter(expires_at__gt=now):
        if measure_upload(upload) == upload.size_bytes:
            finish_stranded(upload, now=now)
    for upload in unfinished.filter(expires_at__lte=now):
        _expire(upload)
    wanted = set(map(str, unfinished.values_list("pk", flat=True)))
    for name in spooled - wanted:
        remove_spool(name)


def _spool_file(upload: Upload, file: "File[bytes]") -> None:
    try:
        with closing(SpoolFile(upload.pk)) as spooled:
            for chunk in file.chunks():
                spooled.append(chunk)
            spooled.settle()
    except SpoolFull:
        abandon_upload(upload)
        raise


def _move_to_store(upload: Upload) -> None:
    try:
        open_store().put_file(source_key(upload), spool_path(upload.pk))
    except StoreError:  # moved before, by a process that was killed or that finishes it, too
        if not open_store().exists(source_key(upload)):
            raise


def _expire(upload: Upload) -> None:
    try:
        with lock_spool(upload.pk):
            abandon_upload(upload)
    except SpoolBusy:
        _log.info("expired upload is still being sent", extra={"upload_id": str(upload.pk)})

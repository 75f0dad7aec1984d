"""Making jobs: rows that wait to be dispatched, among them those that renew an asset.

An asset is out of date when its video has other captions now, or another poster. Then a new one
is packaged from what the old one holds, and nothing is encoded.
"""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from control_plane.accounts.models import User
from control_plane.catalogue.models import Video
from control_plane.catalogue.sidecars import describe_sidecars
from control_plane.transcodes.dispatcher import dispatch
from control_plane.transcodes.models import (
    ChunkKindChoice,
    JobStateChoice,
    Stage,
    TranscodeChunk,
    TranscodeJob,
)
from shared.jobs import PLAN_MEMORY_BYTES


def find_unfinished(video_id: UUID) -> QuerySet[TranscodeJob]:
    """The job of a video that may still be stopped, if there is one."""
    states = [JobStateChoice.QUEUED, JobStateChoice.RUNNING]
    return TranscodeJob.objects.filter(video_id=video_id, state__in=states)


def make_job(video: Video, *, user: User | None, now: datetime, **facts: Any) -> TranscodeJob:
    """A job that begins with its plan; in a transaction that has locked the video."""
    job = TranscodeJob.objects.create(video=video, requested_by=user, **facts)
    TranscodeChunk.objects.create(
        job=job, number=0, kind=ChunkKindChoice.PLAN, memory_bytes=PLAN_MEMORY_BYTES
    )
    transaction.on_commit(partial(dispatch, now=now))
    return job


def renew_asset(video: Video, *, user: User | None = None, now: datetime) -> TranscodeJob | None:
    """Have the asset of a video made anew if it is out of date; in a transaction that has locked
    the video. A job that is going on will do it, or renews the asset when it is over."""
    asset = video.asset
    if asset is None or find_unfinished(video.pk).exists():
        return None
    if asset.sidecars == describe_sidecars(video, source_key=asset.source_key):
        return None
    job = TranscodeJob.objects.create(
        video=video,
        requested_by=user,
        source_key=asset.source_key,
        base_asset_id=asset.pk,
        stage=Stage.PACKAGING,
    )
    TranscodeChunk.objects.create(job=job, number=1, kind=ChunkKindChoice.PACKAGE)
    transaction.on_commit(partial(dispatch, now=now))
    return job

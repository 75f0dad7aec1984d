"""Writes to videos."""

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction

from control_plane.accounts.models import User
from control_plane.catalogue.leftovers import KEPT_FOR, note_leftovers
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.errors import Refused
from control_plane.revocations.services import end_watching, lift_revocation, revoke_video
from shared.events.revocations import RevocationScope
from shared.paths import (
    asset_prefix,
    cancelled_key,
    originals_prefix,
    video_pointer_key,
    work_prefix,
)


def lock_video(video_id: UUID) -> Video:
    """Lock a video until the transaction ends. Whoever also locks jobs of it does so after."""
    return Video.objects.select_for_update(no_key=True).get(pk=video_id)


def create_video(owner: User, **facts: str) -> Video:
    """Make a draft without a source."""
    return Video.objects.create(owner=owner, **facts)


def change_video(video: Video, **facts: Any) -> None:
    """Change these facts and no other: a transcode may be switching the asset meanwhile."""
    for name, value in facts.items():
        setattr(video, name, value)
    video.save(update_fields=[*facts, "updated_at"])


@transaction.atomic
def publish_video(video: Video, *, now: datetime) -> None:
    """Show a video to those it is meant for, also to those who had to stop when it was made a
    draft; raises `Refused` while there is nothing to play."""
    if video.asset_id is None:
        detail = "The video has no finished transcode yet."
        raise Refused("not_ready", status=HTTPStatus.CONFLICT, detail=detail)
    if _is_taken_down(video):
        raise Refused("taken_down", status=HTTPStatus.GONE, detail="It was taken down.")
    if video.published_at is None or video.published_at > now:
        video.published_at = now
        video.save(update_fields=["published_at", "updated_at"])
        lift_revocation(RevocationScope.VIDEO, str(video.pk))


def _is_taken_down(video: Video) -> bool:
    """Playback builds on this package, so its models are known by name only."""
    return bool(apps.get_model("playback", "TakeDown").objects.filter(video_id=video.pk).exists())


@transaction.atomic
def unpublish_video(video: Video, *, now: datetime) -> None:
    """Make a video a draft again, and end what was watched of it. Its owner may watch it anew."""
    if video.published_at is None:
        return
    video.published_at = None
    video.save(update_fields=["published_at", "updated_at"])
    end_watching(str(video.pk), now=now)


@transaction.atomic
def delete_video(video: Video, *, now: datetime) -> None:
    """Delete a video and, soon after the commit, what the store holds of it."""
    lock_video(video.pk)
    revoke_video(str(video.pk), now=now)
    jobs = dict(video.jobs.values_list("id", "finished_at"))
    assets = set(video.assets.values_list("id", flat=True))
    packages = video.jobs.filter(chunks__asset_id__isnull=False)
    made = set(packages.values_list("chunks__asset_id", flat=True))
    note_leftovers(
        [
            video_pointer_key(str(video.pk)),
            originals_prefix(str(video.pk)),
            *(asset_prefix(str(asset_id)) for asset_id in assets),
        ],
        due_at=now,
    )
    # workers may still be at these, and must find the mark that stops them
    note_leftovers(
        [
            *(work_prefix(str(job_id)) for job_id in jobs),
            *(asset_prefix(str(asset_id)) for asset_id in made - assets),
        ],
        due_at=now + KEPT_FOR,
    )
    for job_id, finished_at in jobs.items():
        if finished_at is None:
            transaction.on_commit(partial(open_store().put, cancelled_key(str(job_id)), b""))
    video.delete()

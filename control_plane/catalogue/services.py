"""Writes to videos."""

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import transaction

from control_plane.accounts.models import User
from control_plane.catalogue.leftovers import KEPT_FOR, note_leftovers
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Video
from control_plane.catalogue.slugs import create_named, rename
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

# What decides who may watch.
_WHO_MAY: Final = ("visibility", "is_premium", "category", "withdrawn_at")


def lock_video(video_id: UUID) -> Video:
    """Lock a video until the transaction ends. Whoever also locks jobs of it does so after."""
    return Video.objects.select_for_update(no_key=True).get(pk=video_id)


def create_video(owner: User, **facts: Any) -> Video:
    """Make a draft without a source. Its slug comes of its title."""
    return create_named(Video, owner=owner, **facts)


@transaction.atomic
def change_video(video: Video, *, now: datetime, **facts: Any) -> None:
    """Change these facts and no other: a transcode may be switching the asset meanwhile.

    Whoever watches what is for fewer people than before has to begin anew. Raises `Refused` for a
    slug that was given to something else.
    """
    slug = facts.pop("slug", None)
    narrows = any(name in facts and facts[name] != getattr(video, name) for name in _WHO_MAY)
    for name, value in facts.items():
        setattr(video, name, value)
    video.save(update_fields=[*facts, "updated_at"])
    if slug is not None:
        rename(video, slug)
    if narrows and video.published_at is not None:
        end_watching(str(video.pk), now=now)


@transaction.atomic
def publish_video(
    video: Video,
    *,
    now: datetime,
    at: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Show a video to those it is meant for, now or from `at` on, for good or `until`; also to
    those who had to stop when it was made a draft. Raises `Refused` while there is nothing to play.

    What is published stays so since when it was, unless another moment is named.
    """
    locked = lock_video(video.pk)
    if locked.asset_id is None:
        detail = "The video has no finished transcode yet."
        raise Refused("not_ready", status=HTTPStatus.CONFLICT, detail=detail)
    if _is_taken_down(video):
        raise Refused("taken_down", status=HTTPStatus.GONE, detail="It was taken down.")
    moment = _choose_moment(locked, at, seen=video.published_at, now=now)
    if (moment, until) != (locked.published_at, locked.withdrawn_at):
        locked.published_at, locked.withdrawn_at = moment, until
        locked.save(update_fields=["published_at", "withdrawn_at", "updated_at"])
        lift_revocation(RevocationScope.VIDEO, str(locked.pk))
        if until is not None or moment > now:
            end_watching(str(locked.pk), now=now)
    video.published_at, video.withdrawn_at = locked.published_at, locked.withdrawn_at


def _choose_moment(
    video: Video, at: datetime | None, *, seen: datetime | None, now: datetime
) -> datetime:
    """`seen` is what was so when the caller looked; who published meanwhile was first."""
    is_off = video.withdrawn_at is not None and video.withdrawn_at <= now
    if at is not None or video.published_at is None or is_off:
        return at or now
    is_kept = video.published_at <= now or video.published_at != seen
    return video.published_at if is_kept else now


def _is_taken_down(video: Video) -> bool:
    """Playback builds on this package, so its models are known by name only."""
    return bool(apps.get_model("playback", "TakeDown").objects.filter(video_id=video.pk).exists())


@transaction.atomic
def unpublish_video(video: Video, *, now: datetime) -> None:
    """Make a video a draft again, and end what was watched of it. Its owner may watch it anew."""
    locked = lock_video(video.pk)
    if locked.published_at is None:
        return
    video.published_at = video.withdrawn_at = None
    video.save(update_fields=["published_at", "withdrawn_at", "updated_at"])
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

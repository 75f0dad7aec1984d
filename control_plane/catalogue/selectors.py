"""Reads of videos: who may see which, in a number of queries that does not grow with them."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from control_plane.accounts.models import User
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import may
from control_plane.catalogue.models import Video
from control_plane.entitlements.selectors import reachable_videos, visible_videos
from control_plane.errors import require

_NO_VIDEO: Final = "No such video."


def list_videos(user: User | None, *, now: datetime) -> QuerySet[Video]:
    """The videos that a user, or None for a visitor, may watch or owns; all for who manages them.

    Each carries `newest_job`: id, state and fraction of the latest job that is more than a dry
    run, or None.
    """
    seen = Q() if manages_videos(user) else visible_videos(user, now=now)
    return _with_newest_job(Video.objects.filter(seen)).order_by("-id")


def access_video(user: User | None, video_id: UUID, *, now: datetime) -> Video:
    """A video that this user may look at; raises `NotFound` for any other."""
    reached = Q() if manages_videos(user) else reachable_videos(user, now=now)
    reachable = Video.objects.filter(reached, pk=video_id)
    return require(_with_newest_job(reachable).first(), _NO_VIDEO)


def access_own_video(user: User, video_id: UUID, *, now: datetime) -> Video:
    """A video that this user may change; raises `NotFound` for any other."""
    video = access_video(user, video_id, now=now)
    return require(video if may_change(user, video) else None, _NO_VIDEO)


def _with_newest_job(videos: QuerySet[Video]) -> QuerySet[Video]:
    jobs = Video.objects.filter(pk=OuterRef("pk"), jobs__is_dry_run=False).order_by("-jobs__id")
    newest = jobs.values(
        job=JSONObject(id="jobs__id", state="jobs__state", fraction="jobs__fraction")
    )
    shown = videos.select_related("owner", "asset", "category")
    return shown.annotate(newest_job=Subquery(newest[:1]))


def may_change(user: User | None, video: Video) -> bool:
    """Whether a user is the video's owner, or manages everybody's."""
    return user is not None and (user.pk == video.owner_id or manages_videos(user))


def manages_videos(user: User | None) -> bool:
    """Whether all videos and courses are this user's to manage."""
    return may(user, Permission.MANAGE_VIDEOS)

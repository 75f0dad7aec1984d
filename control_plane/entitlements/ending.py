"""Ending what is watched without leave any more."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import QuerySet

from control_plane.accounts.models import User
from control_plane.entitlements.selectors import judge_anywhere, user_viewer
from control_plane.revocations.services import revoke_session


def end_unentitled(users: Iterable[User], *, now: datetime, video_id: UUID | None = None) -> None:
    """End these users' sessions, of one video or of all, that reach beyond what they may watch."""
    by_id = {user.pk: user for user in users}
    sessions = _sessions().filter(user_id__in=by_id, expires_at__gt=now).select_related("video")
    if video_id is not None:
        sessions = sessions.filter(video_id=video_id)
    ends: dict[tuple[UUID, UUID], datetime | None] = {}
    for session in sessions:
        pair = (session.user_id, session.video_id)
        if pair not in ends:
            ends[pair] = _find_end(by_id[session.user_id], session.video, now=now)
        end = ends[pair]
        if end is not None and session.expires_at > end:
            revoke_session(str(session.id), now=now)


def end_unentitled_watchers(video_ids: Iterable[UUID], *, now: datetime) -> None:
    """The same for whoever watches these videos."""
    for video_id in video_ids:
        running = _sessions().filter(video_id=video_id, expires_at__gt=now)
        watchers = User.objects.filter(pk__in=running.values("user_id"))
        end_unentitled(watchers, video_id=video_id, now=now)


def _find_end(user: User, video: Any, *, now: datetime) -> datetime | None:
    """Until when they may watch; None where no end is known."""
    verdict = judge_anywhere(user_viewer(user), video, now=now)
    return verdict.until if verdict.allowed else now


# Playback builds on this package, so its models are known by name only.
def _sessions() -> QuerySet[Any]:
    return apps.get_model("playback", "PlaybackSession").objects.all()

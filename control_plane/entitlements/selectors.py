"""The same question asked of the database: of one video, or of all at once."""

from datetime import datetime
from http import HTTPStatus
from typing import Protocol
from uuid import UUID

from django.db.models import Q, QuerySet

from control_plane.accounts.models import User
from control_plane.entitlements.decisions import (
    Rule,
    Verdict,
    VideoFacts,
    Viewer,
    decide,
)
from control_plane.entitlements.models import Grant, Visibility
from control_plane.errors import NotFound, Refused

_STATUS = {
    Rule.LOGIN_REQUIRED: HTTPStatus.UNAUTHORIZED,
    Rule.NOT_ENTITLED: HTTPStatus.FORBIDDEN,
}


class Video(VideoFacts, Protocol):
    """A video, as far as it is known here; the catalogue builds on this package."""

    @property
    def id(self) -> UUID: ...


def judge(user: User | None, video: Video, *, now: datetime) -> Verdict:
    """The verdict on a video; at most one query."""
    grants = _grants_to(user).filter(video_id=video.id)
    return decide(_viewer(user), video, grants, now=now)


def require_entitlement(user: User | None, video: Video, *, now: datetime) -> Verdict:
    """The verdict when it allows; else `Refused`, or `NotFound` where none may know of it."""
    verdict = judge(user, video, now=now)
    if verdict.allowed:
        return verdict
    if verdict.rule is Rule.DRAFT:
        raise NotFound("No such video.")
    raise Refused(verdict.rule.value, status=_STATUS[verdict.rule], detail=verdict.why)


def visible_videos(user: User | None, *, now: datetime) -> Q:
    """Those that `judge` allows, as a condition on videos: one query, whatever their number."""
    if user is not None and user.is_staff:
        return Q()
    open_to = [Visibility.FREE] if user is None else [Visibility.FREE, Visibility.MEMBERS]
    watchable = Q(visibility__in=open_to)
    if user is None:
        return Q(published_at__lte=now) & watchable
    granted = _grants_to(user).filter(Q(expires_at=None) | Q(expires_at__gt=now))
    watchable |= Q(visibility=Visibility.GRANTED, pk__in=granted.values("video_id"))
    return Q(owner_id=user.id) | Q(published_at__lte=now) & watchable


def _viewer(user: User | None) -> Viewer:
    return Viewer() if user is None else Viewer(user.id, user.is_staff)


def _grants_to(user: User | None) -> QuerySet[Grant]:
    if user is None:
        return Grant.objects.none()
    return Grant.objects.filter(Q(user_id=user.id) | Q(email=user.email))

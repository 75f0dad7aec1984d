"""The same question asked of the database: of one video, or of all at once."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.apps import apps
from django.db.models import Exists, Q, QuerySet

from control_plane.accounts.models import User
from control_plane.entitlements.decisions import ShareFacts, Verdict, VideoFacts, Viewer, decide
from control_plane.entitlements.facts import load_facts
from control_plane.entitlements.models import Grant, Subscription, Visibility
from control_plane.entitlements.places import NOWHERE, Place


class Video(VideoFacts, Protocol):
    """A video, as far as it is known here; the catalogue builds on this package."""

    @property
    def id(self) -> UUID: ...
    @property
    def category_id(self) -> UUID | None: ...


def user_viewer(user: User | None, place: Place = NOWHERE) -> Viewer:
    """A user, or None for a visitor, as who wants to watch."""
    if user is None:
        return Viewer(place=place)
    return Viewer(user.id, user.email, user.is_staff, place=place)


def share_viewer(link: ShareFacts, place: Place = NOWHERE) -> Viewer:
    """Whoever has a share link."""
    return Viewer(share=link, place=place)


def judge(viewer: Viewer, video: Video, *, now: datetime) -> Verdict:
    """The verdict on a video, with the trace of all rules; one query."""
    facts = load_facts(viewer, video.id, video.category_id)
    return decide(viewer, video, facts, now=now)


def judge_anywhere(viewer: Viewer, video: Video, *, now: datetime) -> Verdict:
    """The same where it is not known where the viewer is: rules on places are not asked."""
    facts = load_facts(viewer, video.id, video.category_id)
    return decide(viewer, video, replace(facts, places=()), now=now)


def visible_videos(user: User | None, *, now: datetime) -> Q:
    """Those that stand in a user's lists, as a condition on videos: one query, whatever their
    number. Premium ones do for all whom their visibility lets see them."""
    if user is not None and user.is_staff:
        return Q()
    listed = Q(visibility=Visibility.PUBLIC)
    if user is None:
        return is_out(now) & listed
    listed = Q(visibility__in=[Visibility.PUBLIC, Visibility.MEMBERS])
    listed |= Q(visibility=Visibility.ENTITLED) & _opened_to(user, now)
    return Q(owner_id=user.id) | is_out(now) & listed


def reachable_videos(user: User | None, *, now: datetime) -> Q:
    """Those that a user may look at who knows their address: unlisted ones and preview lectures,
    too."""
    if user is not None and user.is_staff:
        return Q()
    seen = [Visibility.PUBLIC, Visibility.UNLISTED]
    seen += [] if user is None else [Visibility.MEMBERS]
    previews = _lectures().filter(
        is_preview=True, course__published_at__lte=now, course__visibility__in=seen
    )
    also = Q(visibility=Visibility.UNLISTED) | (
        ~Q(visibility=Visibility.PRIVATE) & Q(pk__in=previews.values("video_id"))
    )
    return visible_videos(user, now=now) | is_out(now) & also


def is_out(now: datetime) -> Q:
    """Whether a video is published, as a condition."""
    return Q(published_at__lte=now) & (Q(withdrawn_at=None) | Q(withdrawn_at__gt=now))


def live_grants(user: User, *, now: datetime) -> QuerySet[Grant]:
    """A user's own, those to their address and those to their groups, that have not ended."""
    memberships = user.memberships.filter(Q(expires_at=None) | Q(expires_at__gt=now))
    to_me = Q(user_id=user.id) | Q(email=user.email)
    to_me |= Q(group_id__in=memberships.values("group_id"))
    return Grant.objects.filter(to_me, Q(expires_at=None) | Q(expires_at__gt=now))


def live_subscriptions(user: User, *, now: datetime) -> QuerySet[Subscription]:
    """A user's that have begun and not ended."""
    begun = Subscription.objects.filter(user_id=user.id, starts_at__lte=now)
    return begun.filter(Q(ends_at=None) | Q(ends_at__gt=now))


def _opened_to(user: User, now: datetime) -> Q:
    grants, plans = live_grants(user, now=now), live_subscriptions(user, now=now)
    lectures = _lectures().filter(
        Q(course_id__in=_values(grants, "course_id"))
        | Q(course_id__in=_values(plans, "plan__course_id"))
    )
    shelves = Q()
    for ids in (_values(grants, "category_id"), _values(plans, "plan__category_id")):
        shelves |= Q(pk__in=ids) | Q(parent_id__in=ids)
    return (
        Q(pk__in=_values(grants, "video_id"))
        | Q(pk__in=lectures.values("video_id"))
        | Q(category_id__in=_categories().filter(shelves).values("pk"))
        | Q(Exists(plans.filter(plan__course=None, plan__category=None)))
    )


def _values(rows: QuerySet[Any], name: str) -> QuerySet[Any]:
    return rows.filter(**{f"{name}__isnull": False}).order_by().values(name)


# The catalogue builds on this package, so its models are known by name only.
def _lectures() -> QuerySet[Any]:
    return apps.get_model("catalogue", "Lecture").objects.all()


def _categories() -> QuerySet[Any]:
    return apps.get_model("catalogue", "Category").objects.order_by()

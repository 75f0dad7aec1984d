"""Courses and their lectures: who may see which, and what their owners do with them.

Totals are counted when they are asked for, so that they are right whatever happens meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import (
    Count,
    Exists,
    IntegerField,
    OuterRef,
    ProtectedError,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from control_plane.accounts.models import User
from control_plane.catalogue.models import Course, Lecture, Video
from control_plane.catalogue.order import find_end, reorder
from control_plane.catalogue.selectors import manages_videos
from control_plane.catalogue.slugs import create_named, rename
from control_plane.entitlements.ending import end_unentitled_watchers
from control_plane.entitlements.models import Visibility
from control_plane.entitlements.selectors import (
    is_out,
    live_grants,
    live_subscriptions,
    visible_videos,
)
from control_plane.errors import Refused, require

_NO_COURSE: Final = "No such course."


@dataclass(frozen=True, slots=True)
class NewLecture:
    """A video to be put into a course."""

    video_id: UUID
    is_preview: bool = False


def list_courses(user: User | None, *, now: datetime) -> QuerySet[Course]:
    """The courses in a user's lists, each with `lecture_count` and `duration_ms`, the totals of
    its published lectures."""
    return with_totals(Course.objects.filter(_listed(user, now)), now=now).order_by("-id")


def list_my_courses(user: User, *, now: datetime) -> QuerySet[Course]:
    """Those that a user subscribes to or was granted."""
    return with_totals(Course.objects.filter(_opened_to(user, now)), now=now).order_by("-id")


def with_totals(courses: QuerySet[Course], *, now: datetime) -> QuerySet[Course]:
    """The same with their totals, in the same query."""
    out = Video.objects.filter(is_out(now), asset__isnull=False).exclude(
        visibility=Visibility.PRIVATE
    )
    lectures = Lecture.objects.filter(course=OuterRef("pk"), video__in=out).order_by()
    per_course = lectures.values("course")
    return courses.select_related("owner", "category").annotate(
        lecture_count=_total(per_course.annotate(total=Count("pk"))),
        duration_ms=_total(per_course.annotate(total=Sum("video__asset__duration_ms"))),
    )


def access_course(user: User | None, course_id: UUID, *, now: datetime) -> Course:
    """A course that this user may look at; raises `NotFound` for any other."""
    courses = with_totals(Course.objects.filter(_reachable(user, now), pk=course_id), now=now)
    return require(courses.first(), _NO_COURSE)


def access_own_course(user: User, course_id: UUID, *, now: datetime) -> Course:
    """A course that this user may change; raises `NotFound` for any other."""
    course = access_course(user, course_id, now=now)
    is_own = user.pk == course.owner_id or manages_videos(user)
    return require(course if is_own else None, _NO_COURSE)


def list_lectures(course: Course, user: User | None, *, now: datetime) -> QuerySet[Lecture]:
    """A course's lectures in their order; each `is_open` or not to this user. Those of drafts are
    for its owner and administrators."""
    rows = Lecture.objects.filter(course=course).select_related("video__asset")
    watchable = Q(visible_videos(user, now=now), is_premium=False)
    rows = rows.annotate(is_open=Exists(Video.objects.filter(watchable, pk=OuterRef("video_id"))))
    if user is not None and (user.pk == course.owner_id or manages_videos(user)):
        return rows
    out = Video.objects.filter(is_out(now)).exclude(visibility=Visibility.PRIVATE)
    return rows.filter(video__in=out)


def access_lecture(course: Course, lecture_id: UUID) -> Lecture:
    """A lecture of this course; raises `NotFound` for any other."""
    return require(
        Lecture.objects.select_related("video").filter(course=course, pk=lecture_id).first(),
        "No such lecture.",
    )


def create_course(owner: User, **facts: Any) -> Course:
    """Make a draft without lectures. Its slug comes of its title."""
    return create_named(Course, owner=owner, **facts)


@transaction.atomic
def change_course(course: Course, **facts: Any) -> None:
    """Change these facts and no other; raises `Refused` for a slug of something else."""
    slug = facts.pop("slug", None)
    for name, value in facts.items():
        setattr(course, name, value)
    course.save(update_fields=[*facts, "updated_at"])
    if slug is not None:
        rename(course, slug)


@transaction.atomic
def publish_course(course: Course, *, now: datetime, at: datetime | None = None) -> None:
    """Show a course, now or from `at` on; a published one stays as it is."""
    locked = _lock(course)
    if at is not None or locked.published_at is None or locked.published_at > now:
        locked.published_at = at or now
        locked.save(update_fields=["published_at", "updated_at"])
    course.published_at = locked.published_at


def unpublish_course(course: Course, *, now: datetime) -> None:
    """Make a course a draft. Its lectures are videos, which stay as they are."""
    Course.objects.filter(pk=course.pk).update(published_at=None, updated_at=now)
    course.published_at = None


@transaction.atomic
def add_lecture(course: Course, new: NewLecture, *, by: User) -> Lecture:
    """Put a video at a course's end. Raises `NotFound` unless it is theirs, and `Refused` when it
    is a lecture of the course already."""
    _lock(course)
    videos = Video.objects.filter(pk=new.video_id)
    video = require(
        (videos if manages_videos(by) else videos.filter(owner=by)).first(), "No such video."
    )
    lectures = Lecture.objects.filter(course=course)
    if lectures.filter(video=video).exists():
        detail = "The video is a lecture of this course already."
        raise Refused("lecture_twice", status=HTTPStatus.CONFLICT, detail=detail)
    return Lecture.objects.create(
        course=course, video=video, position=find_end(lectures), is_preview=new.is_preview
    )


@transaction.atomic
def change_lecture(lecture: Lecture, *, is_preview: bool, now: datetime) -> None:
    """Let a lecture be a preview, or not any more: then it ends for who watches it as such."""
    lecture.is_preview = is_preview
    lecture.save(update_fields=["is_preview"])
    end_unentitled_watchers([lecture.video_id], now=now)


@transaction.atomic
def remove_lecture(lecture: Lecture, *, now: datetime) -> None:
    """Take a video out of a course, and end it for who watches it by leave of the course."""
    lecture.delete()
    end_unentitled_watchers([lecture.video_id], now=now)


@transaction.atomic
def delete_course(course: Course, *, now: datetime) -> None:
    """Delete a course; its videos stay, but end for who watches them by its leave. Raises `Refused`
    while somebody subscribes to it, or did."""
    videos = list(course.lectures.values_list("video_id", flat=True))
    try:
        with transaction.atomic():
            course.delete()
    except ProtectedError:
        detail = "People subscribe to the course, or did: unpublish it instead."
        raise Refused("course_in_use", status=HTTPStatus.CONFLICT, detail=detail) from None
    end_unentitled_watchers(videos, now=now)


@transaction.atomic
def order_lectures(course: Course, wanted: Sequence[UUID]) -> None:
    """Put all lectures in this order; raises `Refused` when others are there."""
    _lock(course)
    reorder(Lecture.objects.filter(course=course), wanted)


def _listed(user: User | None, now: datetime) -> Q:
    if manages_videos(user):
        return Q()
    seen = [Visibility.PUBLIC] if user is None else [Visibility.PUBLIC, Visibility.MEMBERS]
    shown = Q(published_at__lte=now, visibility__in=seen)
    return shown if user is None else shown | Q(owner=user)


def _reachable(user: User | None, now: datetime) -> Q:
    if manages_videos(user):
        return Q()
    reachable = _listed(user, now) | Q(visibility=Visibility.UNLISTED, published_at__lte=now)
    return reachable if user is None else reachable | _opened_to(user, now)


def _opened_to(user: User, now: datetime) -> Q:
    plans, grants = live_subscriptions(user, now=now), live_grants(user, now=now)
    subscribed = plans.filter(plan__course__isnull=False).values("plan__course_id")
    granted = grants.filter(course__isnull=False).order_by().values("course_id")
    return (
        Q(published_at__lte=now)
        & ~Q(visibility=Visibility.PRIVATE)
        & (Q(pk__in=subscribed.order_by()) | Q(pk__in=granted))
    )


def _total(rows: QuerySet[Any, Any]) -> Coalesce:
    counted = Subquery(rows.values("total"), output_field=IntegerField())
    return Coalesce(counted, Value(0))


def _lock(course: Course) -> Course:
    return Course.objects.select_for_update(no_key=True).get(pk=course.pk)

"""What the admin's first page shows: how much there is, and the newest jobs."""

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from control_plane.accounts.applications import State, list_applications
from control_plane.accounts.models import User
from control_plane.catalogue.models import Video
from control_plane.creator_requests.models import CreatorRequest, RequestState
from control_plane.transcodes.models import TranscodeJob
from control_plane.web.cells import render_job
from shared.jobs import UNFINISHED, JobState

_NEWEST_JOBS: Final = 8


def describe_site(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The page's context, with `figures` and `jobs` (each with its progress) added."""
    jobs = TranscodeJob.objects.select_related("video")[:_NEWEST_JOBS]
    return {
        **context,
        "figures": _count_things(),
        "jobs": [(job, render_job(job)) for job in jobs],
    }


def _count_things() -> list[dict[str, Any]]:
    videos = reverse("admin:catalogue_video_changelist")
    jobs = reverse("admin:transcodes_transcodejob_changelist")
    users = reverse("admin:accounts_user_changelist")
    asked = reverse("admin:creator_requests_creatorrequest_changelist")
    applications = reverse("admin:accounts_application_changelist")
    waiting = f"{applications}?state__exact={State.WAITING}"
    published = Video.objects.filter(published_at__isnull=False)
    return [
        {"name": "Published films", "count": published.count(), "href": videos},
        {"name": "Drafts", "count": Video.objects.count() - published.count(), "href": videos},
        {"name": "Jobs at work", "count": _count_jobs(*UNFINISHED), "href": jobs},
        {"name": "Failed jobs", "count": _count_jobs(JobState.FAILED), "href": jobs},
        {"name": "Creator requests", "count": _count_pending(), "href": f"{asked}?state=pending"},
        {"name": "Users", "count": User.objects.count(), "href": users},
        {"name": "Waiting to be let in", "count": _count_who_wait(), "href": waiting},
    ]


def _count_pending() -> int:
    return CreatorRequest.objects.filter(state=RequestState.PENDING).count()


def _count_who_wait() -> int:
    return list_applications().filter(state=State.WAITING).count()


def _count_jobs(*states: JobState) -> int:
    return TranscodeJob.objects.filter(state__in=states).count()

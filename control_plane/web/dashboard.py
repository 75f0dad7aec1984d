"""What the admin's first page shows: how much there is, and the newest jobs."""

from typing import Any, Final

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from control_plane.accounts.applications import State, list_applications
from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User
from control_plane.catalogue.models import Video
from control_plane.creator_requests.models import CreatorRequest, RequestState
from control_plane.transcodes.models import TranscodeJob
from control_plane.web.cells import render_job
from shared.jobs import UNFINISHED, JobState

_NEWEST_JOBS: Final = 8


def describe_site(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The page's context, with `figures` and `jobs` (each with its progress) added; `jobs` is None
    for who may not see them."""
    caller = require_caller(request)
    return {**context, "figures": _count_things(caller), "jobs": _list_jobs(caller)}


def _list_jobs(caller: User) -> list[tuple[TranscodeJob, SafeString]] | None:
    if not _may_see(caller, TranscodeJob):
        return None
    jobs = TranscodeJob.objects.select_related("video")[:_NEWEST_JOBS]
    return [(job, render_job(job)) for job in jobs]


def _count_things(caller: User) -> list[dict[str, Any]]:
    """What there is of what the caller may see, with the list of it."""
    videos, jobs = Video.objects.all(), TranscodeJob.objects.all()
    waiting = list_applications().filter(state=State.WAITING)
    asked = CreatorRequest.objects.filter(state=RequestState.PENDING)
    figures: tuple[tuple[str, QuerySet[Any], str], ...] = (
        ("Published films", videos.filter(published_at__isnull=False), ""),
        ("Drafts", videos.filter(published_at=None), ""),
        ("Jobs at work", jobs.filter(state__in=UNFINISHED), ""),
        ("Failed jobs", jobs.filter(state=JobState.FAILED), ""),
        ("Creator requests", asked, "?state=pending"),
        ("Users", User.objects.all(), ""),
        ("Waiting to be let in", waiting, f"?state__exact={State.WAITING}"),
    )
    return [
        {"name": name, "count": rows.count(), "href": _find_list(rows.model) + query}
        for name, rows, query in figures
        if _may_see(caller, rows.model)
    ]


def _may_see(caller: User, model: type[Model]) -> bool:
    return caller.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")


def _find_list(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

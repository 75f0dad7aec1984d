"""Reads of jobs: those of one's own videos, and all for who manages everybody's."""

from uuid import UUID

from django.db.models import QuerySet

from control_plane.accounts.models import User
from control_plane.catalogue.selectors import manages_videos
from control_plane.errors import require
from control_plane.transcodes.models import TranscodeJob


def list_jobs(user: User) -> QuerySet[TranscodeJob]:
    jobs = TranscodeJob.objects.order_by("-id")
    return jobs if manages_videos(user) else jobs.filter(video__owner=user)


def access_job(user: User, job_id: UUID) -> TranscodeJob:
    """A job that this user may see; raises `NotFound` for any other."""
    return require(list_jobs(user).filter(pk=job_id).first(), "No such job.")

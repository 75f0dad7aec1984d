"""A transcode job as a row. `shared.jobs` tells the states and the messages about them."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from control_plane.ids import make_uuid7
from shared.jobs import FailureReason, JobState


class JobStateChoice(models.TextChoices):
    """`shared.jobs.JobState` for the database."""

    QUEUED = JobState.QUEUED.value
    RUNNING = JobState.RUNNING.value
    PUBLISHING = JobState.PUBLISHING.value
    READY = JobState.READY.value
    FAILED = JobState.FAILED.value
    CANCELLED = JobState.CANCELLED.value


class TranscodeJob(models.Model):
    """One source on its way to one asset.

    `attempt` is the fence: it counts orders sent, and only reports that name it count.
    `starts` counts the orders of this round that a worker began, at most `MAX_ATTEMPTS`.
    `asset_id` is the asset that the present attempt owns. `lease_ends_at` is empty when no order
    is out: then no report counts.
    """

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    video = models.ForeignKey("catalogue.Video", on_delete=models.CASCADE, related_name="jobs")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    source_key = models.CharField(max_length=400)
    state = models.CharField(
        max_length=16, choices=JobStateChoice.choices, default=JobStateChoice.QUEUED
    )
    attempt = models.PositiveIntegerField(default=0)
    starts = models.PositiveIntegerField(default=0)
    asset_id = models.UUIDField(null=True, blank=True)
    lease_ends_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    fraction = models.FloatField(default=0)
    rungs = models.JSONField(default=dict)
    eta_s = models.FloatField(null=True, blank=True)
    failure_reason = models.CharField(
        max_length=16, blank=True, choices=[(r.value, r.value) for r in FailureReason]
    )
    failure_detail = models.TextField(blank=True)
    log_tail = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["lease_ends_at"],
                condition=models.Q(state__in=["queued", "running", "publishing"]),
                name="transcodes_job_unfinished",
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["video"],
                condition=models.Q(state__in=["queued", "running"]),
                name="transcodes_one_job_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"

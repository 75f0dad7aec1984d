"""A transcode job and its chunks as rows. `shared.jobs` tells the states and the messages."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from control_plane.catalogue.models import no_sidecars
from control_plane.ids import make_uuid7
from shared.jobs import PACKAGE_MEMORY_BYTES, ChunkKind, FailureReason, JobState

REASONS = [(reason.value, reason.value) for reason in FailureReason]


class JobStateChoice(models.TextChoices):
    """`shared.jobs.JobState` for the database."""

    QUEUED = JobState.QUEUED.value
    RUNNING = JobState.RUNNING.value
    PUBLISHING = JobState.PUBLISHING.value
    READY = JobState.READY.value
    FAILED = JobState.FAILED.value
    CANCELLED = JobState.CANCELLED.value


class Stage(models.TextChoices):
    """Which of a job's chunks are ordered: those of one kind at a time."""

    PLANNING = "planning"
    ENCODING = "encoding"
    PACKAGING = "packaging"


class Priority(models.IntegerChoices):
    """Jobs of a higher one are worked on first."""

    LOW = 0
    NORMAL = 1
    HIGH = 2


class TranscodeJob(models.Model):
    """One source on its way to one asset; or, with `base_asset_id`, an asset on its way to one
    with other captions or another poster; or, with `is_dry_run`, a source that is only measured.

    `plan` is what the planning worker said, without its chunks, which are rows. `asset_id` is the
    asset that was published. `lease_ends_at` is set while the job is being published.
    `began_at` and `began_fraction` say where this round of encoding began, to tell its speed.
    """

    id = models.UUIDField(primary_key=True, default=make_uuid7, editable=False)
    video = models.ForeignKey("catalogue.Video", on_delete=models.CASCADE, related_name="jobs")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    source_key = models.CharField(max_length=400)
    base_asset_id = models.UUIDField(null=True, blank=True)
    is_dry_run = models.BooleanField(default=False)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    state = models.CharField(
        max_length=16, choices=JobStateChoice.choices, default=JobStateChoice.QUEUED
    )
    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.PLANNING)
    plan = models.JSONField(null=True, blank=True)
    asset_id = models.UUIDField(null=True, blank=True)
    lease_ends_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    chunks_done = models.PositiveIntegerField(default=0)
    chunk_count = models.PositiveIntegerField(default=0)
    restarts = models.PositiveIntegerField(default=0)
    fraction = models.FloatField(default=0)
    rungs = models.JSONField(default=dict)
    eta_s = models.FloatField(null=True, blank=True)
    began_at = models.DateTimeField(null=True, blank=True)
    began_fraction = models.FloatField(default=0)
    warnings = models.JSONField(default=list)
    failure_reason = models.CharField(max_length=16, blank=True, choices=REASONS)
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


class ChunkKindChoice(models.TextChoices):
    """`shared.jobs.ChunkKind` for the database."""

    PLAN = ChunkKind.PLAN.value
    ENCODE = ChunkKind.ENCODE.value
    PACKAGE = ChunkKind.PACKAGE.value


class ChunkState(models.TextChoices):
    """Where a chunk stands. Ordered: its order is in the broker, or just taken from there."""

    WAITING = "waiting"
    ORDERED = "ordered"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class TranscodeChunk(models.Model):
    """A part of a job's work that is ordered, leased and reported by itself.

    `attempt` is the fence: it counts orders sent, and only reports that name it count, while the
    chunk is ordered or running. `starts` counts the orders of this round that a worker began, at
    most `MAX_ATTEMPTS`. `asset_id` is the asset that the present attempt to package owns, and
    `sidecars` the captions and poster that it was told of (`catalogue.sidecars`).
    `cost` is in a measure that the planning worker chooses.
    """

    job = models.ForeignKey(TranscodeJob, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=ChunkKindChoice.choices)
    state = models.CharField(max_length=16, choices=ChunkState.choices, default=ChunkState.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    starts = models.PositiveIntegerField(default=0)
    asset_id = models.UUIDField(null=True, blank=True)
    sidecars = models.JSONField(default=no_sidecars)
    ordered_at = models.DateTimeField(null=True, blank=True)
    lease_ends_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    heights = ArrayField(models.PositiveIntegerField(), default=list)
    has_sound = models.BooleanField(default=False)
    is_low = models.BooleanField(default=False)
    cost = models.FloatField(default=0)
    memory_bytes = models.PositiveBigIntegerField(default=PACKAGE_MEMORY_BYTES)
    fraction = models.FloatField(default=0)
    rungs = models.JSONField(default=dict)
    eta_s = models.FloatField(null=True, blank=True)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    cpu_s = models.FloatField(null=True, blank=True)
    failure_reason = models.CharField(max_length=16, blank=True, choices=REASONS)
    failure_detail = models.TextField(blank=True)
    log_tail = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["job_id", "number"]
        indexes: ClassVar = [
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["waiting", "ordered", "running"]),
                name="transcodes_chunk_unfinished",
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "number"], name="transcodes_chunk_number")
        ]

    def __str__(self) -> str:
        return f"chunk {self.number} ({self.kind}, {self.state})"

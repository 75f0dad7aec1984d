"""Transcode jobs in the admin: to look at, to retry, to cancel and to put before others."""

from collections.abc import Callable
from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import TabularInline

from control_plane.accounts.callers import find_caller
from control_plane.admin_refusals import telling_refusals
from control_plane.catalogue.selectors import manages_videos
from control_plane.read_only_admin import ReadOnlyAdmin
from control_plane.transcodes.models import Priority, TranscodeChunk, TranscodeJob
from control_plane.transcodes.services import cancel_job, change_priority, retry_job


class ChunkInline(TabularInline):
    """The parts of a job's work."""

    model = TranscodeChunk
    fields: ClassVar = [
        "number",
        "kind",
        "heights",
        "has_sound",
        "state",
        "share",
        "attempt",
        "starts",
        "worker",
        "heartbeat_at",
        "cpu_s",
        "failure_reason",
        "failure_detail",
    ]
    readonly_fields: ClassVar = fields
    ordering: ClassVar = ["number"]
    extra = 0
    can_delete = False

    @admin.display(description="Done")
    def share(self, chunk: TranscodeChunk) -> str:
        return f"{chunk.fraction:.0%}"

    def has_add_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


@admin.register(TranscodeJob)
class TranscodeJobAdmin(ReadOnlyAdmin):
    """A job changes by what workers report, and by the actions here."""

    list_display: ClassVar = ["id", "video", "state", "progress", "priority", "created_at"]
    list_filter: ClassVar = ["state", "priority", "failure_reason", "is_dry_run", "created_at"]
    list_select_related: ClassVar = ["video"]
    search_fields: ClassVar = ["id", "video__id", "video__title"]
    fields: ClassVar = [
        "id",
        "video",
        "requested_by",
        "state",
        "stage",
        "progress",
        "failure_reason",
        "failure_detail",
        "log_tail",
        "priority",
        "is_dry_run",
        "restarts",
        "base_asset_id",
        "asset_id",
        "source_key",
        "created_at",
        "started_at",
        "heartbeat_at",
        "finished_at",
    ]
    readonly_fields: ClassVar = fields
    inlines: ClassVar = [ChunkInline]
    actions: ClassVar = ["retry", "cancel", "put_first", "put_last", "put_in_line"]

    @admin.display(description="Progress")
    def progress(self, job: TranscodeJob) -> str:
        return f"{job.fraction:.0%}"

    @admin.action(description="Retry", permissions=["operate"])
    def retry(self, request: HttpRequest, jobs: QuerySet[TranscodeJob]) -> None:
        self._do(request, jobs, retry_job)

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[TranscodeJob]) -> None:
        self._do(request, jobs, cancel_job)

    @admin.action(description="Put before others", permissions=["operate"])
    def put_first(self, _request: HttpRequest, jobs: QuerySet[TranscodeJob]) -> None:
        _set_priority(jobs, Priority.HIGH)

    @admin.action(description="Put after others", permissions=["operate"])
    def put_last(self, _request: HttpRequest, jobs: QuerySet[TranscodeJob]) -> None:
        _set_priority(jobs, Priority.LOW)

    @admin.action(description="Put in line", permissions=["operate"])
    def put_in_line(self, _request: HttpRequest, jobs: QuerySet[TranscodeJob]) -> None:
        _set_priority(jobs, Priority.NORMAL)

    def _do(
        self,
        request: HttpRequest,
        jobs: QuerySet[TranscodeJob],
        change: Callable[..., TranscodeJob],
    ) -> None:
        for job in jobs:
            with telling_refusals(self, request, job):
                change(job, now=timezone.now())

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return manages_videos(find_caller(request))


def _set_priority(jobs: QuerySet[TranscodeJob], priority: Priority) -> None:
    for job in jobs:
        change_priority(job, priority)

"""Transcode jobs in the admin: to look at, to retry and to cancel."""

from collections.abc import Callable
from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from control_plane.errors import Refused
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.services import cancel_job, retry_job


@admin.register(TranscodeJob)
class TranscodeJobAdmin(ModelAdmin):
    """A job changes by what workers report, and by the actions here."""

    list_display: ClassVar = ["id", "video", "state", "progress", "attempt", "created_at"]
    list_filter: ClassVar = ["state", "failure_reason", "created_at"]
    list_select_related: ClassVar = ["video"]
    search_fields: ClassVar = ["id", "video__id", "video__title"]
    fields: ClassVar = [
        "id",
        "video",
        "requested_by",
        "state",
        "progress",
        "rungs",
        "eta_s",
        "failure_reason",
        "failure_detail",
        "log_tail",
        "attempt",
        "starts",
        "asset_id",
        "source_key",
        "created_at",
        "started_at",
        "heartbeat_at",
        "lease_ends_at",
        "finished_at",
    ]
    readonly_fields: ClassVar = fields
    actions: ClassVar = ["retry", "cancel"]

    @admin.display(description="Progress")
    def progress(self, job: TranscodeJob) -> str:
        return f"{job.fraction:.0%}"

    @admin.action(description="Retry", permissions=["operate"])
    def retry(self, request: HttpRequest, jobs: QuerySet[TranscodeJob]) -> None:
        self._do(request, jobs, retry_job)

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[TranscodeJob]) -> None:
        self._do(request, jobs, cancel_job)

    def _do(
        self,
        request: HttpRequest,
        jobs: QuerySet[TranscodeJob],
        change: Callable[..., TranscodeJob],
    ) -> None:
        for job in jobs:
            try:
                change(job, now=timezone.now())
            except Refused as error:
                self.message_user(request, f"{job}: {error.problem.detail}", messages.ERROR)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

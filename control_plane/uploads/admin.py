"""Uploads in the admin: to look at."""

from typing import ClassVar

from django.contrib import admin

from control_plane.read_only_admin import ReadOnlyAdmin
from control_plane.uploads.models import Upload
from control_plane.uploads.selectors import measure_upload


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "file_name",
        "owner",
        "video",
        "size_bytes",
        "arrived_bytes",
        "created_at",
        "finished_at",
    ]
    list_filter: ClassVar = [("finished_at", admin.EmptyFieldListFilter)]
    list_select_related: ClassVar = ["owner", "video"]
    search_fields: ClassVar = ["id", "file_name", "owner__email", "video__title"]
    fields: ClassVar = ["id", *list_display, "expires_at"]
    readonly_fields: ClassVar = fields

    @admin.display(description="Arrived bytes")
    def arrived_bytes(self, upload: Upload) -> int:
        return measure_upload(upload)

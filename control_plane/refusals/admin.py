"""Refusals in the admin: to look at."""

from typing import ClassVar

from django.contrib import admin

from control_plane.read_only_admin import ReadOnlyAdmin
from control_plane.refusals.models import Refusal


@admin.register(Refusal)
class RefusalAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["decision_id", "at", "code", "cause", "name", "subject", "peer"]
    list_filter: ClassVar = ["code", "at"]
    search_fields: ClassVar = ["=decision_id", "=session_id", "=subject", "=video_id", "=peer"]
    search_help_text = "A decision id, or the id of a session, viewer or video, or an address."
    show_full_result_count = False
    fields: ClassVar = [
        "decision_id",
        "at",
        "code",
        "title",
        "cause",
        "trace",
        "weight",
        "method",
        "name",
        "kind",
        "video_id",
        "asset_id",
        "issuer",
        "subject",
        "session_id",
        "origin",
        "peer",
    ]
    readonly_fields: ClassVar = fields

    @admin.display(description="Rules asked")
    def trace(self, refusal: Refusal) -> str:
        marks = {True: "✓", False: "✗"}
        return "  ".join(f"{one['rule']} {marks[one['passed']]}" for one in refusal.rules)

"""Activity in the admin: to look at."""

from typing import ClassVar

from django.contrib import admin

from control_plane.activity.models import Activity
from control_plane.read_only_admin import ReadOnlyAdmin


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["at", "user", "kind", "what", "by", "address", "user_agent"]
    list_filter: ClassVar = ["kind", "is_own", "at"]
    list_select_related: ClassVar = ["user", "by", "entry"]
    search_fields: ClassVar = ["user__email", "by__email", "detail", "=address"]
    show_full_result_count = False
    fields: ClassVar = ["at", "user", "kind", "what", "by", "address", "is_whole", "user_agent"]
    readonly_fields: ClassVar = fields

    @admin.display(description="What")
    def what(self, activity: Activity) -> str:
        return activity.detail if activity.entry is None else str(activity.entry)

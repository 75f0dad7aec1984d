"""Activity in the admin: to look at."""

from typing import ClassVar

from django.contrib import admin

from control_plane.activity.models import Activity
from control_plane.read_only_admin import ReadOnlyAdmin


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["at", "user", "kind", "address", "user_agent"]
    list_filter: ClassVar = ["kind", "at"]
    list_select_related: ClassVar = ["user"]
    search_fields: ClassVar = ["user__email", "=address"]
    show_full_result_count = False
    fields: ClassVar = ["at", "user", "kind", "address", "is_whole", "user_agent"]
    readonly_fields: ClassVar = fields

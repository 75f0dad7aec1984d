"""Activity in the admin: to look at."""

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from control_plane.activity.models import Activity


@admin.register(Activity)
class ActivityAdmin(ModelAdmin):
    list_display: ClassVar = ["at", "user", "kind", "address", "user_agent"]
    list_filter: ClassVar = ["kind", "at"]
    list_select_related: ClassVar = ["user"]
    search_fields: ClassVar = ["user__email", "=address"]
    show_full_result_count = False
    fields: ClassVar = ["at", "user", "kind", "address", "is_whole", "user_agent"]
    readonly_fields: ClassVar = fields

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

"""Keys in the admin: to look at, and to revoke."""

from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from control_plane.accounts.callers import require_caller
from control_plane.activity.models import Kind
from control_plane.activity.services import note
from control_plane.api_keys.models import ApiKey
from control_plane.api_keys.services import revoke_key


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    list_display: ClassVar = ["name", "user", "scopes", "expires_at", "last_used_at", "revoked_at"]
    list_filter: ClassVar = ["expires_at", "last_used_at", "revoked_at"]
    list_select_related: ClassVar = ["user"]
    search_fields: ClassVar = ["name", "user__email"]
    show_full_result_count = False
    fields: ClassVar = list_display
    readonly_fields: ClassVar = fields
    actions: ClassVar = ["revoke"]

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """Each key that is chosen; those that are revoked already stay as they are."""
        caller = require_caller(request)
        revoked = [key for key in keys if revoke_key(key, now=timezone.now())]
        for key in revoked:
            note(key.user, Kind.API_KEY_REVOKED, request, by=caller, detail=key.name)
            self.log_change(request, key, "Revoked.")
        messages.success(request, f"{len(revoked)} revoked.")

"""Grants in the admin."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from control_plane.accounts.callers import require_caller
from control_plane.entitlements.models import Grant
from control_plane.entitlements.services import change_grant, take_back


@admin.register(Grant)
class GrantAdmin(ModelAdmin):
    list_display: ClassVar = ["video", "user", "email", "expires_at", "granted_by", "created_at"]
    list_select_related: ClassVar = ["video", "user", "granted_by"]
    list_filter: ClassVar = ["expires_at", "created_at"]
    search_fields: ClassVar = ["video__title", "user__email", "email", "note"]
    autocomplete_fields: ClassVar = ["user"]
    raw_id_fields: ClassVar = ["video"]
    fields: ClassVar = ["video", "user", "email", "expires_at", "note", "granted_by"]
    readonly_fields: ClassVar = ["granted_by"]

    def save_model(self, request: HttpRequest, obj: Grant, form: Any, change: bool) -> None:
        obj.granted_by = require_caller(request)
        obj.email = obj.email.lower()
        if change:
            change_grant(obj, now=timezone.now())
        else:
            super().save_model(request, obj, form, change)

    def delete_model(self, _request: HttpRequest, grant: Grant) -> None:
        take_back(grant, now=timezone.now())

    def delete_queryset(self, _request: HttpRequest, grants: QuerySet[Grant]) -> None:
        for grant in grants:
            take_back(grant, now=timezone.now())

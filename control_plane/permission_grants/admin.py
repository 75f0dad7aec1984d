"""Named permissions in the admin: granted and revoked on the user's page, or in their list."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from control_plane.accounts.callers import require_caller
from control_plane.accounts.permission_names import Permission
from control_plane.permission_grants.models import PermissionGrant
from control_plane.permission_grants.selectors import live
from control_plane.permission_grants.services import grant_permission, revoke_permission


class LiveFilter(admin.SimpleListFilter):
    """Those that hold, or those that do not any more."""

    title = "holds"
    parameter_name = "live"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(
        self, _request: HttpRequest, grants: QuerySet[PermissionGrant]
    ) -> QuerySet[PermissionGrant]:
        if self.value() is None:
            return grants
        condition = live(timezone.now())
        return grants.filter(condition) if self.value() == "yes" else grants.exclude(condition)


@admin.register(PermissionGrant)
class PermissionGrantAdmin(ModelAdmin):
    """What was granted is not changed, but revoked or replaced."""

    list_display: ClassVar = [
        *("user", "permission", "granted_by", "granted_at", "until"),
        *("revoked_by", "revoked_at"),
    ]
    list_filter: ClassVar = [LiveFilter, "permission", "until"]
    list_select_related: ClassVar = ["user", "granted_by", "revoked_by"]
    search_fields: ClassVar = ["user__email", "granted_by__email"]
    autocomplete_fields: ClassVar = ["user"]
    fields: ClassVar = ["user", "permission", "until"]
    actions: ClassVar = ["revoke"]

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: PermissionGrant, _form: Any, _change: bool
    ) -> None:
        granted = _grant(request, obj)
        obj.pk, obj._state.adding = granted.pk, False

    @admin.action(description="Revoke", permissions=["view"])
    def revoke(self, request: HttpRequest, grants: QuerySet[PermissionGrant]) -> None:
        by, now = require_caller(request), timezone.now()
        for grant in grants:
            if revoke_permission(grant, by=by, now=now, request=request):
                self.log_change(request, grant, "Revoked.")
        self.message_user(request, "They hold nothing any more.")


class HeldInline(TabularInline):
    """What a user was let do. To delete one revokes it."""

    model = PermissionGrant
    fk_name = "user"
    fields: ClassVar = ["permission", "until", "granted_by", "granted_at"]
    readonly_fields: ClassVar = ["granted_by", "granted_at"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[PermissionGrant]:
        grants: QuerySet[PermissionGrant] = super().get_queryset(request)
        return grants.filter(live(timezone.now())).select_related("granted_by")

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


class PermittingPage:
    """Mixed into the page of users."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not PermissionGrant:
            super().save_formset(request, form, formset, change)  # type: ignore[misc]
            return
        by, now = require_caller(request), timezone.now()
        grants = formset.save(commit=False)
        for grant in formset.deleted_objects:
            revoke_permission(grant, by=by, now=now, request=request)
        for grant in grants:
            _grant(request, grant)


def _grant(request: HttpRequest, wanted: PermissionGrant) -> PermissionGrant:
    granted, _ = grant_permission(
        wanted.user,
        Permission(wanted.permission),
        until=wanted.until,
        by=require_caller(request),
        now=timezone.now(),
        request=request,
    )
    return granted

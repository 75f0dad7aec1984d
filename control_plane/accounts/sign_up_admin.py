"""Invitations and applications in the admin."""

from typing import ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from unfold.decorators import action

from control_plane.accounts.applications import State, decide, list_applications
from control_plane.accounts.callers import require_caller
from control_plane.accounts.invitations import Condition, narrow, revoke_invitation
from control_plane.accounts.models import Application, Invitation
from control_plane.admin_refusals import telling_refusals
from control_plane.read_only_admin import ReadOnlyAdmin


class ConditionFilter(admin.SimpleListFilter):
    """Whether an invitation may be taken up, was, or cannot be any more."""

    title = "condition"
    parameter_name = "condition"

    def lookups(
        self, _request: HttpRequest, _pages: "admin.ModelAdmin[Invitation]"
    ) -> list[tuple[str, str]]:
        return Condition.choices

    def queryset(
        self, _request: HttpRequest, invitations: QuerySet[Invitation]
    ) -> QuerySet[Invitation]:
        chosen = self.value()
        if chosen is None or chosen not in Condition.values:
            return invitations
        return narrow(invitations, Condition(chosen), now=timezone.now())


class InvitationAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        *("address", "role", "invited_by", "made_at"),
        *("expires_at", "revoked_at", "used_at", "used_by"),
    ]
    list_filter: ClassVar = [ConditionFilter, "role", "made_at"]
    list_select_related: ClassVar = ["invited_by", "used_by"]
    search_fields: ClassVar = ["email", "invited_by__email", "used_by__email"]
    show_full_result_count = False
    fields: ClassVar = list_display
    readonly_fields: ClassVar = fields
    actions: ClassVar = ["revoke"]
    actions_list: ClassVar = ["invite"]

    @admin.display(description="For", ordering="email")
    def address(self, invitation: Invitation) -> str:
        return invitation.email or "whoever has the link"

    @action(description="Invite", icon="person_add")  # type: ignore[untyped-decorator]
    def invite(self, _request: HttpRequest) -> HttpResponse:
        return redirect("web:admin-invite")

    @admin.action(description="Revoke")
    def revoke(self, request: HttpRequest, invitations: QuerySet[Invitation]) -> None:
        """Those that are chosen and may be taken up; the others stay as they are."""
        caller, now = require_caller(request), timezone.now()
        count = sum(
            revoke_invitation(invitation, by=caller, request=request, now=now)
            for invitation in invitations
        )
        messages.success(request, f"{count} revoked.")


class ApplicationAdmin(ReadOnlyAdmin):
    list_display: ClassVar = [
        "user",
        "display_name",
        "state",
        "made_at",
        "decided_at",
        "decided_by",
    ]
    list_filter: ClassVar = ["state", "made_at"]
    list_select_related: ClassVar = ["user", "decided_by"]
    search_fields: ClassVar = ["user__email", "user__display_name"]
    show_full_result_count = False
    fields: ClassVar = list_display
    readonly_fields: ClassVar = fields
    actions: ClassVar = ["approve", "decline"]

    def get_queryset(self, _request: HttpRequest) -> QuerySet[Application]:
        return list_applications()

    @admin.display(description="Name")
    def display_name(self, application: Application) -> str:
        return application.user.display_name

    @admin.action(description="Let in")
    def approve(self, request: HttpRequest, applications: QuerySet[Application]) -> None:
        self._decide(request, applications, State.APPROVED)

    @admin.action(description="Decline: the account is shut")
    def decline(self, request: HttpRequest, applications: QuerySet[Application]) -> None:
        self._decide(request, applications, State.DECLINED)

    def _decide(
        self, request: HttpRequest, applications: QuerySet[Application], state: Application.State
    ) -> None:
        """Decide of each; of whom it cannot be decided it is said why."""
        caller, now = require_caller(request), timezone.now()
        for application in applications:
            with telling_refusals(self, request, application.user):
                decide(application, state, by=caller, request=request, now=now)
                self.log_change(request, application, f"{state.label}.")
        self.message_user(request, "Done.")

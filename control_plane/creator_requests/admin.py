"""Requests to become a creator in the admin: to be decided, one or many at a time."""

from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action
from unfold.forms import ActionForm, BaseDialogForm

from control_plane.accounts.callers import find_caller, require_caller
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import may
from control_plane.admin_refusals import telling_refusals
from control_plane.creator_requests.models import CreatorRequest
from control_plane.creator_requests.services import approve, decline
from control_plane.read_only_admin import ReadOnlyAdmin


class ReasonForm(ActionForm):
    """What is said to all who are declined at once."""

    reason = forms.CharField(label="Reason, if declined", max_length=1000, required=False)


class DeclineForm(BaseDialogForm):
    """What is said to somebody who is declined."""

    reason = forms.CharField(
        label="Reason, which is shown and mailed", max_length=1000, widget=forms.Textarea
    )


@admin.register(CreatorRequest)
class CreatorRequestAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["user", "state", "message", "asked_at", "decided_at", "decided_by"]
    list_filter: ClassVar = ["state", "asked_at"]
    list_select_related: ClassVar = ["user", "decided_by"]
    search_fields: ClassVar = ["user__email", "user__display_name", "message"]
    fields: ClassVar = [*list_display, "reason"]
    readonly_fields: ClassVar = fields
    action_form = ReasonForm
    actions: ClassVar = ["approve_all", "decline_all"]
    actions_detail: ClassVar = ["approve_one", "decline_one"]

    @admin.action(description="Approve: they are creators", permissions=["decide"])
    def approve_all(self, request: HttpRequest, rows: QuerySet[CreatorRequest]) -> None:
        for row in rows:
            self._decide(request, row, reason=None)

    @admin.action(description="Decline, for the reason beside", permissions=["decide"])
    def decline_all(self, request: HttpRequest, rows: QuerySet[CreatorRequest]) -> None:
        for row in rows:
            self._decide(request, row, reason=request.POST.get("reason", "").strip())

    # With a dialog it is asked for by GET and done by POST.
    @action(  # type: ignore[untyped-decorator]
        description="Approve",
        permissions=["decide"],
        dialog={
            "title": "Make them a creator?",
            "description": "They may put films in, and are told by mail.",
        },
    )
    def approve_one(self, request: HttpRequest, _form: forms.Form, object_id: str) -> HttpResponse:
        return self._decide_one(request, object_id, reason=None)

    @action(  # type: ignore[untyped-decorator]
        description="Decline",
        permissions=["decide"],
        dialog={
            "title": "Decline?",
            "description": "They are told why, and may ask again after a while.",
            "form_class": DeclineForm,
        },
    )
    def decline_one(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        return self._decide_one(request, object_id, reason=form.cleaned_data["reason"])

    def has_decide_permission(self, request: HttpRequest, _object_id: object = None) -> bool:
        return may(find_caller(request), Permission.DECIDE_CREATORS)

    def _decide_one(
        self, request: HttpRequest, object_id: str, *, reason: str | None
    ) -> HttpResponse:
        row = CreatorRequest.objects.select_related("user").filter(pk=object_id).first()
        if row is not None:
            self._decide(request, row, reason=reason)
        page = reverse("admin:creator_requests_creatorrequest_changelist")
        return HttpResponse(headers={"HX-Redirect": page})

    def _decide(self, request: HttpRequest, row: CreatorRequest, *, reason: str | None) -> None:
        """Approve it, or decline it for a reason; of what cannot be decided it is said why."""
        by, now = require_caller(request), timezone.now()
        with telling_refusals(self, request, row):
            if reason is None:
                approve(row, by=by, now=now, request=request)
            else:
                decline(row, reason, by=by, now=now, request=request)
            done = "Approved." if reason is None else "Declined."
            self.log_change(request, row, done)
            self.message_user(request, f"{row}: {done}", messages.SUCCESS)

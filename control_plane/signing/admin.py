"""Signing keys in the admin: to look at and to rotate. Private halves are not shown."""

from typing import ClassVar

from django.contrib import admin, messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from control_plane.admin_refusals import telling_refusals
from control_plane.read_only_admin import ReadOnlyAdmin
from control_plane.signing.models import SigningKey
from control_plane.signing.rotation import declare_compromised, rotate_keys
from control_plane.signing.selectors import forget_current_key


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["kid", "stage", "since", "created_at"]
    list_filter: ClassVar = ["stage"]
    fields: ClassVar = ["kid", "stage", "since", "public_jwk", "created_at"]
    readonly_fields: ClassVar = fields
    actions_list: ClassVar = ["rotate"]
    actions_detail: ClassVar = ["replace"]

    # With a dialog it is asked for by GET and done by POST.
    @action(  # type: ignore[untyped-decorator]
        description="Rotate keys",
        permissions=["rotate"],
        dialog={
            "title": "Rotate the signing keys?",
            "description": "The next key signs from now on; films that play go on playing.",
        },
    )
    def rotate(self, request: HttpRequest, _form: Form) -> HttpResponse:
        with telling_refusals(self, request):
            rotate_keys(now=timezone.now())
            self.message_user(request, "The next key signs from now on.", messages.SUCCESS)
        return HttpResponse(headers={"HX-Redirect": reverse("admin:signing_signingkey_changelist")})

    @action(  # type: ignore[untyped-decorator]
        description="Compromised",
        permissions=["rotate"],
        dialog={
            "title": "Does somebody else have this key?",
            "description": "It is replaced, and every URL that it signed ends at once.",
        },
    )
    def replace(self, request: HttpRequest, _form: Form, object_id: str) -> HttpResponse:
        declare_compromised(object_id, now=timezone.now())
        forget_current_key()
        self.message_user(request, "The key is revoked and replaced.", messages.SUCCESS)
        return HttpResponse(headers={"HX-Redirect": reverse("admin:signing_signingkey_changelist")})

    def has_rotate_permission(self, request: HttpRequest, _object_id: object = None) -> bool:
        return request.user.is_staff

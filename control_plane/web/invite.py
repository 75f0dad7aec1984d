"""The admin's page to invite people, several at once."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from control_plane.accounts.callers import require_caller
from control_plane.accounts.invitations import LIFE, create_invitation
from control_plane.accounts.models import Role
from control_plane.errors import Refused

# Each is a mail, which is sent before the page answers.
MOST: Final = 50


class InviteForm(forms.Form):
    """Whom to invite, as what, for how long."""

    addresses = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        label="E-mail addresses, apart by lines, spaces or commas; none for one link to hand on",
    )
    role = forms.ChoiceField(choices=Role.choices, label="Role")
    days = forms.IntegerField(min_value=1, max_value=365, initial=LIFE.days, label="Good for days")

    def clean_addresses(self) -> list[str]:
        """Each once, in their order."""
        words = [word for word in re.split(r"[\s,;]+", self.cleaned_data["addresses"]) if word]
        wrong = [word for word in words if not _is_address(word)]
        if wrong:
            raise ValidationError(f"No addresses: {', '.join(wrong)}.")
        found = list(dict.fromkeys(word.lower() for word in words))
        if len(found) > MOST:
            raise ValidationError(f"At most {MOST} at once.")
        return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one invitation."""

    whom: str
    says: str
    link: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def show_invite(request: HttpRequest) -> HttpResponse:
    """The form, and what became of what was sent with it. For administrators: whoever invites may
    give any role."""
    if not request.user.is_staff:
        raise PermissionDenied
    form = InviteForm(request.POST if request.method == "POST" else None)
    outcomes = _invite_all(request, form.cleaned_data) if form.is_valid() else []
    context = {
        **admin.site.each_context(request),
        "title": "Invite",
        "form": InviteForm() if outcomes else form,
        "outcomes": outcomes,
    }
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "admin/invite.html", context, status=status)


def _invite_all(request: HttpRequest, asked: dict[str, Any]) -> list[Outcome]:
    now = timezone.now()
    facts = {"role": Role(asked["role"]), "expires_at": now + timedelta(days=asked["days"])}
    return [_invite(request, email, now=now, **facts) for email in asked["addresses"] or [""]]


def _invite(request: HttpRequest, email: str, *, now: datetime, **facts: Any) -> Outcome:
    whom = email or "Whoever has this link"
    try:
        _, link = create_invitation(
            by=require_caller(request), request=request, now=now, email=email, **facts
        )
    except Refused as refusal:
        return Outcome(whom, refusal.problem.detail)
    return Outcome(whom, "" if link else "Invited.", link)


def _is_address(word: str) -> bool:
    try:
        validate_email(word)
    except ValidationError:
        return False
    return True

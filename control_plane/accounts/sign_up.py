"""Who may sign up, and what becomes of them: the one decision for every way to an account.

`admit` and `settle` belong into the transaction that makes the user. An invitation is used up by a
sign-up with an address that has an account too, or trying one would tell that it has.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from control_plane.accounts.invitations import take_up
from control_plane.accounts.models import Application, Invitation, Role, User
from control_plane.accounts.signals import invitation_used
from control_plane.config import SignUpMode
from control_plane.errors import Refused


@dataclass(frozen=True, slots=True)
class Admission:
    """What becomes of somebody who may sign up. The address is proven where the invitation was
    mailed to it."""

    role: Role = Role.VIEWER
    waits: bool = False
    invitation: Invitation | None = None
    is_address_proven: bool = False


def may_knock(mode: SignUpMode) -> bool:
    """Whether visitors without an invitation may sign up."""
    return mode in (SignUpMode.OPEN, SignUpMode.APPROVAL)


def judge_sign_up(mode: SignUpMode, invitation: Invitation | None) -> Admission:
    """Pure. Raises `Refused`."""
    if mode is SignUpMode.CLOSED:
        detail = "Nobody may sign up here."
        raise Refused("sign_up_closed", status=HTTPStatus.FORBIDDEN, detail=detail)
    if invitation is not None:
        role = Role(invitation.role)
        return Admission(role, invitation=invitation, is_address_proven=bool(invitation.email))
    if mode is SignUpMode.INVITATION:
        detail = "Signing up takes an invitation."
        raise Refused("invitation_required", status=HTTPStatus.FORBIDDEN, detail=detail)
    return Admission(waits=mode is SignUpMode.APPROVAL)


@transaction.atomic
def admit(token: str, *, email: str, now: datetime) -> Admission:
    """Let somebody sign up, and use the invitation up. `token` is empty where there is none.
    Raises `Refused`."""
    invitation = take_up(token, email=email, now=now) if token else None
    return judge_sign_up(settings.CONFIG.sign_up, invitation)


def settle(user: User, admission: Admission, *, request: HttpRequest | None, now: datetime) -> None:
    """Make of a user who was saved what the admission says."""
    user.role = admission.role
    user.save(update_fields=["role"])
    if admission.invitation is not None:
        Invitation.objects.filter(pk=admission.invitation.pk).update(used_by=user)
        invitation_used.send(Invitation, user=user, request=request)
    if admission.waits:
        Application.objects.create(user=user, made_at=now)

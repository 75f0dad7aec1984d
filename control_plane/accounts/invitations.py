"""Invitations are made, mailed, taken up once, and revoked.

A token has 256 random bits, so that a plain digest of it is as good as a slow one. The link of an
invitation that is bound to an address is mailed there and shown to nobody, the inviter included:
whoever has it reads the mail of that address.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, TextChoices
from django.http import HttpRequest

from control_plane.accounts.mails import send_mail
from control_plane.accounts.models import Invitation, Role, User
from control_plane.accounts.signals import invitation_revoked, invited
from control_plane.errors import Refused, require

LIFE: Final = timedelta(days=14)
# How long one is kept that nobody took up, with the address of somebody who has no account.
_KEPT_FOR: Final = timedelta(days=30)


class Condition(TextChoices):
    """What may become of an invitation."""

    OPEN = "open", "May be taken up"
    USED = "used", "Was taken up"
    OVER = "over", "Revoked, or too old"


@transaction.atomic
def create_invitation(
    *,
    by: User,
    request: HttpRequest | None,
    now: datetime,
    email: str = "",
    role: Role = Role.VIEWER,
    expires_at: datetime | None = None,
) -> tuple[Invitation, str]:
    """A new invitation, and its link where nobody was mailed it; the link cannot be had again.

    Raises `Refused` for an address that has an account, and when the mail is not taken.
    """
    address, token = email.strip().lower(), secrets.token_urlsafe(32)
    if address and User.objects.filter(email=address).exists():
        detail = "Somebody with this address has an account."
        raise Refused("account_exists", status=HTTPStatus.CONFLICT, detail=detail)
    invitation = Invitation.objects.create(
        digest=_digest(token),
        email=address,
        role=role,
        invited_by=by,
        made_at=now,
        expires_at=expires_at or now + LIFE,
    )
    invited.send(Invitation, user=by, request=request, detail=str(invitation.pk))
    link = settings.SIGN_UP_LINK.format(token=token)
    if not address:
        return invitation, link
    send_mail("invitation", address, link=link, invitation=invitation, site=settings.CONFIG.url)
    return invitation, ""


def list_invitations() -> QuerySet[Invitation]:
    """All, with who made and who used them."""
    return Invitation.objects.select_related("invited_by", "used_by")


def narrow(
    invitations: QuerySet[Invitation], condition: Condition, *, now: datetime
) -> QuerySet[Invitation]:
    """Those that are in a condition."""
    is_over = Q(revoked_at__isnull=False) | Q(expires_at__lte=now)
    if condition is Condition.USED:
        return invitations.filter(used_at__isnull=False)
    unused = invitations.filter(used_at=None)
    return unused.filter(is_over) if condition is Condition.OVER else unused.exclude(is_over)


def list_open_invitations(*, now: datetime) -> QuerySet[Invitation]:
    """Those that may be taken up."""
    return narrow(Invitation.objects.all(), Condition.OPEN, now=now)


def access_invitation(invitation_id: UUID) -> Invitation:
    """Any; raises `NotFound`."""
    return require(list_invitations().filter(pk=invitation_id).first(), "No such invitation.")


def find_invitation(token: str, *, now: datetime) -> Invitation | None:
    """The invitation whose token this is, if it may be taken up."""
    return list_open_invitations(now=now).filter(digest=_digest(token)).first()


def take_up(token: str, *, email: str, now: datetime) -> Invitation:
    """Use an invitation. Whoever comes second waits until the transaction of the first ends, and
    finds it used. Raises `Refused`, with one answer for all that is amiss."""
    mine = list_open_invitations(now=now).filter(
        digest=_digest(token), email__in=("", email.strip().lower())
    )
    if not mine.update(used_at=now):
        detail = "The invitation was used or revoked, is too old, or is for another address."
        raise Refused("invitation_invalid", status=HTTPStatus.FORBIDDEN, detail=detail)
    return Invitation.objects.get(digest=_digest(token))


@transaction.atomic
def revoke_invitation(
    invitation: Invitation, *, by: User, request: HttpRequest | None, now: datetime
) -> bool:
    """Let nobody take it up any more; whether somebody might have."""
    is_open = bool(list_open_invitations(now=now).filter(pk=invitation.pk).update(revoked_at=now))
    if is_open:
        invitation_revoked.send(Invitation, user=by, request=request, detail=str(invitation.pk))
    return is_open


def forget_invitations(*, now: datetime) -> None:
    """Those that nobody took up, a while after they have ended."""
    before = now - _KEPT_FOR
    ended = Q(expires_at__lte=before) | Q(revoked_at__lte=before)
    Invitation.objects.filter(ended, used_by=None).delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

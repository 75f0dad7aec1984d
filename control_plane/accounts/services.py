"""Changes to accounts that are no part of signing up and logging in."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import QuerySet

from control_plane.accounts.models import Role, User
from control_plane.errors import Refused, require
from control_plane.revocations.services import revoke_viewer


@transaction.atomic
def ensure_admin(*, email: str, password: str) -> bool:
    """Make an administrator with a verified address; whether there was none with it before.

    An account that exists is left as it is. Raises Django's `ValidationError` for an address
    or a password that will not do.
    """
    address = email.strip().lower()
    if User.objects.filter(email=address).exists():
        return False
    validate_password(password, User(email=address))
    user = User.objects.create_user(address, password, role=Role.ADMIN)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return True


@transaction.atomic
def change_user(user: User, *, now: datetime, **facts: Any) -> None:
    """Change these facts and no other. Who may not log in any more is logged out, and does not
    watch on. Raises `Refused` where no administrator would be left."""
    if facts.get("is_active") is False or facts.get("role", Role.ADMIN) != Role.ADMIN:
        check_others_remain(user)
    for name, value in facts.items():
        setattr(user, name, value)
    user.save(update_fields=list(facts))
    if facts.get("is_active") is False:
        log_out_everywhere(user, now=now)


def list_admins() -> QuerySet[User]:
    """Those who can administer the site now."""
    return User.objects.filter(role=Role.ADMIN, is_active=True)


def check_others_remain(user: User) -> None:
    """Raises `Refused` for the last administrator. Two who leave at the same time wait for each
    other here, until their transactions end."""
    admins = list_admins().select_for_update().order_by("pk")
    if {admin.pk for admin in admins} == {user.pk}:
        detail = "Nobody would administer the site. Make somebody else an administrator first."
        raise Refused("last_admin", status=HTTPStatus.CONFLICT, detail=detail)


@transaction.atomic
def log_out_everywhere(user: User, *, now: datetime) -> None:
    """End a user's log-ins, with the tokens that they gave, and what is watched by them."""
    for session in UserSession.objects.filter(user=user):
        session.end()
    revoke_viewer(str(user.pk), now=now)


def access_user(user_id: UUID) -> User:
    """Anybody; raises `NotFound`."""
    return require(User.objects.filter(pk=user_id).first(), "No such user.")


@transaction.atomic
def delete_user(user: User, *, now: datetime) -> None:
    """Delete an account, and end what it watches. Raises Django's `ProtectedError` while there are
    videos of it."""
    revoke_viewer(str(user.pk), now=now)
    user.delete()

"""The end of an account, with all that is its holder's."""

from datetime import datetime
from http import HTTPStatus
from typing import Final

from allauth.account.adapter import get_adapter
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction

from control_plane.accounts.models import Invitation, User
from control_plane.accounts.services import (
    check_others_remain,
    delete_user,
    log_out_everywhere,
)
from control_plane.catalogue.models import Course, Video
from control_plane.catalogue.services import delete_video
from control_plane.entitlements.models import Grant, Subscription
from control_plane.errors import Refused

_DELETED: Final = "a deleted account"


def check_password(user: User, password: str) -> None:
    """Whether it is really the holder who asks; raises `Refused`. Wrong ones count as failed
    log-ins do."""
    try:
        is_right = get_adapter().reauthenticate(user, password)
    except ValidationError as error:
        raise Refused(
            "too_many_login_attempts", status=HTTPStatus.TOO_MANY_REQUESTS, detail=error.messages[0]
        ) from error
    if not is_right:
        detail = "The present password is wrong."
        raise Refused("incorrect_password", status=HTTPStatus.BAD_REQUEST, detail=detail)


@transaction.atomic
def delete_account(user: User, *, now: datetime) -> None:
    """Delete somebody, their films with all that the store holds of them, and what was granted to
    their address; end what they watch and what is watched of theirs. What administrators did to the
    account stays on record without its address. Raises `Refused` for the
    last administrator."""
    check_others_remain(user)
    for video in Video.objects.filter(owner=user):
        delete_video(video, now=now)
    Subscription.objects.filter(plan__course__owner=user).delete()
    Course.objects.filter(owner=user).delete()
    Grant.objects.filter(email__iexact=user.email).delete()
    LogEntry.objects.filter(object_id=str(user.pk)).update(object_repr=_DELETED)
    Invitation.objects.filter(email__iexact=user.email).delete()
    log_out_everywhere(user, now=now)
    delete_user(user, now=now)

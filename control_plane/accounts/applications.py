"""Applications of those who signed up and wait: administrators hear of them, and decide."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from control_plane.accounts.mails import send_mail
from control_plane.accounts.models import Application, User
from control_plane.accounts.services import change_user, list_admins
from control_plane.accounts.signals import application_approved, application_declined
from control_plane.errors import Refused, require

State: Final = Application.State
# Administrators get a mail at once, and not another one before this is over.
ANNOUNCED_EVERY: Final = timedelta(hours=1)

# What may become of an application, and from what. Who was declined may be let in after all.
_BEFORE: Final[Mapping[str, tuple[str, ...]]] = {
    State.APPROVED: (State.WAITING, State.DECLINED),
    State.DECLINED: (State.WAITING,),
}

_logger: Final = logging.getLogger(__name__)


def list_applications() -> QuerySet[Application]:
    """Those of whom the address is confirmed; of others nobody is asked what to do."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("user_id"), verified=True)
    return Application.objects.filter(Exists(confirmed)).select_related("user", "decided_by")


def access_application(user_id: UUID) -> Application:
    """One of `list_applications`; raises `NotFound` for all others."""
    return require(list_applications().filter(pk=user_id).first(), "No such application.")


@transaction.atomic
def decide(
    application: Application,
    state: Application.State,
    *,
    by: User,
    request: HttpRequest | None,
    now: datetime,
) -> None:
    """Let somebody in (`APPROVED`), or shut the account (`DECLINED`); they get a mail. Raises
    `Refused` where somebody else has decided, and when the mail is not taken."""
    undecided = Application.objects.filter(pk=application.pk, state__in=_BEFORE[state])
    if not undecided.update(state=state, decided_at=now, decided_by=by):
        detail = "It was decided already."
        raise Refused("application_decided", status=HTTPStatus.CONFLICT, detail=detail)
    user, is_let_in = application.user, state is State.APPROVED
    change_user(user, now=now, is_active=is_let_in)
    signal = application_approved if is_let_in else application_declined
    signal.send(Application, user=user, request=request, by=by)
    link, site = settings.LOG_IN_LINK, settings.CONFIG.url
    send_mail(f"application_{state.value}", user.email, link=link, site=site)


@transaction.atomic
def announce_applications(*, now: datetime) -> None:
    """Tell administrators that people wait of whom no mail has told yet; at most one mail an hour.
    It is tried again later where no mail was taken."""
    waiting = list_applications().filter(state=State.WAITING)
    untold = waiting.filter(announced_at=None).select_for_update(skip_locked=True, of=("self",))
    new = [application.pk for application in untold]
    if not new or Application.objects.filter(announced_at__gt=now - ANNOUNCED_EVERY).exists():
        return
    taken = [_tell(admin, count=waiting.count()) for admin in list_admins()]
    if any(taken):
        Application.objects.filter(pk__in=new).update(announced_at=now)


def _tell(admin: User, *, count: int) -> bool:
    """Whether the mail was taken; one that is not keeps no other from being sent."""
    site = settings.CONFIG.url
    try:
        send_mail("applications_wait", admin.email, count=count, site=site)
    except Refused as refusal:
        _logger.warning("an administrator was not told of who waits: %s", refusal)
        return False
    return True

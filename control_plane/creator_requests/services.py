"""Asking to become a creator, and the decision.

Who decides locks the row, so that of two decisions at a time the second finds that there is one.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from control_plane.accounts.models import Role, User
from control_plane.accounts.services import change_user
from control_plane.activity.models import Kind
from control_plane.activity.services import note
from control_plane.config import Creators
from control_plane.creator_requests.mails import tell_deciders, tell_decision
from control_plane.creator_requests.models import CreatorRequest, RequestState
from control_plane.creator_requests.selectors import find_newest
from control_plane.errors import NotFound, Refused

# Who withdraws and asks again fills nobody's letter box.
_MAIL_EVERY: Final = timedelta(days=1)


def ask(user: User, message: str, *, now: datetime, request: HttpRequest) -> CreatorRequest:
    """A request, which administrators are told of; where everybody may be a creator it is approved
    at once. Raises `Refused` for who is one, has asked, or was declined not long ago."""
    mode, newest = settings.CONFIG.creators, find_newest(user)
    _check_may_ask(user, newest, mode, now=now)
    if newest is not None and newest.state == RequestState.PENDING:
        return approve(newest, by=None, now=now, request=request)
    with transaction.atomic():
        row = _keep(user, message, now=now)
        note(user, Kind.CREATOR_ASKED, request)
        if mode is Creators.EVERYONE:
            return approve(row, by=None, now=now, request=request)
        if newest is None or newest.asked_at <= now - _MAIL_EVERY:
            _mail(tell_deciders, row)
    return row


def withdraw(user: User, *, now: datetime, request: HttpRequest) -> None:
    """Take the pending request back; raises `NotFound` where there is none."""
    withdrawn = CreatorRequest.objects.filter(user=user, state=RequestState.PENDING).update(
        state=RequestState.WITHDRAWN, decided_at=now
    )
    if not withdrawn:
        raise NotFound("No request of yours waits for a decision.")
    note(user, Kind.CREATOR_WITHDRAWN, request)


@transaction.atomic
def approve(
    row: CreatorRequest, *, by: User | None, now: datetime, request: HttpRequest
) -> CreatorRequest:
    """Make the one who asked a creator, and tell them. Raises `Refused` for what is decided."""
    decided = _decide(row, RequestState.APPROVED, decided_by=by, decided_at=now)
    if decided.user.role == Role.VIEWER:
        change_user(decided.user, now=now, role=Role.CREATOR)
    note(decided.user, Kind.CREATOR_APPROVED, request, by=by)
    _mail(tell_decision, decided)
    return decided


@transaction.atomic
def decline(
    row: CreatorRequest, reason: str, *, by: User, now: datetime, request: HttpRequest
) -> CreatorRequest:
    """Tell the one who asked why not. Raises `Refused` for what is decided."""
    facts = {"decided_by": by, "decided_at": now, "reason": reason}
    decided = _decide(row, RequestState.DECLINED, **facts)
    note(decided.user, Kind.CREATOR_DECLINED, request, by=by, detail=reason)
    _mail(tell_decision, decided)
    return decided


def settle(user: User, *, by: User, now: datetime, request: HttpRequest) -> None:
    """Approve what somebody asked for who was made a creator meanwhile."""
    row = CreatorRequest.objects.filter(user=user, state=RequestState.PENDING).first()
    if row is not None and user.may_create:
        approve(row, by=by, now=now, request=request)


def _check_may_ask(
    user: User, newest: CreatorRequest | None, mode: Creators, *, now: datetime
) -> None:
    if user.may_create:
        raise _conflict("creator_already", "You are a creator.")
    if mode is Creators.APPOINTED:
        detail = "Administrators choose who is a creator; it cannot be asked for."
        raise Refused("creator_requests_closed", status=HTTPStatus.FORBIDDEN, detail=detail)
    if newest is None:
        return
    if newest.state == RequestState.PENDING and mode is Creators.ASK:
        raise _pending()
    may_ask_at = newest.may_ask_at
    if may_ask_at is not None and may_ask_at > now:
        detail = f"You may ask again from {may_ask_at:%Y-%m-%d %H:%M} UTC on."
        raise _conflict("creator_request_too_soon", detail, may_ask_at=may_ask_at.isoformat())


def _keep(user: User, message: str, *, now: datetime) -> CreatorRequest:
    """The database lets one be pending; of several at a time all but one are refused."""
    try:
        with transaction.atomic():
            return CreatorRequest.objects.create(user=user, message=message, asked_at=now)
    except IntegrityError:
        raise _pending() from None


def _decide(row: CreatorRequest, state: RequestState, **facts: Any) -> CreatorRequest:
    locked = CreatorRequest.objects.select_for_update(of=["self"]).select_related("user")
    decided = locked.filter(pk=row.pk, state=RequestState.PENDING).first()
    if decided is None:
        raise _conflict("creator_request_decided", "It was decided, or withdrawn, meanwhile.")
    decided.state = state
    for name, value in facts.items():
        setattr(decided, name, value)
    decided.save(update_fields=["state", *facts])
    return decided


def _mail(tell: Callable[[CreatorRequest], None], row: CreatorRequest) -> None:
    """After the commit; a mail server that is away undoes no decision."""
    transaction.on_commit(lambda: tell(row), robust=True)


def _pending() -> Refused:
    return _conflict("creator_request_pending", "You have asked; it waits for a decision.")


def _conflict(code: str, detail: str, **extra: Any) -> Refused:
    return Refused(code, status=HTTPStatus.CONFLICT, detail=detail, extra=extra)

"""Writes of what happened."""

from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User
from control_plane.activity.models import Activity, Kind
from control_plane.client_address import locate_client

_AGENT_LENGTH = 200
_DETAIL_LENGTH = 200
_BATCH = 1000


def note(
    user: User,
    kind: Kind,
    request: HttpRequest | None,
    *,
    by: User | None = None,
    detail: str = "",
) -> None:
    """Keep that something happened to an account, where the request for it came from and, where
    that was not its holder, by whom."""
    is_own = by is None or by.pk == user.pk
    Activity.objects.create(
        user=user,
        kind=kind,
        detail=detail[:_DETAIL_LENGTH],
        at=timezone.now(),
        is_own=is_own,
        by=None if is_own else by,
        **_describe_origin(request),
    )


def note_change(user: User, request: HttpRequest, *, by: User, **facts: Any) -> None:
    """Keep what `change_user` was told to change, as far as it says what somebody may do."""
    if "role" in facts:
        note(user, Kind.ROLE_CHANGED, request, by=by, detail=facts["role"])
    if "is_active" in facts:
        kind = Kind.RESTORED if facts["is_active"] else Kind.SUSPENDED
        note(user, kind, request, by=by)


def note_deed(request: HttpRequest, what: str) -> None:
    """Keep what the caller did to the site through the API."""
    note(require_caller(request), Kind.ADMINISTERED, request, detail=what)


def note_administration(user: User, request: HttpRequest, *, since: datetime) -> None:
    """Keep from where somebody did what the admin has recorded of them since then."""
    entries = LogEntry.objects.filter(user=user, action_time__gte=since, activity=None)
    rows = [
        Activity(
            user=user,
            kind=Kind.ADMINISTERED,
            detail=_describe_entry(entry)[:_DETAIL_LENGTH],
            at=entry.action_time,
            entry=entry,
            **_describe_origin(request),
        )
        for entry in entries.select_related("content_type")
    ]
    # two requests at a time find the same entries, and one of them is first
    Activity.objects.bulk_create(rows, ignore_conflicts=True)


def _describe_entry(entry: LogEntry) -> str:
    """Without the thing's name, which may be somebody's address."""
    done = f"{entry.get_action_flag_display()}, {entry.content_type} {entry.object_id}"
    changes = "" if entry.is_addition() else entry.get_change_message()
    return f"{done}: {changes}" if changes else done


def _describe_origin(request: HttpRequest | None) -> dict[str, Any]:
    if request is None:
        return {}
    return {"address": locate_client(request), "user_agent": _find_agent(request)}


def shorten_addresses(*, now: datetime) -> None:
    """Keep no more than the network of addresses that are older than the setting says."""
    before = now - timedelta(days=settings.CONFIG.address_days)
    while _shorten_some(before):
        pass


@transaction.atomic
def _shorten_some(before: datetime) -> bool:
    """Whether there were any."""
    whole = Activity.objects.select_for_update(skip_locked=True).filter(
        is_whole=True, at__lt=before
    )
    rows = list(whole.order_by("at")[:_BATCH])
    for row in rows:
        row.address, row.is_whole = row.address and find_network(row.address), False
    Activity.objects.bulk_update(rows, ["address", "is_whole"])
    return bool(rows)


def find_network(address: str) -> str:
    """The first address of its /24, or /48 for IPv6."""
    length = 24 if isinstance(ip_address(address), IPv4Address) else 48
    return str(ip_network(f"{address}/{length}", strict=False).network_address)


def _find_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "").replace("\0", "")[:_AGENT_LENGTH]

"""Writes of what happened."""

from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from control_plane.accounts.models import User
from control_plane.activity.models import Activity, Kind
from control_plane.client_address import locate_client

_AGENT_LENGTH = 200
_BATCH = 1000


def note(user: User, kind: Kind, request: HttpRequest | None) -> None:
    """Keep that something happened, and where the request for it came from."""
    Activity.objects.create(
        user=user,
        kind=kind,
        at=timezone.now(),
        address=None if request is None else locate_client(request),
        user_agent="" if request is None else _find_agent(request),
    )


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

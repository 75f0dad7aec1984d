"""Whose address a request came from, when proxies stand between."""

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final, TypeAlias

from django.conf import settings
from django.http import HttpRequest

Network: TypeAlias = IPv4Network | IPv6Network

_FORWARDED_FOR: Final = re.compile(r'(?i)(?:^|[;,])\s*for="?(\[[^\]]+\]|[^";,\s]+)')
_WITH_PORT: Final = re.compile(r"\[(.+)\](?::\d+)?|([^:]+):\d+")


def locate_client(request: HttpRequest) -> str:
    """The address that a request of ours came from, by the proxies that the settings trust."""
    return find_client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.headers,
        trusted=settings.CONFIG.trusted_proxies,
    )


def find_client_address(
    peer: str, headers: Mapping[str, str], *, trusted: Sequence[Network]
) -> str:
    """The right-most address that no trusted proxy has; `peer` unless it is such a proxy.

    `Forwarded` (RFC 7239) is read before `X-Forwarded-For`. An entry that is no address ends
    the walk, since what lies left of it was written by somebody unknown.
    """
    address = peer
    for entry in reversed([*_read_entries(headers), peer]):
        if not _is_address(entry):
            return address
        address = entry
        if not _is_trusted(entry, trusted):
            return address
    return address


def _read_entries(headers: Mapping[str, str]) -> Iterable[str]:
    forwarded = headers.get("Forwarded", "")
    if forwarded:
        return [_without_port(entry) for entry in _FORWARDED_FOR.findall(forwarded)]
    listed = headers.get("X-Forwarded-For", "")
    return [_without_port(entry.strip()) for entry in listed.split(",") if entry.strip()]


def _without_port(entry: str) -> str:
    match = _WITH_PORT.fullmatch(entry)
    return (match.group(1) or match.group(2)) if match else entry


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    return any(ip_address(address) in network for network in trusted)

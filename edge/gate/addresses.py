"""Whose request it is: the client's address, behind proxies that are trusted or not. Pure."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

from edge.gate.decisions import Address

Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]

_MAX_HOPS: Final = 32


def find_peer(
    socket_address: str, trusted: Networks, *, forwarded: Sequence[str], x_forwarded: Sequence[str]
) -> Address | None:
    """The right-most address that is not a trusted proxy's own; None when it cannot be told.

    `forwarded` and `x_forwarded` are the values of all `Forwarded` (RFC 7239) and
    `X-Forwarded-For` fields. A proxy that writes one of them hands on a forged other, so where
    both are there they must agree.
    """
    peer = parse_address(socket_address)
    if peer is None or not is_trusted(peer, trusted):
        return peer
    answers = {
        _walk(peer, trusted, hops)
        for hops in (_read_forwarded(forwarded), _read_x_forwarded(x_forwarded))
        if hops
    }
    if not answers:
        return peer
    return answers.pop() if len(answers) == 1 else None


def _walk(nearest: Address, trusted: Networks, hops: list[str]) -> Address | None:
    """From the proxy nearest to us outwards; a hop that is no address ends the trail."""
    peer: Address | None = nearest
    for hop in reversed(hops[-_MAX_HOPS:]):
        peer = parse_address(hop)
        if peer is None or not is_trusted(peer, trusted):
            return peer
    return peer


def is_trusted(address: Address, trusted: Networks) -> bool:
    """Whether it is a trusted proxy's."""
    return any(address in network for network in trusted)


def _read_x_forwarded(values: Sequence[str]) -> list[str]:
    return [hop.strip() for value in values for hop in value.split(",")]


def _read_forwarded(values: Sequence[str]) -> list[str]:
    """Each element's `for`; an element without one is a hop that hides its client."""
    return [next(_read_for(element), "unknown") for value in values for element in value.split(",")]


def _read_for(element: str) -> Iterator[str]:
    for pair in element.split(";"):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "for":
            yield value.strip().strip('"')


def parse_address(text: str) -> Address | None:
    """An address with or without a port; IPv4 in IPv6 clothes (`::ffff:192.0.2.1`) is IPv4."""
    try:
        address = ip_address(_strip_port(text))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _strip_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text

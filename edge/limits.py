"""Limits that keep one client from taking the edge away from the others. Pure: time comes in.

Each is one worker's own. What is remembered is bounded, by what is open or by a number of clients
of whom those that were silent longest are forgotten.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, Generic, TypeAlias, TypeVar

from multidict import CIMultiDictProxy

from edge.gate.addresses import Networks, find_peer, is_trusted, parse_address
from edge.gate.decisions import Address
from edge.gate.denials import SessionKey

Leave: TypeAlias = Callable[[], None]
"""Gives back, once, what was taken."""

UNKNOWN_CLIENT: Final = -1

_MOST_CLIENTS: Final = 20_000
_BURST_S: Final = 5.0

Key = TypeVar("Key", bound=Hashable)


class TooMany(Exception):
    """One client or session has as much as one may have."""


class NoRoom(Exception):
    """All together have as much as there is."""


def client_key(address: Address | None) -> int:
    """Whom an address counts for: with IPv4 itself, with IPv6 its /64, since whoever has one
    address of those has all."""
    if address is None:
        return UNKNOWN_CLIENT
    return int(address) if address.version == 4 else int(address) >> 64 << 64


class AtOnce(Generic[Key]):
    """At most `limit` of something at once for each key: connections, requests."""

    def __init__(self, limit: int) -> None:
        self.turned_away = 0
        self._limit = limit
        self._counts: Counter[Key] = Counter()

    def __len__(self) -> int:
        return len(self._counts)

    def has_room(self, key: Key) -> bool:
        """Whether one more may enter."""
        return self._counts[key] < self._limit

    def enter(self, key: Key) -> bool:
        """Whether there is room for one more; who has entered must `leave`."""
        if not self.has_room(key):
            self.turned_away += 1
            return False
        self._counts[key] += 1
        return True

    def take(self, key: Key) -> Leave:
        """Enter, and get the way out; raises `TooMany`."""
        if not self.enter(key):
            raise TooMany
        return partial(self.leave, key)

    def leave(self, key: Key) -> None:
        self._counts[key] -= 1
        if not self._counts[key]:
            del self._counts[key]


class ConnectionLimit:
    """Open connections for each client; trusted proxies, which carry many, have no limit."""

    def __init__(self, limit: int, trusted_proxies: Networks) -> None:
        self.clients: AtOnce[int] = AtOnce(limit)
        self._trusted = trusted_proxies
        self._key_of = lru_cache(maxsize=4096)(self._find_key)

    def enter(self, socket_address: str) -> bool:
        """Whether a connection from there may stay; of one that stays, `leave` tells the end."""
        key = self._key_of(socket_address)
        return key is None or self.clients.enter(key)

    def leave(self, socket_address: str) -> None:
        key = self._key_of(socket_address)
        if key is not None:
            self.clients.leave(key)

    def _find_key(self, socket_address: str) -> int | None:
        if _is_proxy(socket_address, self._trusted):
            return None
        return client_key(parse_address(socket_address))


class BytesInFlight:
    """Bytes that are held for clients and for nobody else, at most `limit` of them."""

    def __init__(self, limit: int) -> None:
        self.held = 0
        self.turned_away = 0
        self._limit = limit

    def take(self, size: int) -> Leave:
        """Count `size` bytes from now on; raises `NoRoom`, but never where nothing else is held."""
        if self.held and self.held + size > self._limit:
            self.turned_away += 1
            raise NoRoom
        self.held += size
        return partial(self._give_back, size)

    def _give_back(self, size: int) -> None:
        self.held -= size


class RefusalRate:
    """How many refusals a client is given an explanation for: `per_s`, after five seconds' worth.

    A bucket of tokens for each client. It is asked about refusals alone, so that no valid token
    ever meets it.
    """

    def __init__(self, per_s: float, *, most_clients: int = _MOST_CLIENTS) -> None:
        self.turned_away = 0
        self._per_s = per_s
        self._burst = max(1.0, per_s * _BURST_S)
        self._most_clients = most_clients
        self._buckets: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def allows(self, client: int, *, now: float) -> bool:
        """Whether one more refusal is to be explained and recorded."""
        level, filled_at = self._buckets.pop(client, (self._burst, now))
        level = min(self._burst, level + max(0.0, now - filled_at) * self._per_s)
        allowed = level >= 1
        self._buckets[client] = (level - allowed, now)
        if len(self._buckets) > self._most_clients:
            self._buckets.popitem(last=False)
        self.turned_away += not allowed
        return allowed


class Clients:
    """Whom requests count for, behind trusted proxies or not."""

    def __init__(self, trusted_proxies: Networks) -> None:
        self._trusted = trusted_proxies

    def find(self, socket_address: str, headers: CIMultiDictProxy[str]) -> int:
        peer = find_peer(
            socket_address,
            self._trusted,
            forwarded=headers.getall("Forwarded", ()),
            x_forwarded=headers.getall("X-Forwarded-For", ()),
        )
        return client_key(peer)

    def find_behind_proxy(self, socket_address: str, headers: CIMultiDictProxy[str]) -> int | None:
        """None for those who came by themselves, whose connections are counted already."""
        if not self._trusted or not _is_proxy(socket_address, self._trusted):
            return None
        return self.find(socket_address, headers)


@dataclass(frozen=True, slots=True)
class Limits:
    """All that requests may run into."""

    clients: Clients
    connections: ConnectionLimit
    session_requests: AtOnce[SessionKey]
    client_requests: AtOnce[int]
    bytes_in_flight: BytesInFlight
    refusals: RefusalRate


@lru_cache(maxsize=4096)
def _is_proxy(socket_address: str, trusted: Networks) -> bool:
    address = parse_address(socket_address)
    return address is not None and is_trusted(address, trusted)

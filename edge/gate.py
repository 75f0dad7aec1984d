"""The gate: whether a genuine token opens what is asked for. Pure; the one policy there is.

Signatures are judged in `edge.claims`. No session state exists yet, so the two limits that need
it are held as strictly as they can be without: after `sby` nothing is served, since no session is
known to have begun before it, and a token with `max_streams` opens nothing, since nobody counts.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final, TypeAlias

from shared.events.refusals import RefusalCode
from shared.paths import Kind
from shared.tokens import Claims, TokenExpired, TokenInvalid, check_clock

Address: TypeAlias = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for. `asset_id` and `video_id` are None where the store knows none;
    `height` is a short side in pixels, None for what belongs to no rung."""

    asset_id: str | None
    video_id: str | None
    kind: Kind
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer: allowed when there is no `code`. `cause` is a sentence."""

    code: RefusalCode | None = None
    cause: str = ""


ALLOWED: Final = Decision()


class Refused(Exception):
    """A request that may not have what it asks for."""

    def __init__(self, code: RefusalCode, cause: str = "") -> None:
        super().__init__(code, cause)
        self.code = code
        self.cause = cause


def decide(
    wanted: Wanted, claims: Claims, *, now: int, origin: str | None, peer: Address | None
) -> Decision:
    """Judge one request: `now` in unix seconds, `origin` its Origin header, `peer` who asks.

    `peer` is None when unknown, which a token bound to an address does not forgive.
    """
    return (
        _check_clock(claims, now)
        or _check_scope(wanted, claims)
        or _check_kind(wanted, claims)
        or _check_height(wanted, claims)
        or _check_origin(claims, origin)
        or _check_address(claims, peer)
        or _check_start(claims, now)
        or _check_streams(claims)
        or ALLOWED
    )


def _check_clock(claims: Claims, now: int) -> Decision | None:
    try:
        check_clock(claims, now=now)
    except TokenExpired as error:
        return Decision(RefusalCode.TOKEN_EXPIRED, f"It {error}.")
    except TokenInvalid as error:
        return Decision(RefusalCode.TOKEN_INVALID, f"It is {error}.")
    return None


def _check_scope(wanted: Wanted, claims: Claims) -> Decision | None:
    """A `vid` opens assets that name it, so an asset that does not exist is in nobody's scope."""
    if claims.asset_id is not None:
        covered = wanted.asset_id == claims.asset_id
    else:
        covered = wanted.video_id == claims.video_id
    return None if covered else Decision(RefusalCode.NOT_IN_SCOPE, "It is for another film.")


def _check_kind(wanted: Wanted, claims: Claims) -> Decision | None:
    if wanted.kind in claims.kinds:
        return None
    kinds = ", ".join(sorted(claims.kinds))
    return Decision(RefusalCode.NOT_IN_SCOPE, f"It opens {kinds} only.")


def _check_height(wanted: Wanted, claims: Claims) -> Decision | None:
    if claims.max_height is None or wanted.height is None or wanted.height <= claims.max_height:
        return None
    return Decision(RefusalCode.NOT_IN_SCOPE, f"It opens at most {claims.max_height}p.")


def _check_origin(claims: Claims, origin: str | None) -> Decision | None:
    if origin is None:
        if not claims.origins_strict:
            return None
        return Decision(RefusalCode.ORIGIN_REFUSED, "It wants an Origin header.")
    if claims.origins is None or origin in claims.origins:
        return None
    return Decision(RefusalCode.ORIGIN_REFUSED, "The Origin is not one of its own.")


def _check_address(claims: Claims, peer: Address | None) -> Decision | None:
    network = claims.network
    if network is None or (peer is not None and peer in network):
        return None
    return Decision(RefusalCode.ADDRESS_REFUSED, "It is bound to another network.")


def _check_start(claims: Claims, now: int) -> Decision | None:
    if claims.start_by is None or now < claims.start_by:
        return None
    return Decision(RefusalCode.START_WINDOW_CLOSED, f"It closed {now - claims.start_by} s ago.")


def _check_streams(claims: Claims) -> Decision | None:
    if claims.max_streams is None:
        return None
    return Decision(RefusalCode.STREAM_LIMIT, "It limits streams, and leases are not offered yet.")

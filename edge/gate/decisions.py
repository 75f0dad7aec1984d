"""The gate: whether a genuine token opens what is asked for. Pure; the one policy there is.

Signatures are judged in `edge.state.claims`. Here every request is judged, also one whose token was
seen before: clock, denials and standing change while claims do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final, TypeAlias

from edge.gate.denials import Denials, SessionKey, ViewerKey
from edge.gate.standing import Holder, Session, Standing
from shared.events.refusals import RefusalCode
from shared.paths import Kind
from shared.tokens import Claims, find_beginning

Address: TypeAlias = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for. `asset_id` and `video_id` are None where the store knows none;
    `height` is a short side in pixels, None for what belongs to no rung."""

    asset_id: str | None
    video_id: str | None
    kind: Kind
    height: int | None = None


class Verified:
    """What a genuine token says, as far as its issuer may say it.

    `videos` are those that the issuer may open, None for this deployment's own tokens. What every
    decision needs is laid out beside `claims`, whose attributes take several times as long to get;
    `is_limited` tells whether any limit is there but kinds.
    """

    __slots__ = (
        "asset_id",
        "claims",
        "expires_at",
        "is_limited",
        "issued_at",
        "kid",
        "kinds",
        "session_key",
        "usable_from",
        "video_id",
        "videos",
        "viewer_key",
    )

    def __init__(self, claims: Claims, kid: str, videos: frozenset[str] | None = None) -> None:
        self.claims = claims
        self.kid = kid
        self.videos = videos
        self.session_key: SessionKey = (claims.issuer, claims.session_id)
        self.viewer_key: ViewerKey = (claims.issuer, claims.subject)
        self.video_id = claims.video_id
        self.asset_id = claims.asset_id
        self.kinds = claims.kinds
        self.issued_at = claims.issued_at
        self.usable_from = find_beginning(claims)
        self.expires_at = claims.expires_at
        limits = (claims.max_height, claims.max_streams, claims.origins, claims.ip, claims.start_by)
        self.is_limited = any(limit is not None for limit in (*limits, videos))


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer: allowed when there is no `code`. `rule` names the one that refused,
    `cause` is a sentence, `holders` are those who have the viewer's slots."""

    code: RefusalCode | None = None
    rule: str = ""
    cause: str = ""
    holders: tuple[Holder, ...] = ()


ALLOWED: Final = Decision()

_UNDISPUTED: Final = (Standing.RUNNING, Standing.UNKNOWN, Standing.LATE)
"""Where a session without limits stands until another one takes its place."""

RULES: Final = (
    "token",
    "clock",
    "revocation",
    "scope",
    "kind",
    "issuer",
    "height",
    "origin",
    "address",
    "start",
    "streams",
)
"""In the order in which they are asked; `token` is judged before the gate."""

_RULES_OF_SESSIONS: Final = ("", "start", "streams")
"""The last ones, and that of a decision that nothing refused."""


class Refused(Exception):
    """A request that may not have what it asks for. `verified` is what a genuine token said."""

    def __init__(
        self,
        code: RefusalCode,
        cause: str = "",
        *,
        rule: str = "token",
        holders: tuple[Holder, ...] = (),
        verified: Verified | None = None,
    ) -> None:
        super().__init__(code, cause)
        self.code = code
        self.cause = cause
        self.rule = rule
        self.holders = holders
        self.verified = verified


def trace_rules(rule: str) -> Iterator[tuple[str, bool]]:
    """The rules asked until `rule` refused, each with whether it was passed."""
    for asked in RULES:
        yield asked, asked != rule
        if asked == rule:
            return


def decide(
    wanted: Wanted,
    verified: Verified,
    session: Session,
    *,
    now: int,
    origin: str | None,
    peer: Address | None,
    denials: Denials,
) -> Decision:
    """Judge one request: `now` in unix seconds, `origin` its Origin header, `peer` who asks.

    `peer` is None when unknown, which a token bound to an address does not forgive.
    """
    # flat, and with calls for what is seldom: this is asked a hundred thousand times a second
    if not verified.usable_from <= now < verified.expires_at:
        return _refuse_clock(verified, now)
    if not denials.is_empty and (cause := _find_denial(wanted, verified, denials)) is not None:
        return Decision(RefusalCode.REVOKED, "revocation", cause)
    if not _covers(wanted, verified):
        return Decision(RefusalCode.NOT_IN_SCOPE, "scope", "It is for another film.")
    if wanted.kind not in verified.kinds:
        return _refuse_kind(verified)
    if not verified.is_limited and session.standing in _UNDISPUTED:
        return ALLOWED
    return (
        _check_videos(wanted, verified)
        or _check_height(wanted, verified.claims)
        or _check_origin(verified.claims, origin)
        or _check_address(verified.claims, peer)
        or _check_start(verified.claims, session, now)
        or _check_streams(wanted, verified.claims, session)
        or ALLOWED
    )


def needs_standing(
    decision: Decision, wanted: Wanted, claims: Claims, session: Session, *, now: int
) -> bool:
    """Whether a decision rests on a standing that is not known yet, and on nothing else."""
    if session.standing is not Standing.UNKNOWN or decision.rule not in _RULES_OF_SESSIONS:
        return False
    if wanted.kind is Kind.VIDEO:
        return claims.max_streams is not None or claims.start_by is not None
    return claims.start_by is not None and now >= claims.start_by


def _refuse_clock(verified: Verified, now: int) -> Decision:
    if now < verified.usable_from:
        return Decision(RefusalCode.TOKEN_INVALID, "clock", "It is not valid yet.")
    cause = f"It expired {now - verified.expires_at} s ago."
    return Decision(RefusalCode.TOKEN_EXPIRED, "clock", cause)


def _find_denial(wanted: Wanted, verified: Verified, denials: Denials) -> str | None:
    return denials.find(
        session_key=verified.session_key,
        viewer_key=verified.viewer_key,
        issued_at=verified.issued_at,
        video_id=wanted.video_id,
        asset_id=wanted.asset_id,
        kid=verified.kid,
    )


def _covers(wanted: Wanted, verified: Verified) -> bool:
    """A `vid` opens assets that name it, so an asset that does not exist is in nobody's scope."""
    if verified.asset_id is not None:
        return wanted.asset_id == verified.asset_id
    return wanted.video_id == verified.video_id


def _refuse_kind(verified: Verified) -> Decision:
    kinds = ", ".join(sorted(verified.kinds))
    return Decision(RefusalCode.NOT_IN_SCOPE, "kind", f"It opens {kinds} only.")


def _check_videos(wanted: Wanted, verified: Verified) -> Decision | None:
    if verified.videos is None or wanted.video_id in verified.videos:
        return None
    return Decision(RefusalCode.NOT_IN_SCOPE, "issuer", "Its issuer may not open this film.")


def _check_height(wanted: Wanted, claims: Claims) -> Decision | None:
    if claims.max_height is None or wanted.height is None or wanted.height <= claims.max_height:
        return None
    return Decision(RefusalCode.NOT_IN_SCOPE, "height", f"It opens at most {claims.max_height}p.")


def _check_origin(claims: Claims, origin: str | None) -> Decision | None:
    if claims.origins is None or origin in claims.origins:
        return None
    if origin is not None:
        cause = "The Origin is not one of its own."
    elif claims.origins_strict:
        cause = "It wants an Origin header."
    else:
        return None
    return Decision(RefusalCode.ORIGIN_REFUSED, "origin", cause)


def _check_address(claims: Claims, peer: Address | None) -> Decision | None:
    if claims.ip is None:
        return None
    network = claims.network
    if network is None or (peer is not None and peer in network):
        return None
    return Decision(RefusalCode.ADDRESS_REFUSED, "address", "It is bound to another network.")


def _check_start(claims: Claims, session: Session, now: int) -> Decision | None:
    """A session that has begun runs on; one that nobody could ask about in time is let run."""
    if claims.start_by is None or now < claims.start_by:
        return None
    if session.standing not in (Standing.UNKNOWN, Standing.WINDOW_CLOSED):
        return None
    cause = f"It closed {now - claims.start_by} s ago."
    return Decision(RefusalCode.START_WINDOW_CLOSED, "start", cause)


def _check_streams(wanted: Wanted, claims: Claims, session: Session) -> Decision | None:
    """Leases are for films that play; a poster takes none."""
    standing = session.standing
    if standing is Standing.RUNNING or wanted.kind is not Kind.VIDEO:
        return None
    if standing is Standing.DISPLACED:
        cause = "A later playback of the same viewer took its place."
    elif standing is Standing.LIMIT:
        cause = f"All {claims.max_streams} places of the viewer are taken."
    elif standing is Standing.UNKNOWN and claims.max_streams is not None:
        cause = "Nobody has counted the viewer's streams."
    else:
        return None
    return Decision(RefusalCode.STREAM_LIMIT, "streams", cause, session.holders)

"""Live sessions of a viewer, as edges keep them in Redis, and the news of those that were ended.

The first request of kind video marks a session begun and takes a lease, which lives for `LEASE_S`
past the session's last request. `max_streams` counts live leases. A viewer has four keys, each
with his tag, so that a cluster keeps them together:

    sluice:leases:{tag}     sorted set   sid by the end of its lease, in unix milliseconds
    sluice:playing:{tag}    hash         sid to its `Lease`
    sluice:begun:{tag}      sorted set   sid by the `exp` of its token: it has begun, and may go
                                         on although its `sby` has passed
    sluice:displaced:{tag}  sorted set   sid by the `exp` of its token: it lost its place to a
                                         later session, and has not taken one again

What a score says is in the past counts no more. The clock is that of Redis. Edges write these keys
by one script, which sees to it that no more leases live than may; others only read.

Whoever ends a session tells all edges by a record on `SESSION_STREAM`, which is capped.

>>> name_viewer_keys("https://sluice.example", "u1").leases
'sluice:leases:{22:https://sluice.example,2:u1}'
>>> SessionEnded(
...     issuer="https://sluice.example", session_id="s1", reason=EndReason.DISPLACED,
...     at=1767225600.25, expires_at=1767229200,
... ).render()
'{"issuer":"https://sluice.example","session_id":"s1","reason":"displaced","at":1767225600.25,"expires_at":1767229200,"lifted":false}'
"""

from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, Field

from shared.events.record import Record
from shared.paths import check_id
from shared.tokens import Name, Timestamp

LEASE_S: Final = 90

SESSION_STREAM: Final = "sluice:sessions"
SESSION_STREAM_LENGTH: Final = 10_000


class ViewerKeys(NamedTuple):
    """The keys of one viewer's sessions."""

    leases: str
    playing: str
    begun: str
    displaced: str


def name_viewer_keys(issuer: str, subject: str) -> ViewerKeys:
    """The keys of the viewer whom `issuer` calls `subject`; no two viewers share one.

    The lengths, in characters, tell where a name ends. A `}` in a name ends the part that a
    cluster hashes early, but at the same place for all four.
    """
    tag = f"{{{len(issuer)}:{issuer},{len(subject)}:{subject}}}"
    return ViewerKeys(*(f"sluice:{field}:{tag}" for field in ViewerKeys._fields))


class Lease(Record):
    """What is known of a session that holds one: its token names the video or the asset, or an
    edge the asset that was asked for first. `expires_at` is its token's."""

    video_id: Annotated[str, AfterValidator(check_id)] | None = None
    asset_id: Annotated[str, AfterValidator(check_id)] | None = None
    began_at: Timestamp
    expires_at: Timestamp


class EndReason(StrEnum):
    """Why a session was ended: a later one of the viewer took its place, or all were taken when
    its lease was renewed after a time without one."""

    DISPLACED = "displaced"
    REFUSED = "refused"


class SessionEnded(Record):
    """A session that opens nothing any more: for a few seconds where it was refused, since a place
    may come free; until its token ends where it was displaced. One that took a place again is told
    once more, with `lifted`."""

    issuer: Name
    session_id: Name
    reason: EndReason
    at: Annotated[float, Field(ge=0)]
    expires_at: Timestamp
    lifted: bool = False

"""Why requests were refused, in which words, and the record of it that the control plane keeps.

The codes are for programs and stable; the sentences are the edge's answers to people. Edges add
records to `REFUSAL_STREAM`, which is capped: what nobody fetches in time is lost. Under a flood
one record stands for several refusals (`weight`).
"""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from shared.events.record import Record

REFUSAL_STREAM: Final = "sluice:refusals"
REFUSAL_STREAM_LENGTH: Final = 20_000
REFUSAL_GROUP: Final = "control"
REFUSAL_KEPT_S: Final = 30 * 24 * 3600


class RefusalCode(StrEnum):
    """Why the gate refuses."""

    TOKEN_MISSING = "token_missing"  # noqa: S105
    TOKEN_INVALID = "token_invalid"  # noqa: S105
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    START_WINDOW_CLOSED = "start_window_closed"
    REVOKED = "revoked"
    NOT_IN_SCOPE = "not_in_scope"
    STREAM_LIMIT = "stream_limit"
    ORIGIN_REFUSED = "origin_refused"
    ADDRESS_REFUSED = "address_refused"
    KEYS_UNAVAILABLE = "keys_unavailable"


_TITLES: Final = {
    RefusalCode.TOKEN_MISSING: "This needs a playback token.",
    RefusalCode.TOKEN_INVALID: "The playback token is not valid here.",
    RefusalCode.TOKEN_EXPIRED: "The playback token has expired.",
    RefusalCode.START_WINDOW_CLOSED: "The time to start this playback is over.",
    RefusalCode.REVOKED: "This playback has been ended.",
    RefusalCode.NOT_IN_SCOPE: "The playback token does not open this.",
    RefusalCode.STREAM_LIMIT: "Too many films are playing at once.",
    RefusalCode.ORIGIN_REFUSED: "The playback token may not be used on this site.",
    RefusalCode.ADDRESS_REFUSED: "The playback token may not be used from this address.",
    RefusalCode.KEYS_UNAVAILABLE: "Tokens cannot be judged at present.",
}


def explain_refusal(code: RefusalCode) -> str:
    """A sentence for the person whose player was refused."""
    return _TITLES[code]


def refusal_status(code: RefusalCode) -> int:
    """The HTTP status of a refusal: 403, which no native player answers with a login dialog."""
    return 503 if code is RefusalCode.KEYS_UNAVAILABLE else 403


class RuleResult(Record):
    """One rule of the gate, in the order they were asked; only the last one can have failed."""

    rule: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
    passed: bool


Text = Annotated[str, Field(max_length=512)]


class Refusal(Record):
    """A refusal. What no genuine token said is left out: nothing in it is the asker's word but
    the path, the origin and the address it came from.

    `decision_id` is the one that the answer bore; `weight` says for how many refusals of the same
    code and address this record stands.
    """

    decision_id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    at: Annotated[float, Field(ge=0)]
    code: RefusalCode
    cause: Text
    rules: tuple[RuleResult, ...] = ()
    weight: Annotated[int, Field(ge=1)] = 1
    method: Text
    issuer: Text | None = None
    subject: Text | None = None
    session_id: Text | None = None
    video_id: Text | None = None
    asset_id: Text | None = None
    name: Text | None = None
    kind: Text | None = None
    origin: Text | None = None
    peer: Text | None = None

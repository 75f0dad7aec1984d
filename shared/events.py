"""What edge and control plane tell each other: why a request was refused, in which words.

The codes are for programs and stable; the sentences are the edge's answers to people.
"""

from enum import StrEnum
from typing import Final


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

"""JWS in compact form (RFC 7515 section 7.1), taken apart more strictly than libraries do.

RFC 8725: base64url in its one spelling; header and claims are JSON objects in UTF-8, with no
member twice, no numbers but whole ones of at most 15 digits, and at most 32 brackets opened.
Signatures are not judged here.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from shared.base64url import decode_base64url

_MAX_DIGITS: Final = 15
_MAX_BRACKETS: Final = 32  # bounds the depth, whatever is on the stack when it is parsed


class JwsInvalid(ValueError):
    """A text that is no compact JWS, or a part of one that is no strict JSON object."""


def split_compact(text: str) -> tuple[bytes, bytes, bytes]:
    """Header, payload and signature, decoded; raises `JwsInvalid` unless there are three parts."""
    parts = text.split(".")
    if len(parts) != 3:
        raise JwsInvalid("not three parts")
    try:
        header, payload, signature = map(decode_base64url, parts)
    except ValueError as error:
        raise JwsInvalid(f"not base64url: {error}") from error
    return header, payload, signature


def parse_object(text: bytes) -> dict[str, Any]:
    """The members of a JSON object; raises `JwsInvalid`."""
    if text.count(b"[") + text.count(b"{") > _MAX_BRACKETS:
        raise JwsInvalid("too many arrays and objects")
    try:
        value = json.loads(
            text.decode(),
            object_pairs_hook=_unique_members,
            parse_int=_short_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except ValueError as error:
        raise JwsInvalid(f"not JSON as RFC 8725 wants it: {error}") from error
    if not isinstance(value, dict):
        raise JwsInvalid("not a JSON object")
    return value


def _unique_members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member twice")
    return members


def _short_integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("an integer too large")
    return int(digits)


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"not an integer: {text[:32]}")

"""Base64url without padding (RFC 7515 section 2), with exactly one spelling for each value."""

import base64


def encode_base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """The bytes that `text` spells; raise `ValueError` unless it is their only spelling.

    Spare bits, padding, line ends and the other alphabet would give a value many spellings
    (RFC 4648 section 3.5), all of which decode.
    """
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if encode_base64url(raw) != text:
        raise ValueError("not canonical base64url")
    return raw

"""Which pages of other origins may read answers (CORS of the Fetch standard).

By default every answer is open to all, `*`: the token in the path lets in whoever has it, and no
page can do with `*` what takes a cookie. Where cookies count, the pages that may use them are
named; then the answer differs by Origin, and says so.
"""

from typing import Final

_ANYBODY: Final = b"Access-Control-Allow-Origin: *\r\n"
VARIES: Final = b"Vary: Origin\r\n"


def name_origin(head: bytes, origin: str) -> bytes:
    """The head of an answer that pages of `origin`, which is known, may read with cookies."""
    named = b"Access-Control-Allow-Origin: %b\r\nAccess-Control-Allow-Credentials: true\r\n"
    return head.replace(_ANYBODY, named % origin.encode("ascii"), 1)

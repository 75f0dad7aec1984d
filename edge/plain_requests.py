"""What the fast lane takes for a plain request. Pure, and an allow-list: a request is plain when
every byte of it is of a form known to mean the same to every parser; anything else is none of
the fast lane's business and goes to aiohttp's parser unchanged.
"""

import re
from dataclasses import dataclass
from typing import Final

from edge.access_log import render_file
from edge.http.encodings import accepts_gzip
from shared.paths import MAIN_PLAYLIST, Kind, kind_of, parse_media_path

MAX_BLOCK: Final = 4096

# The request line's end; for every field a name, a colon, a space and a value that neither begins
# nor ends with a space; then the empty line, and nothing behind it.
_FIELD: Final = rb"([A-Za-z0-9-]{1,64}): ([!-~](?:[ -~]*[!-~])?)\r\n"
_BLOCK: Final = re.compile(rb"\r\n(?:%b){1,32}\r\n" % _FIELD)
_FIELDS: Final = re.compile(_FIELD)
_HOST: Final = re.compile(rb"[A-Za-z0-9._-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_LINE: Final = re.compile(rb"(?:GET|HEAD) /[!-~]* HTTP/1\.1")

# Fields that change nothing about the answer to a GET for a file that does not vary by them.
_HARMLESS: Final = frozenset(
    {
        b"accept",
        b"accept-language",
        b"cache-control",
        b"cmcd-object",
        b"cmcd-request",
        b"cmcd-session",
        b"cmcd-status",
        b"dnt",
        b"icy-metadata",
        b"pragma",
        b"priority",
        b"referer",
        b"sec-ch-ua",
        b"sec-ch-ua-mobile",
        b"sec-ch-ua-platform",
        b"sec-fetch-dest",
        b"sec-fetch-mode",
        b"sec-fetch-site",
        b"sec-fetch-storage-access",
        b"sec-gpc",
        b"user-agent",
        b"x-playback-session-id",
    }
)
_UNDERSTOOD: Final = frozenset({b"host", b"connection", b"accept-encoding", b"origin"})
# With these there may be a body or another protocol behind the head.
_OPEN_ENDED: Final = frozenset(
    {b"content-length", b"transfer-encoding", b"upgrade", b"expect", b"te", b"trailer"}
)


@dataclass(frozen=True, slots=True)
class Fields:
    """The header fields of a request that ends with them. `is_plain` says that the fast lane may
    answer it; whether gzip is welcome and the Origin are what it must know besides."""

    is_plain: bool
    takes_gzip: bool
    origin: str | None


OTHER_FIELDS: Final = Fields(is_plain=False, takes_gzip=False, origin=None)


@dataclass(frozen=True, slots=True)
class Target:
    """A file that a path names. `place` is where its body is kept in RAM, without a limit."""

    place: tuple[str, str, None]
    kind: Kind
    is_main: bool
    log_text: str


def read_fields(block: bytes) -> Fields | None:
    """Read everything behind a request line; None unless a request surely ends there."""
    if len(block) > MAX_BLOCK or not _BLOCK.fullmatch(block):
        return None
    pairs = [(name.lower(), value) for name, value in _FIELDS.findall(block)]
    fields = dict(pairs)
    if len(fields) != len(pairs) or not _OPEN_ENDED.isdisjoint(fields):
        return None
    if not _HOST.fullmatch(fields.get(b"host", b"")):
        return None
    if fields.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    origin = fields.get(b"origin")
    return Fields(
        is_plain=fields.keys() <= _HARMLESS | _UNDERSTOOD,
        takes_gzip=accepts_gzip(fields.get(b"accept-encoding", b"").decode()),
        origin=None if origin is None else origin.decode(),
    )


def ends_with_its_head(data: bytes) -> bool:
    """Whether these bytes are one request without a body, so that a parser is done with them."""
    line, _, _ = data.partition(b"\r")
    return _LINE.fullmatch(line) is not None and read_fields(data[len(line) :]) is not None


def read_target(rest: str) -> Target | None:
    """Read what follows a token in a request line, `<asset>/<name> HTTP/1.1`."""
    path, _, version = rest.partition(" ")
    url = parse_media_path(f"/v1/-/{path}")
    if version != "HTTP/1.1" or url is None or url.asset_id is None:
        return None
    kind = kind_of(url.name)
    return Target(
        place=(url.asset_id, url.name, None),
        kind=kind,
        is_main=url.name == MAIN_PLAYLIST,
        log_text=render_file(kind=kind, asset_id=url.asset_id, name=url.name),
    )

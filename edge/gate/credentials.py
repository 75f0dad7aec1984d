"""Where a request carries its token: path, query, Authorization header or cookie. Pure.

All four are read, and have to agree: whoever forwards or logs one of them must not be able to
slip in another. So none goes before another; only what a redirect looks like depends on which.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from multidict import CIMultiDictProxy

from edge.gate.decisions import Refused
from shared.events.refusals import RefusalCode

COOKIE_NAME: Final = "sluice_token"
QUERY_NAME: Final = "token"

_MAX_PARAMETERS: Final = 32
_TWO_TOKENS: Final = "The request carries two tokens that differ."


class Credential(NamedTuple):
    """A token, not yet judged. `in_query` and `in_path` tell where it stood."""

    token: str
    in_path: bool
    in_query: bool


def find_credential(
    path_token: str | None, query: str, headers: CIMultiDictProxy[str]
) -> Credential:
    """The one token of a request; raises `Refused` when there is none, or two that differ."""
    if path_token and not query and "Authorization" not in headers and "Cookie" not in headers:
        return Credential(path_token, in_path=True, in_query=False)
    in_query = set(_query_tokens(query))
    tokens = in_query | set(_bearer_tokens(headers)) | set(_cookie_tokens(headers))
    if path_token is not None:
        tokens.add(path_token)
    if not tokens:
        raise Refused(RefusalCode.TOKEN_MISSING)
    if len(tokens) > 1:
        raise Refused(RefusalCode.TOKEN_INVALID, _TWO_TOKENS)
    return Credential(tokens.pop(), in_path=path_token is not None, in_query=bool(in_query))


def find_bearer(headers: CIMultiDictProxy[str]) -> str:
    """The one token of the Authorization header; raises `Refused` without one. No browser adds
    that header by itself, so no other site can have it sent."""
    tokens = set(_bearer_tokens(headers))
    if not tokens:
        raise Refused(RefusalCode.TOKEN_MISSING, "It belongs into the Authorization header.")
    if len(tokens) > 1:
        raise Refused(RefusalCode.TOKEN_INVALID, _TWO_TOKENS)
    return tokens.pop()


def render_cookie(token: str, *, path: str, max_age_s: int) -> str:
    """The Set-Cookie value for a token; below `path` it goes along with every request.

    A `__Host-` prefix would want the path `/`, and with it one cookie for all films, so that a
    second film ends the first. Nothing is gained by a cookie that somebody else plants: a token
    is judged by its signature, and beside another one it is refused.
    """
    return (
        f"{COOKIE_NAME}={token}; Path={path}; Max-Age={max_age_s}; HttpOnly; Secure; SameSite=Lax"
    )


def _query_tokens(query: str) -> Iterator[str]:
    if not query:
        return
    try:
        parameters = parse_qsl(query, max_num_fields=_MAX_PARAMETERS)
    except ValueError as error:
        raise Refused(RefusalCode.TOKEN_INVALID, "The query has too many parameters.") from error
    yield from (value for name, value in parameters if name == QUERY_NAME)


def _bearer_tokens(headers: CIMultiDictProxy[str]) -> Iterator[str]:
    """RFC 6750 section 2.1; another scheme belongs to somebody else."""
    for value in headers.getall("Authorization", ()):
        scheme, _, token = value.partition(" ")
        if scheme.lower() == "bearer":
            yield token.strip()


def _cookie_tokens(headers: CIMultiDictProxy[str]) -> Iterator[str]:
    for value in headers.getall("Cookie", ()):
        for pair in value.split(";"):
            name, _, token = pair.strip().partition("=")
            if name == COOKIE_NAME:
                yield token.strip('"')

"""Where a package is read from: the web. Nothing is read by a scheme but http and https, nor behind
a chain of redirects without end.

This is apart from `sources.py` since the encoding child, which has no network, has no use for HTTP
and TLS in its memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    UnknownHandler,
)

from shared.hls.media import ByteRange
from transcoder.inspect.sources import MAX_FILE_BYTES, SourceUnreadable, check_length

MAX_REDIRECTS: Final = 5
TIMEOUT_S: Final = 30

_SCHEMES: Final = ("http", "https")
_PARTIAL_CONTENT: Final = 206


def is_web_address(text: str) -> bool:
    return urlsplit(text).scheme.lower() in _SCHEMES


class WebSource:
    """A package behind a URL; addresses are URLs. Names are shown relative to the folder of the
    first, and of where that has moved to: its path may hold a token."""

    def __init__(self, url: str) -> None:
        self._first = url
        self._folders = [urljoin(url, ".")]
        self._moved: dict[str, str] = {}
        self._opener = _make_opener()

    def resolve(self, base: str, uri: str) -> str:
        return urljoin(self._moved.get(base, base), uri)

    def show(self, address: str) -> str:
        parts = urlsplit(address)
        for folder in self._folders:
            if address.startswith(folder):
                return address.removeprefix(folder).partition("?")[0]
        return f"{parts.scheme}://{parts.hostname}/…/{parts.path.rpartition('/')[2]}"

    def read(self, address: str, byte_range: ByteRange | None = None) -> bytes:
        name = self.show(address)
        if not is_web_address(address):
            raise SourceUnreadable(f"{name} is neither http nor https")
        request = Request(address, headers={"User-Agent": "sluice-inspect"})  # noqa: S310
        if byte_range is not None:
            first = byte_range.offset or 0
            request.add_header("Range", f"bytes={first}-{first + byte_range.length - 1}")
        with _telling(name), self._opener.open(request, timeout=TIMEOUT_S) as response:
            self._note_place(address, response.url)
            return _receive(name, response, byte_range)

    def _note_place(self, address: str, url: str) -> None:
        if url != address:
            self._moved[address] = url
        if address == self._first:
            self._folders.append(urljoin(url, "."))


def _receive(name: str, response: HTTPResponse, byte_range: ByteRange | None) -> bytes:
    if byte_range is None:
        return check_length(name, response.read(MAX_FILE_BYTES + 1), None)
    if response.status != _PARTIAL_CONTENT:
        # a server need not know ranges
        response.read(byte_range.offset or 0)
    return check_length(name, response.read(byte_range.length), byte_range)


@contextmanager
def _telling(name: str) -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        error.close()
        raise SourceUnreadable(f"{name}: {error.code} {error.reason}") from error
    except URLError as error:
        raise SourceUnreadable(f"{name}: {error.reason}") from error
    except OSError as error:
        raise SourceUnreadable(f"{name}: {error.strerror or error}") from error
    except (HTTPException, ValueError) as error:
        # whose texts may hold the whole address
        raise SourceUnreadable(f"{name}: {type(error).__name__}") from error


class _Redirects(HTTPRedirectHandler):
    """http and https only, and not for ever."""

    max_redirections = MAX_REDIRECTS


def _make_opener() -> OpenerDirector:
    """Without the handlers for files, FTP and data that a default one has, and without proxies
    from the environment."""
    opener = OpenerDirector()
    for handler in (
        HTTPHandler,
        HTTPSHandler,
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
        UnknownHandler,
        _Redirects,
    ):
        opener.add_handler(handler())
    return opener

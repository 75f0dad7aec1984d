"""Where a package is read from: a folder, or the web. An address is a place as the source knows it.

What a playlist names is read, so a source says what it never reads: nothing outside the folder, no
scheme but http and https, no more bytes than a segment may have, no chain of redirects without end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urljoin, urlsplit
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

MAX_FILE_BYTES: Final = 512 * 2**20
MAX_REDIRECTS: Final = 5
TIMEOUT_S: Final = 30

_SCHEMES: Final = ("http", "https")
_PARTIAL_CONTENT: Final = 206


class SourceUnreadable(Exception):
    """A file that is not there, or is not read. The text names no token."""


class Source(Protocol):
    """Something packages are read from."""

    def resolve(self, base: str, uri: str) -> str:
        """The address of what a playlist at `base` calls `uri`."""

    def show(self, address: str) -> str:
        """A name for people."""

    def read(self, address: str, byte_range: ByteRange | None = None) -> bytes:
        """A file, or a part of it; raises `SourceUnreadable`."""


def is_web_address(text: str) -> bool:
    return urlsplit(text).scheme.lower() in _SCHEMES


class FolderSource:
    """A package on disk; addresses are relative to its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def resolve(self, base: str, uri: str) -> str:
        return urljoin(base, uri)

    def show(self, address: str) -> str:
        return address

    def read(self, address: str, byte_range: ByteRange | None = None) -> bytes:
        parts = urlsplit(address)
        path = (self._folder / unquote(parts.path)).resolve()
        if parts.scheme or parts.netloc or not path.is_relative_to(self._folder):
            raise SourceUnreadable(f"{address} lies outside the folder")
        try:
            with path.open("rb") as file:
                file.seek(byte_range.offset or 0 if byte_range else 0)
                content = file.read(byte_range.length if byte_range else MAX_FILE_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a file name"
            raise SourceUnreadable(f"{address}: {reason}") from error
        return _check_length(address, content, byte_range)


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
        return _check_length(name, response.read(MAX_FILE_BYTES + 1), None)
    if response.status != _PARTIAL_CONTENT:
        # a server need not know ranges
        response.read(byte_range.offset or 0)
    return _check_length(name, response.read(byte_range.length), byte_range)


def _check_length(name: str, content: bytes, byte_range: ByteRange | None) -> bytes:
    if byte_range is not None and len(content) < byte_range.length:
        raise SourceUnreadable(f"{name} ends before byte range {byte_range}")
    if len(content) > MAX_FILE_BYTES:
        raise SourceUnreadable(f"{name} is larger than {MAX_FILE_BYTES} bytes")
    return content


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

"""Where a package is read from: a folder here, the web in `web_source.py`. An address is a place as
the source knows it.

What a playlist names is read, so a source says what it never reads: nothing outside the folder, no
more bytes than a segment may have.
"""

from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urljoin, urlsplit

from shared.hls.media import ByteRange

MAX_FILE_BYTES: Final = 512 * 2**20


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
        return check_length(address, content, byte_range)


def check_length(name: str, content: bytes, byte_range: ByteRange | None) -> bytes:
    """What was read, if it is as long as it should be; raises `SourceUnreadable`."""
    if byte_range is not None and len(content) < byte_range.length:
        raise SourceUnreadable(f"{name} ends before byte range {byte_range}")
    if len(content) > MAX_FILE_BYTES:
        raise SourceUnreadable(f"{name} is larger than {MAX_FILE_BYTES} bytes")
    return content

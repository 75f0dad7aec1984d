"""Open files: read by descriptor, at once where the page cache has them, else with a wait.

A file stays the one that was opened, whatever is put in its place meanwhile, and closes when the
last who holds it lets go: a read that was given up in a thread cannot end in another's file.
"""

import errno
import os
import stat
from contextlib import suppress
from typing import Final, Protocol

from shared.runtime.store.interface import ObjectMissing, StoreUnavailable

AT_ONCE_BYTES: Final = 1024 * 1024
"""More than this is not copied on the event loop, however near it is."""

_scratch: Final = memoryview(bytearray(AT_ONCE_BYTES))


class FileChanged(StoreUnavailable):
    """A file is not what the listing says. The others may be as they should."""


class CannotTell(Exception):
    """This file system does not say what is in the page cache."""


class Files(Protocol):
    """Where objects are files of this machine: a local store, or the cache of a distant one."""

    def open_file(self, key: str) -> int:
        """A descriptor for reading, which the caller closes; raises `StoreError`."""

    def open_cached(self, key: str) -> int:
        """The same if it takes no disk; else raises `BlockingIOError`."""


class OpenFile:
    """The file behind a descriptor, which it owns; raises `ObjectMissing` if it is none."""

    __slots__ = ("descriptor", "key", "size_bytes")

    def __init__(self, key: str, descriptor: int) -> None:
        self.descriptor = descriptor
        self.key = key
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ObjectMissing(key)
        self.size_bytes = status.st_size

    def __del__(self) -> None:
        os.close(self.descriptor)

    def check_size(self, size_bytes: int) -> None:
        """Raise `FileChanged` unless it has the size it is listed with."""
        if self.size_bytes != size_bytes:
            raise FileChanged(f"{self.key}: {self.size_bytes} bytes where {size_bytes} should be")

    def read(self, offset: int, length: int) -> bytes:
        """These very bytes; may wait for the disk. Raises `StoreUnavailable`."""
        try:
            content = os.pread(self.descriptor, length, offset)
        except OSError as error:
            raise StoreUnavailable(f"{self.key}: {error.strerror}") from error
        if len(content) != length:
            raise FileChanged(f"{self.key}: {len(content)} bytes where {length} should be")
        return content

    def read_cached(self, offset: int, length: int) -> bytes:
        """The same at once, for one thread alone and up to `AT_ONCE_BYTES`.

        Raises `BlockingIOError` while it is not all in the page cache, `StoreUnavailable`, and
        `CannotTell` where the file system cannot say.
        """
        try:
            count = os.preadv(self.descriptor, [_scratch[:length]], offset, os.RWF_NOWAIT)
        except BlockingIOError:
            raise
        except OSError as error:
            if error.errno == errno.EOPNOTSUPP:
                raise CannotTell(self.key) from error
            raise StoreUnavailable(f"{self.key}: {error.strerror}") from error
        if count != length:
            raise BlockingIOError(errno.EAGAIN, f"{count} of {length} bytes are here", self.key)
        return bytes(_scratch[:length])

    def call_up(self, offset: int, length: int) -> None:
        """Have the kernel begin to read, where the file system knows how to."""
        with suppress(OSError):
            os.posix_fadvise(self.descriptor, offset, length, os.POSIX_FADV_WILLNEED)

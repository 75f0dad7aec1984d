"""Bytes of unfinished uploads, on disk. How many have arrived is the size of the file, so that
after a crash what is there is what counts.

`<spool>/<upload>` holds the bytes. Whoever writes holds `<spool>/<upload>.lock`, which also says
from where on the bytes have a checksum that was not looked at yet.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from django.conf import settings

from control_plane.uploads.protocol import Checksum

_LOCK: Final = ".lock"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class SpoolError(Exception):
    """Bytes that cannot be kept."""


class SpoolBusy(SpoolError):
    """Somebody else is writing."""


class SpoolFull(SpoolError):
    """There is no room left."""


def spool_folder() -> Path:
    folder: Path = settings.CONFIG.spool
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def spool_path(upload_id: UUID) -> Path:
    """Where an upload's bytes are."""
    return spool_folder() / str(upload_id)


def measure_spool(upload_id: UUID) -> int | None:
    """How many bytes have arrived; None when there is no file."""
    try:
        return spool_path(upload_id).stat().st_size
    except FileNotFoundError:
        return None


def list_spool() -> set[str]:
    """The uploads that have files here; whatever else lies here is none of ours."""
    names = {path.name.removesuffix(_LOCK) for path in spool_folder().iterdir()}
    return set(filter(_is_id, names))


def remove_spool(name: str) -> None:
    """Remove an upload's files, of which none need be there."""
    (spool_folder() / name).unlink(missing_ok=True)
    (spool_folder() / f"{name}{_LOCK}").unlink(missing_ok=True)


def lock_spool(upload_id: UUID) -> BinaryIO:
    """Take the turn to write, across processes; it is over when the file returned is closed.

    Bytes that a killed process could not check are cut off. Raises `SpoolBusy` when somebody
    else has the turn.
    """
    lock = _lock_path(upload_id).open("a+b")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise SpoolBusy(str(upload_id)) from error
    lock.seek(0)
    if unchecked_from := lock.read():
        os.truncate(spool_path(upload_id), int(unchecked_from))
        lock.truncate(0)
    return lock


def _lock_path(upload_id: UUID) -> Path:
    return spool_folder() / f"{upload_id}{_LOCK}"


class SpoolFile:
    """The end of a spool file, where the bytes of one request are written under the lock."""

    def __init__(self, upload_id: UUID, checksum: Checksum | None = None) -> None:
        self._mark = _lock_path(upload_id)
        self._file = spool_path(upload_id).open("ab", buffering=0)
        self._start = self._file.tell()
        self._unchecked = checksum
        self._hash = None if checksum is None else checksum.begin()
        if checksum is not None:
            self._mark.write_text(str(self._start))

    def append(self, chunk: bytes) -> None:
        """Write all of `chunk`, or as much as there is room for and raise `SpoolFull`."""
        with _translated():
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._file.write(rest) :]
        if self._hash is not None:
            self._hash.update(chunk)

    def settle(self) -> int:
        """Make sure that the bytes are right and on the disk; the size of the file then."""
        if self._unchecked is not None and self._hash is not None:
            self._unchecked.check(self._hash.digest())
        with _translated():
            os.fsync(self._file.fileno())
        self._keep()
        return self._file.tell()

    def undo(self) -> None:
        """Cut off what this request wrote."""
        self._file.truncate(self._start)
        self._keep()

    def close(self) -> None:
        """Bytes whose checksum was never looked at do not stay."""
        if self._unchecked is not None:
            self.undo()
        self._file.close()

    def _keep(self) -> None:
        if self._unchecked is not None:
            self._mark.write_text("")
        self._unchecked = None


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise SpoolFull from error
        raise

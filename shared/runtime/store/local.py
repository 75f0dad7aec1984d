"""The media store in a local directory: a key is a path below its root.

Objects are written beside their place and moved into it, so that a reader sees all of an object
or none, even after a power cut. Keys are checked, so that no key leads out of the root. The file
system must know hard links: `create` needs a step that fails where a file is.
"""

import errno
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Final

from shared.paths import PathInvalid, check_key
from shared.runtime.store.cached_open import CachedOpen
from shared.runtime.store.interface import (
    ObjectExists,
    ObjectMissing,
    StoreError,
    StoreFull,
    StoreUnavailable,
)

_INCOMING: Final = ".incoming"
_OBJECT_MODE: Final = 0o640
_ABANDONED_AFTER_S: Final = 24 * 3600
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_NOT_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR)
_READ_ONLY: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""Without waiting, since a pipe in an object's place would make it wait for a writer."""


class LocalStore:
    """A `Store` in the directory `root`, which is made when it is not there."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._open_cached = CachedOpen(_READ_ONLY)
        (self._root / _INCOMING).mkdir(parents=True, exist_ok=True)

    def check_reachable(self) -> None:
        if not (self._root / _INCOMING).is_dir():
            raise StoreUnavailable(f"{self._root} is not there")

    def put(self, key: str, content: bytes, *, create: bool = False) -> None:
        target = self._path(key)
        with _writing(key), self._temporary() as temporary:
            temporary.write_bytes(content)
            _settle(temporary)
            _make_folder(target.parent)
            if create:
                _link(temporary, target, key)
            else:
                temporary.replace(target)
            _sync(target.parent)

    def put_file(self, key: str, path: Path) -> None:
        target = self._path(key)
        with _writing(key):
            _settle(path)
            _make_folder(target.parent)
            try:
                path.replace(target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                self._copy_across(path, target)
            _sync(target.parent)

    def copy_all(self, copies: Iterable[tuple[str, str]]) -> None:
        folders = set()
        for key, new_key in copies:
            target = self._path(new_key)
            with _writing(new_key):
                _make_folder(target.parent)
                self._link_over(self._path(key), target, key)
            folders.add(target.parent)
        for folder in folders:
            with _writing(folder.name):
                _sync(folder)

    def get(self, key: str) -> bytes:
        with _reading(key):
            return self._path(key).read_bytes()

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        with self.open(key) as file, _reading(key):
            file.seek(offset)
            return file.read(length)

    def open(self, key: str) -> BinaryIO:
        with _reading(key):
            return self._path(key).open("rb")

    def open_file(self, key: str) -> int:
        """A descriptor for reading, which the caller closes; raises `ObjectMissing`."""
        with _reading(key):
            return os.open(f"{self._root}/{check_key(key)}", _READ_ONLY)

    def open_cached(self, key: str) -> int:
        """The same if it takes no disk; else raises `BlockingIOError`."""
        try:
            return self._open_cached(f"{self._root}/{check_key(key)}")
        except BlockingIOError:
            raise
        except OSError as error:
            raise _explain(error, key) from error

    def size(self, key: str) -> int:
        with _reading(key):
            status = self._path(key).stat()
        if not stat.S_ISREG(status.st_mode):
            raise ObjectMissing(key)
        return status.st_size

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except ObjectMissing:
            return False
        return True

    def list_keys(self, prefix: str) -> Iterator[str]:
        with _reading(prefix):
            return iter(sorted(self._walk(self._folder(prefix))))

    def list_folders(self, prefix: str) -> Iterator[str]:
        with _reading(prefix), suppress(FileNotFoundError, NotADirectoryError):
            entries = [entry for entry in os.scandir(self._folder(prefix)) if entry.is_dir()]
            return iter(sorted(entry.name for entry in entries if not entry.name.startswith(".")))
        return iter(())

    def free_bytes(self) -> int | None:
        with _reading(self._root.name):
            return shutil.disk_usage(self._root).free

    def delete(self, key: str) -> None:
        with suppress(ObjectMissing), _reading(key):
            self._path(key).unlink()

    def delete_prefix(self, prefix: str) -> None:
        for key in self.list_keys(prefix):  # asset.json comes first: then there is no asset
            self.delete(key)
        shutil.rmtree(self._folder(prefix), ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _folder(self, prefix: str) -> Path:
        if not prefix.endswith("/"):
            raise PathInvalid(f"not a prefix of store keys: {prefix[:64]!r}")
        return self._root / check_key(prefix.removesuffix("/"))

    def _walk(self, folder: Path) -> Iterator[str]:
        for parent, _, names in os.walk(folder, onerror=_pass_missing):
            place = Path(parent).relative_to(self._root).as_posix()
            yield from (f"{place}/{name}" for name in names if not name.startswith("."))

    @cached_property
    def _incoming(self) -> Path:
        """Where objects are written, without what killed writers left there."""
        folder = self._root / _INCOMING
        for leftover in folder.iterdir():
            with suppress(FileNotFoundError):
                if time.time() - leftover.stat().st_mtime > _ABANDONED_AFTER_S:
                    leftover.unlink()
        return folder

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        descriptor, name = tempfile.mkstemp(dir=self._incoming)
        os.close(descriptor)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _link_over(self, path: Path, target: Path, key: str) -> None:
        """A second name for an object, whatever has that name now."""
        try:
            target.hardlink_to(path)
        except FileNotFoundError as error:
            raise ObjectMissing(key) from error
        except FileExistsError:
            with self._temporary() as temporary:
                temporary.unlink()
                temporary.hardlink_to(path)
                temporary.replace(target)

    def _copy_across(self, path: Path, target: Path) -> None:
        with self._temporary() as temporary:
            shutil.copyfile(path, temporary)
            _settle(temporary)
            temporary.replace(target)
        path.unlink()


def _link(temporary: Path, target: Path, key: str) -> None:
    """A second name for the file: that fails where `replace` would replace."""
    try:
        target.hardlink_to(temporary)
    except FileExistsError as error:
        raise ObjectExists(key) from error


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it so that they last."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _settle(path: Path) -> None:
    """A finished file: readable, and on the disk before a name leads to it."""
    path.chmod(_OBJECT_MODE)
    _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pass_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


@contextmanager
def _reading(key: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _explain(error, key) from error


def _explain(error: OSError, key: str) -> StoreError:
    if error.errno in _NOT_THERE:
        return ObjectMissing(key)
    return StoreUnavailable(f"{key}: {error.strerror}")


@contextmanager
def _writing(key: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StoreFull(key) from error
        raise StoreUnavailable(f"{key}: {error.strerror}") from error

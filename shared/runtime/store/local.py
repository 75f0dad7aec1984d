"""The media store in a local directory: a key is a path below its root.

Objects are written beside their place and moved into it, so that a reader sees all of an object
or none. Keys are checked, so that no key leads out of the root.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from shared.paths import check_key
from shared.runtime.store.interface import (
    ObjectExists,
    ObjectMissing,
    StoreFull,
    StoreUnavailable,
)

_INCOMING = ".incoming"
_OBJECT_MODE = 0o640


class LocalStore:
    """A `Store` in the directory `root`, which is made when it is not there."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._incoming = self._root / _INCOMING
        self._incoming.mkdir(parents=True, exist_ok=True)

    def check_reachable(self) -> None:
        if not self._incoming.is_dir():
            raise StoreUnavailable(f"{self._root} is not there")

    def put(self, key: str, content: bytes, *, create: bool = False) -> None:
        target = self._path(key)
        with _translated(key):
            temporary = self._write_aside(content)
            try:
                self._move(temporary, target, create=create)
            finally:
                temporary.unlink(missing_ok=True)

    def put_file(self, key: str, path: Path) -> None:
        target = self._path(key)
        with _translated(key):
            path.chmod(_OBJECT_MODE)
            _sync(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.rename(target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                self._copy_across(path, target)

    def get(self, key: str) -> bytes:
        with _translated(key):
            return self._path(key).read_bytes()

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        with self.open(key) as file, _translated(key):
            file.seek(offset)
            return file.read(length)

    def open(self, key: str) -> BinaryIO:
        with _translated(key):
            return self._path(key).open("rb")

    def size(self, key: str) -> int:
        with _translated(key):
            return self._path(key).stat().st_size

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def list_keys(self, prefix: str) -> Iterator[str]:
        folder = self._folder(prefix)
        names = (path.relative_to(self._root).as_posix() for path in folder.rglob("*"))
        yield from sorted(name for name in names if (self._root / name).is_file())

    def delete(self, key: str) -> None:
        with _translated(key):
            self._path(key).unlink(missing_ok=True)

    def delete_prefix(self, prefix: str) -> None:
        with _translated(prefix):
            shutil.rmtree(self._folder(prefix), ignore_errors=False, onerror=_pass_missing)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _folder(self, prefix: str) -> Path:
        return self._root / check_key(prefix.removesuffix("/"))

    def _write_aside(self, content: bytes) -> Path:
        descriptor, name = tempfile.mkstemp(dir=self._incoming)
        with open(descriptor, "wb") as file:  # noqa: PTH123  (a descriptor, not a path)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary = Path(name)
        temporary.chmod(_OBJECT_MODE)
        return temporary

    def _move(self, temporary: Path, target: Path, *, create: bool) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if create:
            # link fails where rename would replace
            target.hardlink_to(temporary)
        else:
            temporary.replace(target)

    def _copy_across(self, path: Path, target: Path) -> None:
        descriptor, name = tempfile.mkstemp(dir=self._incoming)
        os.close(descriptor)
        temporary = Path(name)
        try:
            shutil.copyfile(path, temporary)
            temporary.chmod(_OBJECT_MODE)
            _sync(temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        path.unlink()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _pass_missing(_function: object, _path: str, error: tuple[type, BaseException, object]) -> None:
    if not isinstance(error[1], FileNotFoundError):
        raise error[1]


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Turn the operating system's errors into the store's."""
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(key) from error
    except FileExistsError as error:
        raise ObjectExists(key) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(key) from error
        raise StoreUnavailable(f"{key}: {error}") from error

"""What every media store can do, and how it says no.

Keys are those of `shared.paths`. An object appears whole or not at all, and is never changed in
place: writers replace it, or create it where none may be there.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol


class StoreError(Exception):
    """Anything a store cannot do."""


class ObjectMissing(StoreError):
    """No object has this key."""


class ObjectExists(StoreError):
    """An object has this key already, and was to be created."""


class StoreFull(StoreError):
    """There is no room left."""


class StoreUnavailable(StoreError):
    """The store did not answer as it should; trying again may help."""


class Store(Protocol):
    """A flat space of immutable objects. Every call may block on I/O; sizes are in bytes."""

    def check_reachable(self) -> None:
        """Raise `StoreUnavailable` when the store does not answer."""

    def put(self, key: str, content: bytes, *, create: bool = False) -> None:
        """Write an object. With `create`, raise `ObjectExists` when there is one already."""

    def put_file(self, key: str, path: Path) -> None:
        """Take over a finished local file as an object; `path` may be gone afterwards."""

    def copy_all(self, copies: Iterable[tuple[str, str]]) -> None:
        """Give objects a second key each, (key, new key), without sending their bytes about; what
        is there is replaced. Raises `ObjectMissing`, and then some may be copied."""

    def get(self, key: str) -> bytes:
        """The whole object; raises `ObjectMissing`."""

    def get_range(self, key: str, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`, none past the end; raises `ObjectMissing`."""

    def open(self, key: str) -> BinaryIO:
        """A seekable, read-only file over the object; raises `ObjectMissing`."""

    def size(self, key: str) -> int:
        """The object's size; raises `ObjectMissing`."""

    def exists(self, key: str) -> bool:
        """Whether there is an object of this key."""

    def list_keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with `prefix`, which ends in a slash, in order."""

    def list_folders(self, prefix: str) -> Iterator[str]:
        """The first part below `prefix`, which ends in a slash, of the keys that go on after it,
        in order; without a look at the keys themselves where there are many."""

    def free_bytes(self) -> int | None:
        """How much more it holds at present; None when nobody can know."""

    def delete(self, key: str) -> None:
        """Remove an object; no error when there is none."""

    def delete_prefix(self, prefix: str) -> None:
        """Remove every object below `prefix`, which ends in a slash."""

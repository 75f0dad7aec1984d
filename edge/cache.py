"""File bodies in RAM: bounded in bytes, the least recently used leave first."""

from collections import OrderedDict
from typing import Final, Generic, Protocol, TypeVar

_ENTRY_OVERHEAD: Final = 2048


class Sized(Protocol):
    """What knows how many bytes its body has."""

    @property
    def size_bytes(self) -> int: ...


Key = TypeVar("Key")
Entry = TypeVar("Entry", bound=Sized)


class RamCache(Generic[Key, Entry]):
    """At most `capacity_bytes` of entries, none larger than an eighth of that."""

    def __init__(self, capacity_bytes: int) -> None:
        self._capacity = capacity_bytes
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self.held_bytes = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return entry

    def admits(self, size_bytes: int) -> bool:
        """Whether an entry of this size may be kept at all."""
        return size_bytes + _ENTRY_OVERHEAD <= self._capacity // 8

    def put(self, key: Key, entry: Entry) -> None:
        if not self.admits(entry.size_bytes):
            return
        self._drop(key)
        self._entries[key] = entry
        self.held_bytes += entry.size_bytes + _ENTRY_OVERHEAD
        while self.held_bytes > self._capacity:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.held_bytes -= entry.size_bytes + _ENTRY_OVERHEAD

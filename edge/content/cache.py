"""Entries in RAM, bounded in bytes, kept for being asked for again: S3-FIFO.

Yang and others, "FIFO queues are all you need for cache eviction" (SOSP 2023). What is new waits in
a small queue; only what is hit there twice, or comes back soon after it left, gets into the
main one. So a scan of a thousand films passes through a tenth of the room, and a hit moves nothing.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Final, Generic, Protocol, TypeVar

_ENTRY_OVERHEAD: Final = 2048
_LARGEST: Final = 8
"""One part in so many of the capacity is the largest entry."""
_PROBATION: Final = 10
"""One part in so many of the capacity is for what is new."""
_MAX_FREQUENCY: Final = 3
_PROVEN: Final = 2
_MAX_GHOSTS: Final = 32_768


class Sized(Protocol):
    """What knows how many bytes it holds."""

    @property
    def size_bytes(self) -> int: ...


Key = TypeVar("Key", bound=Hashable)
Entry = TypeVar("Entry", bound=Sized)


class _Queue(Generic[Key, Entry]):
    """Slots in the order they came, and what they cost together."""

    __slots__ = ("cost", "slots")

    def __init__(self) -> None:
        self.slots: deque[_Slot[Key, Entry]] = deque()
        self.cost = 0

    def push(self, slot: "_Slot[Key, Entry]") -> None:
        slot.queue = self
        self.slots.append(slot)
        self.cost += slot.cost

    def pop(self) -> "_Slot[Key, Entry]":
        slot = self.slots.popleft()
        self.cost -= slot.cost
        return slot

    def discard(self, matches: Callable[[Key], bool]) -> None:
        self.slots = deque(slot for slot in self.slots if not matches(slot.key))
        self.cost = sum(slot.cost for slot in self.slots)


class _Slot(Generic[Key, Entry]):
    """An entry in its queue, and how often it was hit, up to a few times."""

    __slots__ = ("cost", "entry", "frequency", "key", "queue")

    def __init__(self, key: Key, entry: Entry) -> None:
        self.key = key
        self.entry = entry
        self.cost = _cost_of(entry)
        self.frequency = 0
        self.queue: _Queue[Key, Entry]

    def refill(self, entry: Entry) -> None:
        cost = _cost_of(entry)
        self.queue.cost += cost - self.cost
        self.cost = cost
        self.entry = entry


class RamCache(Generic[Key, Entry]):
    """At most `capacity_bytes` of entries, none larger than an eighth of that."""

    def __init__(self, capacity_bytes: int) -> None:
        self._capacity = capacity_bytes
        self._slots: dict[Key, _Slot[Key, Entry]] = {}
        self._new: _Queue[Key, Entry] = _Queue()
        self._main: _Queue[Key, Entry] = _Queue()
        self._ghosts: OrderedDict[int, None] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def held_bytes(self) -> int:
        return self._new.cost + self._main.cost

    def __contains__(self, key: Key) -> bool:
        return key in self._slots

    def get(self, key: Key) -> Entry | None:
        entry = self.find(key)
        if entry is None:
            self.misses += 1
        return entry

    def find(self, key: Key) -> Entry | None:
        """As `get`, for one who leaves it to another to go and get what is missing, and to count
        that."""
        slot = self._slots.get(key)
        if slot is None:
            return None
        self.hits += 1
        if slot.frequency < _MAX_FREQUENCY:
            slot.frequency += 1
        return slot.entry

    def admits(self, size_bytes: int) -> bool:
        """Whether an entry of this size may be kept at all."""
        return size_bytes + _ENTRY_OVERHEAD <= self._capacity // _LARGEST

    def put(self, key: Key, entry: Entry) -> None:
        """Keep an entry, in the place of an older one of this key, for as long as room allows."""
        slot = self._slots.get(key)
        if not self.admits(entry.size_bytes):
            if slot is not None:
                self.discard(lambda other: other == key)
            return
        if slot is None:
            self._add(_Slot(key, entry))
        else:
            slot.refill(entry)
        while self.held_bytes > self._capacity:
            self._make_room()

    def discard(self, matches: Callable[[Key], bool]) -> None:
        """Drop every entry whose key matches; takes a look at each."""
        for key in [key for key in self._slots if matches(key)]:
            del self._slots[key]
        self._new.discard(matches)
        self._main.discard(matches)

    def _add(self, slot: _Slot[Key, Entry]) -> None:
        self._slots[slot.key] = slot
        ghost = hash(slot.key)
        if ghost in self._ghosts:
            del self._ghosts[ghost]
            self._main.push(slot)
        else:
            self._new.push(slot)

    def _make_room(self) -> None:
        """One step: something leaves, or what has proven itself gets another round."""
        if self._new.cost > self._capacity // _PROBATION or not self._main.slots:
            self._judge_newcomer(self._new.pop())
        else:
            self._judge_veteran(self._main.pop())

    def _judge_newcomer(self, slot: _Slot[Key, Entry]) -> None:
        if slot.frequency >= _PROVEN:
            slot.frequency = 0
            self._main.push(slot)
            return
        del self._slots[slot.key]
        self._ghosts[hash(slot.key)] = None
        while len(self._ghosts) > min(len(self._slots), _MAX_GHOSTS):
            self._ghosts.popitem(last=False)

    def _judge_veteran(self, slot: _Slot[Key, Entry]) -> None:
        if slot.frequency == 0:
            del self._slots[slot.key]
            return
        slot.frequency -= 1
        self._main.push(slot)


def _cost_of(entry: Sized) -> int:
    return entry.size_bytes + _ENTRY_OVERHEAD

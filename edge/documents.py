"""Parsed documents from the store, such as every `asset.json` in use: few, and read once."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from edge.flights import Flights
from edge.reader import Reader
from shared.asset import AssetInvalid
from shared.runtime.store.interface import ObjectMissing, StoreUnavailable

ABSENCE_S: Final = 1.0

_MAX_ABSENT: Final = 4096

Document = TypeVar("Document")


@dataclass(frozen=True, slots=True)
class Sort(Generic[Document]):
    """One sort of documents: where the one of an id lies, how it is parsed (in the reader's
    thread; raises `AssetInvalid`), for how long it holds, and how many are kept."""

    key_of: Callable[[str], str]
    parse: Callable[[str, bytes], Document]
    keep_s: float
    bound: int


class Documents(Generic[Document]):
    """Documents by id. That one is absent is remembered for a second, in a place of its own, so
    that asking for what does not exist drives out nothing that does."""

    def __init__(self, sort: Sort[Document], reader: Reader, *, clock: Callable[[], float]) -> None:
        self._sort = sort
        self._reader = reader
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Document]] = OrderedDict()
        self._absent: OrderedDict[str, float] = OrderedDict()
        self._flights: Flights[str, Document | None] = Flights()

    async def find(self, identifier: str) -> Document | None:
        """The document, or None when there is none.

        Raises `ReaderBusy`, and `StoreError` also of a document that breaks its format.
        """
        now = self._clock()
        expires_at, document = self._kept.get(identifier, (0.0, None))
        if now < expires_at:
            self._kept.move_to_end(identifier)
            return document
        if now < self._absent.get(identifier, 0.0):
            return None
        return await self._flights.join(identifier, partial(self._read, identifier))

    async def _read(self, identifier: str) -> Document | None:
        key = self._sort.key_of(identifier)
        try:
            document = await self._reader.read_parsed(key, partial(self._sort.parse, identifier))
        except ObjectMissing:
            self._kept.pop(identifier, None)
            _remember(self._absent, identifier, self._clock() + ABSENCE_S, bound=_MAX_ABSENT)
            return None
        except AssetInvalid as error:
            raise StoreUnavailable(f"{key}: {error}") from error
        entry = (self._clock() + self._sort.keep_s, document)
        _remember(self._kept, identifier, entry, bound=self._sort.bound)
        return document


Value = TypeVar("Value")


def _remember(
    memory: OrderedDict[str, Value], identifier: str, value: Value, *, bound: int
) -> None:
    memory[identifier] = value
    memory.move_to_end(identifier)
    if len(memory) > bound:
        memory.popitem(last=False)

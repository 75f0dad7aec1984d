"""Parsed documents from the store, such as every `asset.json` in use: bounded, and read once."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from edge.content.cache import RamCache
from edge.content.flights import Flights
from edge.content.reader import Reader
from shared.asset import AssetInvalid
from shared.runtime.store.interface import ObjectMissing, StoreUnavailable

ABSENCE_S: Final = 1.0

_MAX_ABSENT: Final = 4096

Document = TypeVar("Document")


@dataclass(frozen=True, slots=True)
class Sort(Generic[Document]):
    """One sort of documents: where the one of an id lies, how it is parsed (in the reader's
    thread; raises `AssetInvalid`), for how long it holds, and how many bytes are kept of them."""

    key_of: Callable[[str], str]
    parse: Callable[[str, bytes], Document]
    keep_s: float
    capacity_bytes: int


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Document]):
    """A document, as large as its text was: no parsed form may be much larger than that."""

    document: Document
    size_bytes: int
    expires_at: float


class Documents(Generic[Document]):
    """Documents by id. That one is absent is remembered for a second, in a place of its own, so
    that asking for what does not exist drives out nothing that does."""

    def __init__(self, sort: Sort[Document], reader: Reader, *, clock: Callable[[], float]) -> None:
        self._sort = sort
        self._reader = reader
        self._clock = clock
        self._kept: RamCache[str, _Kept[Document]] = RamCache(sort.capacity_bytes)
        self._absent: OrderedDict[str, float] = OrderedDict()
        self._flights: Flights[str, Document | None] = Flights()

    def recall(self, identifier: str) -> Document | None:
        """The document where it is at hand."""
        kept = self._kept.get(identifier)
        return kept.document if kept is not None and self._clock() < kept.expires_at else None

    async def find(self, identifier: str) -> Document | None:
        """The document, or None when there is none.

        Raises `ReaderBusy`, and `StoreError` also of a document that breaks its format.
        """
        document = self.recall(identifier)
        if document is not None:
            return document
        if self._clock() < self._absent.get(identifier, 0.0):
            return None
        return await self._flights.join(identifier, partial(self._read, identifier))

    async def _read(self, identifier: str) -> Document | None:
        key = self._sort.key_of(identifier)
        try:
            kept = await self._reader.read_parsed(key, partial(self._parse, identifier))
        except ObjectMissing:
            self._note_absence(identifier)
            return None
        except AssetInvalid as error:
            raise StoreUnavailable(f"{key}: {error}") from error
        self._kept.put(identifier, kept)
        return kept.document

    def _parse(self, identifier: str, text: bytes) -> _Kept[Document]:
        document = self._sort.parse(identifier, text)
        return _Kept(document, len(text), self._clock() + self._sort.keep_s)

    def _note_absence(self, identifier: str) -> None:
        self._absent[identifier] = self._clock() + ABSENCE_S
        self._absent.move_to_end(identifier)
        if len(self._absent) > _MAX_ABSENT:
            self._absent.popitem(last=False)

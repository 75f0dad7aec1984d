"""Documents from the store: kept, read again when it is time, and remembered when absent."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from edge.content.documents import ABSENCE_S, Documents, Sort
from edge.content.reader import Reader
from shared.asset import AssetInvalid
from shared.runtime.store.interface import StoreUnavailable
from shared.runtime.store.local import LocalStore

KEEP_S = 5.0
CAPACITY = 100_000


@dataclass
class Shelf:
    """Documents under a clock of the test's own; `parsed` says how often each was read."""

    store: LocalStore
    reader: Reader
    now: float = 100.0
    parsed: list[str] = field(default_factory=list)
    documents: Documents[bytes] = field(init=False)

    def __post_init__(self) -> None:
        sort = Sort("videos/{}.json".format, self.parse, keep_s=KEEP_S, capacity_bytes=CAPACITY)
        self.documents = Documents(sort, self.reader, clock=lambda: self.now)

    def parse(self, identifier: str, content: bytes) -> bytes:
        self.parsed.append(identifier)
        if content == b"damaged":
            raise AssetInvalid("damaged")
        return content

    def put(self, identifier: str, content: bytes) -> None:
        self.store.put(f"videos/{identifier}.json", content)


@pytest.fixture
def shelf(store: LocalStore) -> Iterator[Shelf]:
    reader = Reader(store, threads=2, queue=8)
    yield Shelf(store, reader)
    reader.close()


async def test_a_document_is_read_once_for_all_who_want_it(shelf: Shelf) -> None:
    shelf.put("a", b"one")
    found = await asyncio.gather(*(shelf.documents.find("a") for _ in range(10)))
    assert found == [b"one"] * 10
    assert shelf.parsed == ["a"]


async def test_a_document_is_kept_for_its_time_and_then_read_again(shelf: Shelf) -> None:
    shelf.put("a", b"one")
    await shelf.documents.find("a")
    shelf.put("a", b"two")
    shelf.now += KEEP_S - 0.1
    assert await shelf.documents.find("a") == b"one"
    shelf.now += 0.1
    assert await shelf.documents.find("a") == b"two"


async def test_absence_is_remembered_for_a_second(shelf: Shelf) -> None:
    assert await shelf.documents.find("a") is None
    shelf.put("a", b"one")
    shelf.now += ABSENCE_S - 0.1
    assert await shelf.documents.find("a") is None
    shelf.now += 0.1
    assert await shelf.documents.find("a") == b"one"


async def test_a_document_that_was_removed_is_forgotten_in_time(shelf: Shelf) -> None:
    shelf.put("a", b"one")
    await shelf.documents.find("a")
    shelf.store.delete("videos/a.json")
    shelf.now += KEEP_S
    assert await shelf.documents.find("a") is None


async def test_documents_are_kept_as_far_as_there_is_room(shelf: Shelf) -> None:
    text = bytes(CAPACITY // 10)
    identifiers = [f"film-{number}" for number in range(12)]
    for identifier in identifiers:
        shelf.put(identifier, text)
        await shelf.documents.find(identifier)
    shelf.parsed.clear()
    await shelf.documents.find(identifiers[-1])
    await shelf.documents.find(identifiers[0])
    assert shelf.parsed == identifiers[:1]


async def test_what_is_wanted_often_stays_when_everything_else_is_asked_for_once(
    shelf: Shelf,
) -> None:
    shelf.put("hot", b"one")
    for _ in range(3):
        await shelf.documents.find("hot")
    for number in range(50):
        shelf.put(f"cold-{number}", bytes(CAPACITY // 10))
        await shelf.documents.find(f"cold-{number}")
    await shelf.documents.find("hot")
    assert shelf.parsed.count("hot") == 1


async def test_asking_for_what_is_absent_drives_nothing_out(shelf: Shelf) -> None:
    shelf.put("a", b"one")
    for identifier in ("a", "x", "y", "z", "a"):
        await shelf.documents.find(identifier)
    assert shelf.parsed == ["a"]


async def test_a_damaged_document_is_the_store_s_failure_and_not_kept(shelf: Shelf) -> None:
    shelf.put("a", b"damaged")
    with pytest.raises(StoreUnavailable, match=r"videos/a\.json: damaged"):
        await shelf.documents.find("a")
    shelf.put("a", b"mended")
    assert await shelf.documents.find("a") == b"mended"

"""Reads off the loop, and their bound."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from edge.reader import Reader, ReaderBusy
from shared.runtime.store.interface import ObjectMissing
from shared.runtime.store.local import LocalStore

KEY = "videos/film.json"


@pytest.fixture
def reader(store: LocalStore) -> Iterator[Reader]:
    store.put(KEY, b"0123456789")
    reader = Reader(store, threads=1, queue=2)
    yield reader
    reader.close()


async def test_objects_are_read_whole_in_part_and_parsed(reader: Reader) -> None:
    assert await reader.read(KEY) == b"0123456789"
    assert await reader.read_range(KEY, 3, 4) == b"3456"
    assert await reader.read_parsed(KEY, int) == 123456789
    assert reader.pending == 0


async def test_a_missing_object_is_said_to_be_missing(reader: Reader) -> None:
    with pytest.raises(ObjectMissing):
        await reader.read("videos/other.json")
    assert reader.pending == 0


async def test_parsing_happens_in_another_thread(reader: Reader) -> None:
    name = await reader.read_parsed(KEY, lambda _: threading.current_thread().name)
    assert name.startswith("edge-read")


async def test_past_the_queue_s_end_reads_are_refused_but_for_patient_ones(reader: Reader) -> None:
    release = threading.Event()
    held = [
        asyncio.create_task(reader.read_parsed(KEY, lambda _: release.wait())) for _ in range(2)
    ]
    await asyncio.sleep(0)
    with pytest.raises(ReaderBusy):
        await reader.read(KEY)
    patient = asyncio.create_task(reader.read_range(KEY, 0, 1, patient=True))
    release.set()
    assert await patient == b"0"
    assert await asyncio.gather(*held) == [True, True]
    assert await reader.read(KEY) == b"0123456789"

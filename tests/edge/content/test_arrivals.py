"""Bytes on their way from the disk: looked for now and then, and not for ever."""

import asyncio
import errno
import os

import pytest

from edge.content.arrivals import LOOKS, Arrivals
from edge.content.files import OpenFile
from shared.runtime.store.interface import StoreUnavailable
from shared.runtime.store.local import LocalStore

KEY = "videos/film"
CONTENT = b"0123456789"


@pytest.fixture
def file(store: LocalStore) -> OpenFile:
    store.put(KEY, CONTENT)
    return OpenFile(KEY, store.open_file(KEY))


class Disk:
    """Lets reads at once succeed from the `arrives`th look on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, arrives: int) -> None:
        self._read = os.preadv
        self._arrives = arrives
        self.looks = 0
        monkeypatch.setattr(os, "preadv", self.read)

    def read(self, *arguments: "int | list[memoryview]") -> int:
        self.looks += 1
        if self.looks < self._arrives:
            raise BlockingIOError(errno.EAGAIN, "not yet")
        return self._read(*arguments)  # type: ignore[arg-type]


async def test_what_arrives_is_given_to_who_waits(
    file: OpenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch, arrives=3)
    assert await Arrivals().await_bytes(file, 2, 5) == b"23456"
    assert disk.looks == 3


async def test_what_does_not_arrive_soon_is_given_up(
    file: OpenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch, arrives=1_000)
    assert await Arrivals().await_bytes(file, 0, 10) is None
    assert disk.looks == LOOKS


async def test_many_are_expected_at_once_and_later_ones_after_them(file: OpenFile) -> None:
    arrivals = Arrivals()
    for _ in range(2):
        parts = await asyncio.gather(*(arrivals.await_bytes(file, at, 1) for at in range(10)))
        assert parts == [CONTENT[at : at + 1] for at in range(10)]


async def test_who_leaves_is_not_looked_for(
    file: OpenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch, arrives=1)
    arrivals = Arrivals()
    leaving = asyncio.create_task(arrivals.await_bytes(file, 0, 10))
    staying = asyncio.create_task(arrivals.await_bytes(file, 0, 3))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == b"012"
    assert disk.looks == 1


@pytest.mark.parametrize("error", [StoreUnavailable("a bad sector"), MemoryError()], ids=repr)
async def test_a_read_that_fails_meanwhile_fails_for_one_and_not_for_the_others(
    file: OpenFile, store: LocalStore, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    store.put("videos/bad", CONTENT)
    bad = OpenFile("videos/bad", store.open_file("videos/bad"))
    read = OpenFile.read_cached

    def fail_bad(file: OpenFile, offset: int, length: int) -> bytes:
        if file is bad:
            raise error
        return read(file, offset, length)

    monkeypatch.setattr(OpenFile, "read_cached", fail_bad)
    arrivals = Arrivals()
    results = await asyncio.gather(
        arrivals.await_bytes(bad, 0, 10), arrivals.await_bytes(file, 0, 10), return_exceptions=True
    )
    assert results[0] is error
    assert results[1] == CONTENT

"""Reads that do not block the loop: what is read at once, what in a thread, and their bound."""

import asyncio
import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.content.files import AT_ONCE_BYTES, FileChanged
from edge.content.reader import Reader, ReaderBusy
from shared.runtime.store.interface import ObjectMissing, StoreUnavailable
from shared.runtime.store.local import LocalStore

KEY = "videos/film.json"
CONTENT = b"0123456789"


@pytest.fixture
def reader(store: LocalStore) -> Iterator[Reader]:
    store.put(KEY, CONTENT)
    reader = Reader(store, threads=1, queue=2)
    yield reader
    reader.close()


def refuse_at_once(code: int) -> Callable[..., int]:
    def refuse(*_arguments: object) -> int:
        raise OSError(code, os.strerror(code))

    return refuse


async def test_objects_are_read_whole_in_part_and_parsed(reader: Reader) -> None:
    assert (await reader.read(KEY, 10))[0] == CONTENT
    file = await reader.open(KEY, 10)
    assert await reader.read_part(file, 3, 4) == b"3456"
    assert await reader.read_parsed(KEY, int) == 123456789
    assert reader.pending == 0


async def test_what_is_in_the_page_cache_takes_no_thread(reader: Reader) -> None:
    await reader.read_parsed(KEY, len)
    reader.close()
    assert (await reader.read(KEY, 10))[0] == CONTENT
    assert await reader.read_part(await reader.open(KEY, 10), 0, 10) == CONTENT


@pytest.mark.parametrize("code", [errno.EAGAIN, errno.EOPNOTSUPP], ids=errno.errorcode.get)
async def test_what_cannot_be_read_at_once_is_read_in_a_thread(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(os, "preadv", refuse_at_once(code))
    assert (await reader.read(KEY, 10))[0] == CONTENT
    assert await reader.read_part(await reader.open(KEY, 10), 3, 4) == b"3456"


async def test_what_cannot_be_opened_at_once_is_opened_in_a_thread(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalStore, "open_cached", refuse_at_once(errno.EAGAIN))
    assert (await reader.read(KEY, 10))[0] == CONTENT
    assert await reader.read_part(await reader.open(KEY, 10), 3, 4) == b"3456"


async def test_what_only_its_beginning_is_cached_of_is_read_in_a_thread(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "preadv", lambda *_arguments: 3)
    assert (await reader.read(KEY, 10))[0] == CONTENT


async def test_evicted_files_are_read_as_they_are(reader: Reader, store: LocalStore) -> None:
    content = os.urandom(3 * AT_ONCE_BYTES + 17)
    store.put("videos/long", content)
    descriptor = store.open_file("videos/long")
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)
    assert (await reader.read("videos/long", len(content)))[0] == content


async def test_an_empty_object_is_read(reader: Reader, store: LocalStore) -> None:
    store.put("videos/empty", b"")
    assert (await reader.read("videos/empty", 0))[0] == b""


async def test_a_missing_object_is_said_to_be_missing(reader: Reader) -> None:
    with pytest.raises(ObjectMissing):
        await reader.read("videos/other.json", 10)
    with pytest.raises(ObjectMissing):
        await reader.read_parsed("videos/other.json", len)
    with pytest.raises(ObjectMissing):
        await reader.open("videos/other.json", 10)
    assert reader.pending == 0


@pytest.mark.parametrize("size", [9, 11])
@pytest.mark.parametrize("cached", [True, False], ids=["at once", "in a thread"])
async def test_an_object_of_another_size_is_not_read(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, size: int, cached: bool
) -> None:
    if not cached:
        monkeypatch.setattr(LocalStore, "open_cached", refuse_at_once(errno.EAGAIN))
    with pytest.raises(FileChanged, match=f"10 bytes where {size} should be"):
        await reader.read(KEY, size)
    with pytest.raises(FileChanged):
        await reader.open(KEY, size)


async def test_an_open_file_stays_the_one_that_was_opened(
    reader: Reader, store: LocalStore
) -> None:
    file = await reader.open(KEY, 10)
    store.put(KEY, b"abcdefghij")
    assert await reader.read_part(file, 0, 10) == CONTENT
    store.delete(KEY)
    assert await reader.read_part(file, 5, 5) == b"56789"


async def test_a_file_cut_short_after_it_was_opened_is_no_body(
    reader: Reader, tmp_path: Path
) -> None:
    file = await reader.open(KEY, 10)
    os.truncate(tmp_path / "media" / KEY, 7)
    with pytest.raises(FileChanged, match="7 bytes where 10 should be"):
        await reader.read_part(file, 0, 10)


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE], ids=errno.errorcode.get)
async def test_a_failing_disk_is_the_store_s_failure_at_once_and_in_a_thread(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(os, "pread", refuse_at_once(code))
    with pytest.raises(StoreUnavailable):
        await reader.read_parsed(KEY, len)
    monkeypatch.setattr(os, "preadv", refuse_at_once(code))
    with pytest.raises(StoreUnavailable):
        await reader.read(KEY, 10)


async def test_a_store_that_fails_for_everything_is_left_alone(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "preadv", refuse_at_once(errno.EIO))
    keys = [f"videos/{number}" for number in range(6)]
    store_asked: list[str] = []
    opened = LocalStore.open_cached

    def note(store: LocalStore, key: str) -> int:
        store_asked.append(key)
        return opened(store, KEY)

    monkeypatch.setattr(LocalStore, "open_cached", note)
    for key in keys:
        with pytest.raises(StoreUnavailable):
            await reader.read(key, 10)
    assert store_asked == keys[:5]


async def test_parsing_happens_in_another_thread(reader: Reader) -> None:
    name = await reader.read_parsed(KEY, lambda _: threading.current_thread().name)
    assert name.startswith("edge-read")


async def test_past_the_queue_s_end_reads_are_refused_but_for_patient_ones(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await reader.open(KEY, 10)
    monkeypatch.setattr(os, "preadv", refuse_at_once(errno.EAGAIN))
    release = threading.Event()
    held = [
        asyncio.create_task(reader.read_parsed(KEY, lambda _: release.wait())) for _ in range(2)
    ]
    await asyncio.sleep(0)
    with pytest.raises(ReaderBusy):
        await reader.read(KEY, 10)
    patient = asyncio.create_task(reader.read_part(file, 0, 1, patient=True))
    release.set()
    assert await patient == b"0"
    assert await asyncio.gather(*held) == [True, True]
    assert (await reader.read(KEY, 10))[0] == CONTENT

"""Bodies sent from the page cache: only while all of it is there, and byte for byte."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from edge.content.files import OpenFile
from edge.content.pages import ASK_AGAIN_S, Pages, count_cached_pages

BODY = os.urandom(3_000_000)
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
NOW = 1_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "body"
    path.write_bytes(BODY)
    return path


@pytest.fixture
def file(path: Path) -> OpenFile:
    file = OpenFile("body", os.open(path, os.O_RDONLY))
    if not count_cached_pages(file.descriptor):
        pytest.skip("this kernel does not tell what is in the page cache")
    return file


def evict(file: OpenFile) -> None:
    os.fsync(file.descriptor)
    os.posix_fadvise(file.descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def test_a_file_read_just_now_is_here(file: OpenFile) -> None:
    assert Pages(file).are_here(NOW)


def test_a_file_that_was_evicted_is_not_here(file: OpenFile) -> None:
    evict(file)
    assert not Pages(file).are_here(NOW)


def test_a_file_of_which_only_a_part_is_here_is_not_here(file: OpenFile) -> None:
    evict(file)
    os.posix_fadvise(file.descriptor, 0, 0, os.POSIX_FADV_RANDOM)
    os.pread(file.descriptor, 1, 1_000_000)
    assert count_cached_pages(file.descriptor)
    assert not Pages(file).are_here(NOW)


def test_a_file_that_was_cut_short_is_not_here(path: Path, file: OpenFile) -> None:
    os.truncate(path, 100)
    assert not Pages(file).are_here(NOW)


def test_the_kernel_is_asked_again_after_a_moment(file: OpenFile) -> None:
    pages = Pages(file)
    assert pages.are_here(NOW)
    evict(file)
    assert pages.are_here(NOW + ASK_AGAIN_S / 2)
    assert not pages.are_here(NOW + 2 * ASK_AGAIN_S)


def test_a_clock_that_was_set_back_does_not_keep_the_kernel_from_being_asked(
    file: OpenFile,
) -> None:
    pages = Pages(file)
    assert pages.are_here(NOW)
    evict(file)
    assert not pages.are_here(NOW - 3600)


def test_files_are_counted_while_they_are_held(file: OpenFile) -> None:
    before = Pages.alive
    pages = Pages(file)
    assert Pages.alive == before + 1
    del pages
    assert Pages.alive == before


@pytest.mark.parametrize("waiting", [b"", b"an answer before"], ids=["idle", "busy"])
@pytest.mark.parametrize("room", [None, 4096], ids=["much room", "little room"])
async def test_head_and_body_arrive_whole(file: OpenFile, waiting: bytes, room: int | None) -> None:
    """What the socket does not take at once follows by the transport, in order."""
    ours, theirs = socket.socketpair()
    if room is not None:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, room)
    _, writer = await asyncio.open_connection(sock=ours)
    reader, other = await asyncio.open_connection(sock=theirs, limit=2**24)
    if waiting:
        writer.write(waiting * 100_000)
    Pages(file).send(writer.transport, HEAD, BODY)  # type: ignore[arg-type]
    writer.write_eof()
    assert await reader.read(-1) == waiting * 100_000 + HEAD + BODY
    for end in (writer, other):
        end.close()


async def test_a_client_that_has_left_is_the_transports_business(file: OpenFile) -> None:
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    theirs.close()
    Pages(file).send(writer.transport, HEAD, BODY)  # type: ignore[arg-type]
    with pytest.raises(ConnectionError):
        await writer.wait_closed()

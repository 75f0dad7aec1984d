"""Open files: regular ones only, and closed when nobody holds them."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.content.files import AT_ONCE_BYTES, CannotTell, OpenFile
from shared.runtime.store.interface import ObjectMissing, StoreUnavailable
from shared.runtime.store.local import LocalStore

KEY = "videos/film"
CONTENT = b"0123456789"


def open_file(store: LocalStore, key: str = KEY) -> OpenFile:
    return OpenFile(key, store.open_file(key))


def evict(store: LocalStore) -> None:
    """Make the kernel forget the file's pages, which are all on the disk."""
    descriptor = store.open_file(KEY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def open_descriptors() -> set[str]:
    links = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))  # noqa: PTH208
    return {os.readlink(link) for link in links if os.path.lexists(link)}  # noqa: PTH115


def test_a_file_is_read_at_once_and_with_a_wait(store: LocalStore) -> None:
    store.put(KEY, CONTENT)
    file = open_file(store)
    assert file.size_bytes == 10
    assert file.read(2, 3) == b"234"
    assert file.read_cached(2, 3) == b"234"


def test_what_was_read_at_once_is_nobody_else_s(store: LocalStore) -> None:
    store.put(KEY, CONTENT)
    store.put("videos/other", b"abcdefghij")
    first = open_file(store).read_cached(0, 10)
    assert open_file(store, "videos/other").read_cached(0, 10) == b"abcdefghij"
    assert first == CONTENT


def test_what_has_left_the_page_cache_is_not_read_at_once(store: LocalStore) -> None:
    content = os.urandom(AT_ONCE_BYTES)
    store.put(KEY, content)
    file = open_file(store)
    assert file.read_cached(0, AT_ONCE_BYTES) == content
    evict(store)
    with pytest.raises(BlockingIOError):
        file.read_cached(0, AT_ONCE_BYTES)
    file.call_up(0, AT_ONCE_BYTES)
    assert file.read(0, AT_ONCE_BYTES) == content


def test_a_part_that_is_not_all_there_is_not_read_at_once(store: LocalStore) -> None:
    store.put(KEY, CONTENT)
    with pytest.raises(BlockingIOError, match="10 of 11 bytes are here"):
        open_file(store).read_cached(0, 11)


def refuse(code: int) -> Callable[..., int]:
    def raise_error(*_arguments: object) -> int:
        raise OSError(code, os.strerror(code))

    return raise_error


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (errno.EAGAIN, BlockingIOError),
        (errno.EOPNOTSUPP, CannotTell),
        (errno.EIO, StoreUnavailable),
        (errno.ESTALE, StoreUnavailable),
    ],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else "",
)
def test_why_a_file_cannot_be_read_at_once_is_told_apart(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, code: int, error: type[Exception]
) -> None:
    store.put(KEY, CONTENT)
    file = open_file(store)
    monkeypatch.setattr(os, "preadv", refuse(code))
    with pytest.raises(error):
        file.read_cached(0, 10)


def test_a_file_system_that_cannot_call_files_up_is_left_in_peace(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(KEY, CONTENT)
    monkeypatch.setattr(os, "posix_fadvise", refuse(errno.EINVAL))
    open_file(store).call_up(0, 10)


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [make_folder, make_pipe])
def test_what_is_no_file_is_not_there_and_is_let_go(
    store: LocalStore, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    (tmp_path / "media" / "videos").mkdir()
    make(tmp_path / "media" / KEY)
    with pytest.raises(ObjectMissing):
        open_file(store)
    assert str(tmp_path / "media" / KEY) not in open_descriptors()


def test_a_file_closes_when_the_last_who_holds_it_lets_go(
    store: LocalStore, tmp_path: Path
) -> None:
    store.put(KEY, CONTENT)
    path = str(tmp_path / "media" / KEY)
    file = open_file(store)
    other = file
    del file
    assert path in open_descriptors()
    del other
    assert path not in open_descriptors()

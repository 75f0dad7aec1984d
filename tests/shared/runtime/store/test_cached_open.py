"""Opening without a disk: what the kernel has in mind, and what is left to those who may wait."""

import ctypes
import errno
import os
from pathlib import Path

import pytest

from shared.paths import PathInvalid
from shared.runtime.store import cached_open
from shared.runtime.store.cached_open import CachedOpen
from shared.runtime.store.interface import ObjectMissing, StoreUnavailable
from shared.runtime.store.local import LocalStore

KEY = "videos/a"


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    store = LocalStore(tmp_path / "store")
    store.put(KEY, b"film")
    return store


def read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 100)
    finally:
        os.close(descriptor)


def test_a_file_that_was_opened_before_is_opened_without_a_disk(store: LocalStore) -> None:
    assert read(store.open_file(KEY)) == b"film"
    assert read(store.open_cached(KEY)) == b"film"


def test_descriptors_are_for_reading_and_not_for_child_processes(store: LocalStore) -> None:
    for descriptor in (store.open_file(KEY), store.open_cached(KEY)):
        assert not os.get_inheritable(descriptor)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(descriptor, b"x")
        os.close(descriptor)


def test_a_missing_object_is_missing_or_needs_a_disk(store: LocalStore) -> None:
    with pytest.raises(ObjectMissing):
        store.open_file("videos/none")
    with pytest.raises((ObjectMissing, BlockingIOError)):
        store.open_cached("videos/none")


@pytest.mark.parametrize("key", ["../etc/passwd", "/etc/passwd", "videos//a", "videos/.hidden"])
def test_no_key_leads_out_of_the_store(store: LocalStore, key: str) -> None:
    with pytest.raises(PathInvalid):
        store.open_file(key)
    with pytest.raises(PathInvalid):
        store.open_cached(key)


def test_a_link_in_an_object_s_place_is_not_followed(store: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "store" / "videos" / "b").symlink_to(tmp_path / "secret")
    with pytest.raises(StoreUnavailable):
        store.open_file("videos/b")
    with pytest.raises((StoreUnavailable, BlockingIOError)):
        store.open_cached("videos/b")


def test_a_pipe_does_not_hold_up_who_opens_it(store: LocalStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "store" / "videos" / "pipe")
    assert read(store.open_file("videos/pipe")) == b""


class Kernel:
    """Answers every call in one way."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
        self._code = code
        self.asked = 0
        monkeypatch.setattr(cached_open, "_syscall", self)

    def __call__(self, *_arguments: object) -> int:
        self.asked += 1
        ctypes.set_errno(self._code)
        return -1


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EINVAL, errno.EPERM], ids=errno.errorcode.get)
def test_a_kernel_that_cannot_do_it_is_asked_once(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    kernel = Kernel(monkeypatch, code)
    for _ in range(3):
        with pytest.raises(BlockingIOError):
            store.open_cached(KEY)
    assert kernel.asked == 1


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
def test_what_fails_is_the_store_s_failure_and_tried_again(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    kernel = Kernel(monkeypatch, code)
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match=KEY):
            store.open_cached(KEY)
    assert kernel.asked == 3


def test_every_opener_learns_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with monkeypatch.context() as patched:
        Kernel(patched, errno.ENOSYS)
        with pytest.raises(BlockingIOError):
            CachedOpen(os.O_RDONLY)(str(path))
    assert read(CachedOpen(os.O_RDONLY)(str(path))) == b"x"

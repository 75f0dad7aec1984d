"""What only a local directory can get wrong: full disks, killed writers, other file systems."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.runtime.store.interface import (
    ObjectMissing,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from shared.runtime.store.local import LocalStore

DAY_S = 24 * 3600


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(root: Path) -> LocalStore:
    return LocalStore(root)


def leftovers(root: Path) -> list[Path]:
    return list((root / ".incoming").iterdir())


def fail(error: int) -> Callable[..., None]:
    def raise_error(*_arguments: object, **_options: object) -> None:
        raise OSError(error, os.strerror(error))

    return raise_error


FAULTS: dict[int, type[StoreError]] = {
    errno.ENOSPC: StoreFull,
    errno.EDQUOT: StoreFull,
    errno.EIO: StoreUnavailable,
    errno.EROFS: StoreUnavailable,
    errno.EACCES: StoreUnavailable,
}
EVERY_FAULT = pytest.mark.parametrize(
    ("code", "error"), FAULTS.items(), ids=[errno.errorcode[code] for code in FAULTS]
)


@EVERY_FAULT
@pytest.mark.parametrize("create", [False, True], ids=["replace", "create"])
def test_failed_write_leaves_everything_as_it_was(
    store: LocalStore,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    error: type[StoreError],
    create: bool,
) -> None:
    store.put("videos/a", b"before")
    key = "videos/b" if create else "videos/a"
    monkeypatch.setattr(os, "fsync", fail(code))
    with pytest.raises(error):
        store.put(key, b"after", create=create)
    assert leftovers(root) == []
    assert store.get("videos/a") == b"before"
    assert not store.exists("videos/b")


@EVERY_FAULT
def test_failed_take_over_keeps_the_file(
    store: LocalStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    error: type[StoreError],
) -> None:
    path = tmp_path / "finished"
    path.write_bytes(b"film")
    monkeypatch.setattr(os, "fsync", fail(code))
    with pytest.raises(error):
        store.put_file("originals/a", path)
    assert path.read_bytes() == b"film"
    assert not store.exists("originals/a")


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.ESTALE], ids=errno.errorcode.get)
def test_failed_read_is_not_a_missing_object(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """What cannot be read now must not be taken for deleted."""
    store.put("videos/a", b"x")
    monkeypatch.setattr(Path, "open", fail(code))
    monkeypatch.setattr(Path, "stat", fail(code))
    monkeypatch.setattr(os, "scandir", fail(code))
    for read in (store.get, store.open, store.size, store.exists):
        with pytest.raises(StoreUnavailable):
            read("videos/a")
    with pytest.raises(StoreUnavailable):
        store.get_range("videos/a", 0, 1)
    for listing in (store.list_keys, store.list_folders):
        with pytest.raises(StoreUnavailable):
            listing("videos/")


def test_missing_source_file_is_not_a_missing_object(store: LocalStore, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        store.put_file("originals/a", tmp_path / "none")


def test_object_below_an_object_is_refused(store: LocalStore) -> None:
    store.put("videos/a", b"x")
    with pytest.raises(StoreUnavailable):
        store.put("videos/a/b", b"y", create=True)
    assert store.get("videos/a") == b"x"


def test_file_in_the_place_of_a_folder_of_objects_is_refused(
    store: LocalStore, tmp_path: Path
) -> None:
    store.put("videos/a", b"x")
    path = tmp_path / "finished"
    path.write_bytes(b"film")
    with pytest.raises(StoreUnavailable):
        store.put_file("videos", path)
    assert path.read_bytes() == b"film"


def test_root_that_is_gone_is_not_reachable(store: LocalStore, root: Path) -> None:
    (root / ".incoming").rmdir()
    with pytest.raises(StoreUnavailable):
        store.check_reachable()
    with pytest.raises(StoreUnavailable):
        store.put("videos/a", b"")


def move_across(path: Path, target: Path) -> Path:
    if ".incoming" in path.parts:
        os.replace(path, target)  # noqa: PTH105  (Path.replace is what is replaced)
        return target
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def test_file_of_another_file_system_is_copied(
    store: LocalStore, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "finished"
    path.write_bytes(b"film")
    monkeypatch.setattr(Path, "replace", move_across)
    store.put_file("originals/a", path)
    assert store.get("originals/a") == b"film"
    assert not path.exists()
    assert leftovers(root) == []


def test_copy_that_does_not_fit_keeps_the_file(
    store: LocalStore, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "finished"
    path.write_bytes(b"film")
    monkeypatch.setattr(Path, "replace", move_across)
    monkeypatch.setattr("shutil.copyfile", fail(errno.ENOSPC))
    with pytest.raises(StoreFull):
        store.put_file("originals/a", path)
    assert path.read_bytes() == b"film"
    assert leftovers(root) == []
    assert not store.exists("originals/a")


KILLED_IN_MID_WRITE = """
import os, signal, sys
from pathlib import Path
from shared.runtime.store.local import LocalStore

def die(descriptor):
    os.kill(os.getpid(), signal.SIGKILL)

os.fsync = die
LocalStore(Path(sys.argv[1])).put("videos/a", b"half a fil")
"""


def kill_a_writer(root: Path) -> None:
    command = [sys.executable, "-c", KILLED_IN_MID_WRITE, str(root)]
    writer = subprocess.run(command, cwd=Path(__file__).parents[4], check=False)
    assert writer.returncode == -signal.SIGKILL


def test_killed_writer_leaves_no_object(store: LocalStore, root: Path) -> None:
    kill_a_writer(root)
    assert len(leftovers(root)) == 1
    with pytest.raises(ObjectMissing):
        store.get("videos/a")
    assert list(store.list_keys("videos/")) == []


def test_killed_writer_does_not_touch_the_object_it_was_to_replace(
    store: LocalStore, root: Path
) -> None:
    store.put("videos/a", b"whole")
    kill_a_writer(root)
    assert store.get("videos/a") == b"whole"


def test_what_killed_writers_left_is_cleared_away_after_a_day(root: Path) -> None:
    kill_a_writer(root)
    kill_a_writer(root)
    old, young = leftovers(root)
    long_ago = time.time() - DAY_S - 60
    os.utime(old, (long_ago, long_ago))
    LocalStore(root).put("videos/a", b"")
    assert leftovers(root) == [young]


def test_files_are_for_the_owner_and_the_group(
    store: LocalStore, root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "finished"
    path.write_bytes(b"")
    path.chmod(0o777)
    store.put("videos/a", b"")
    store.put("videos/b", b"", create=True)
    store.put_file("videos/c", path)
    modes = {file.stat().st_mode & 0o777 for file in (root / "videos").iterdir()}
    assert modes == {0o640}


def test_strangers_files_are_not_listed(store: LocalStore, root: Path) -> None:
    """NFS leaves `.nfs...` where an open file was deleted."""
    store.put("videos/a", b"")
    (root / "videos" / ".nfs0001").write_bytes(b"")
    assert list(store.list_keys("videos/")) == ["videos/a"]


def test_folder_that_vanishes_while_it_is_listed_is_empty(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("videos/a", b"")
    monkeypatch.setattr(os, "scandir", fail(errno.ENOENT))
    assert list(store.list_keys("videos/")) == []


def test_leftover_that_somebody_else_clears_away_is_no_error(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(root)
    gone = [root / ".incoming" / "gone"]
    monkeypatch.setattr(Path, "iterdir", lambda _: iter(gone))
    store.put("videos/a", b"x")
    assert store.get("videos/a") == b"x"


def test_asset_is_no_asset_before_its_files_go(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle, a deletion leaves files that nobody is told of."""
    for name in ("asset.json", "audio/1", "main.m3u8", "poster/p", "video/1"):
        store.put(f"assets/a/{name}", b"")
    deleted: list[str] = []
    monkeypatch.setattr(store, "delete", deleted.append)
    store.delete_prefix("assets/a/")
    assert deleted[0] == "assets/a/asset.json"


def test_order_on_the_disk_is_content_then_name(
    store: LocalStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that after a power cut no name leads to half a file, and no made folder is forgotten."""
    synced: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))  # noqa: PTH115
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    store.put("videos/new/a", b"x")
    incoming, *folders = [Path(path).relative_to(root) for path in synced]
    assert incoming.parent == Path(".incoming")
    assert folders == [Path(), Path("videos"), Path("videos/new")]

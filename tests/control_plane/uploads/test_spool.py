"""Tests for control_plane/uploads/spool.py: bytes on disk, and whose turn it is."""

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from control_plane.errors import Refused
from control_plane.uploads.protocol import Checksum
from control_plane.uploads.spool import (
    SpoolBusy,
    SpoolFile,
    SpoolFull,
    list_spool,
    lock_spool,
    measure_spool,
    remove_spool,
    spool_folder,
    spool_path,
)

UPLOAD = uuid4()
RIGHT = Checksum("sha256", hashlib.sha256(b"film").digest())
WRONG = Checksum("sha256", bytes(32))


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"spool": tmp_path / "new" / "spool"})


def test_folder_is_for_nobody_else() -> None:
    assert spool_folder().stat().st_mode & 0o777 == 0o700


def test_upload_without_bytes_has_no_size() -> None:
    assert measure_spool(UPLOAD) is None


def test_bytes_are_appended() -> None:
    for content, size in ((b"fi", 2), (b"lm", 4)):
        file = SpoolFile(UPLOAD)
        file.append(content)
        assert file.settle() == size
        file.close()
    assert spool_path(UPLOAD).read_bytes() == b"film"


def test_bytes_that_were_not_settled_stay() -> None:
    file = SpoolFile(UPLOAD)
    file.append(b"fi")
    file.close()
    assert measure_spool(UPLOAD) == 2


@pytest.mark.parametrize("is_settled", [True, False], ids=["settled", "broken-off"])
def test_bytes_whose_checksum_is_not_right_do_not_stay(*, is_settled: bool) -> None:
    spool_path(UPLOAD).write_bytes(b"before")
    file = SpoolFile(UPLOAD, WRONG)
    file.append(b"film")
    if is_settled:
        with pytest.raises(Refused, match="checksum_mismatch"):
            file.settle()
    file.close()
    assert spool_path(UPLOAD).read_bytes() == b"before"


def test_bytes_that_a_killed_process_could_not_check_do_not_stay() -> None:
    spool_path(UPLOAD).write_bytes(b"before")
    file = SpoolFile(UPLOAD, RIGHT)
    file.append(b"film")
    file._file.close()  # as the kernel does it
    lock_spool(UPLOAD).close()
    assert spool_path(UPLOAD).read_bytes() == b"before"
    spool_path(UPLOAD).write_bytes(b"before and after")
    lock_spool(UPLOAD).close()
    assert spool_path(UPLOAD).read_bytes() == b"before and after"


def test_bytes_that_were_checked_stay_after_the_next_lock() -> None:
    file = SpoolFile(UPLOAD, RIGHT)
    file.append(b"film")
    file.settle()
    file.close()
    lock_spool(UPLOAD).close()
    assert measure_spool(UPLOAD) == 4


def test_bytes_whose_checksum_is_right_stay() -> None:
    file = SpoolFile(UPLOAD, RIGHT)
    file.append(b"film")
    file.settle()
    file.close()
    assert measure_spool(UPLOAD) == 4


def test_undone_bytes_are_gone() -> None:
    spool_path(UPLOAD).write_bytes(b"before")
    file = SpoolFile(UPLOAD)
    file.append(b"film")
    file.undo()
    file.close()
    assert spool_path(UPLOAD).read_bytes() == b"before"


def test_full_disk_has_an_error_of_its_own() -> None:
    spool_path(UPLOAD).symlink_to("/dev/full")
    file = SpoolFile(UPLOAD)
    with pytest.raises(SpoolFull):
        file.append(b"film")
    file.close()


def test_one_may_write_at_a_time() -> None:
    with lock_spool(UPLOAD):
        with pytest.raises(SpoolBusy):
            lock_spool(UPLOAD)
        lock_spool(uuid4()).close()
    lock_spool(UPLOAD).close()


def test_what_is_no_upload_is_not_listed() -> None:
    for name in ("notes.txt", ".lock", "lost+found", f"{UPLOAD}".upper()):
        (spool_folder() / name).touch()
    assert list_spool() == set()


def test_removed_upload_leaves_nothing() -> None:
    spool_path(UPLOAD).touch()
    lock_spool(UPLOAD).close()
    assert list_spool() == {str(UPLOAD)}
    remove_spool(str(UPLOAD))
    remove_spool(str(UPLOAD))
    assert list_spool() == set()

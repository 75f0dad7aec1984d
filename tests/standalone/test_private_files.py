import stat
from pathlib import Path

from standalone.private_files import make_private_folder, open_private, write_private


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_written_file_is_its_owners_alone(tmp_path: Path) -> None:
    write_private(tmp_path / "file", "content")
    assert (tmp_path / "file").read_text() == "content"
    assert mode_of(tmp_path / "file") == 0o600


def test_nothing_but_the_file_is_left(tmp_path: Path) -> None:
    write_private(tmp_path / "file", "old")
    write_private(tmp_path / "file", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_open_file_is_its_owners_alone(tmp_path: Path) -> None:
    for line in (b"one\n", b"two\n"):
        with open_private(tmp_path / "log") as log:
            log.write(line)
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"
    assert mode_of(tmp_path / "log") == 0o600


def test_open_folder_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o777)
    make_private_folder(folder)
    assert mode_of(folder) == 0o700

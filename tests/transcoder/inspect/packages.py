"""Packages to inspect: ours as a table of files, others' as their makers write them."""

from pathlib import Path

Files = dict[str, bytes]


def load_files(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }

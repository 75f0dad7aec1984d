"""The files of the project: those that git tracks, or would."""

import os
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

_GIT: Final = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
_MADE: Final = {"node_modules", "build", "static_root", "__pycache__"}


def list_files() -> tuple[Path, ...]:
    """Every file that is tracked, and every new one that is not ignored; in an unpacked archive,
    where git knows nothing, every file that was not made here."""
    found = _ask_git() if (ROOT / ".git").exists() else _walk()
    return tuple(sorted(path for path in found if path.is_file()))


def _ask_git() -> list[Path]:
    listed = subprocess.run(_GIT, cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def _walk() -> list[Path]:
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in _MADE and not name.startswith(".")]
        found += [Path(folder, name) for name in names]
    return found


def list_modules() -> list[Path]:
    """Our Python files; migrations are written by Django."""
    return [
        path for path in list_files() if path.suffix == ".py" and "migrations" not in path.parts
    ]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()

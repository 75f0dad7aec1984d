"""The log files of the programs: one a program, the one before it kept."""

from pathlib import Path
from typing import Final

_TAIL_BYTES: Final = 8_192


def rotate_log(log: Path) -> None:
    """Begin a new file; the old one is kept as `<name>.log.1`."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))


def read_tail(log: Path, lines: int) -> str:
    """The last lines of a log."""
    with log.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - _TAIL_BYTES))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])

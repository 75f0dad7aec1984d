"""Which processes have to do with a folder: what a test must find gone."""

import os
from pathlib import Path


def find_processes(folder: Path) -> set[int]:
    """Running processes whose command, environment or working folder names `folder`."""
    found = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()}
    return {pid for pid in found - {os.getpid()} if _names(pid, os.fsencode(folder))}


def _names(pid: int, needle: bytes) -> bool:
    process = Path(f"/proc/{pid}")
    try:
        texts = [(process / name).read_bytes() for name in ("cmdline", "environ")]
        texts.append(os.fsencode((process / "cwd").readlink()))
    except OSError:
        return False
    return any(needle in text for text in texts)

"""What a process that reads strangers' files is left with: limits, no network, and no folder to
write to but its own.

The limits hold everywhere. The rest is the kernel's to permit: a network of its own with nothing
in it (unshare(2)), or at least no TCP, and Landlock (landlock(7)) for folders. Where it does not,
the source is still only a file object to FFmpeg, which may open nothing else.
"""

import ctypes
import os
import resource
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from transcoder.settings import Limits

_LIBC: Final = ctypes.CDLL(None, use_errno=True)

_OPEN_FILES: Final = 256
_NICENESS: Final = 5

_CLONE_NEWUSER: Final = 0x1000_0000
_CLONE_NEWNET: Final = 0x4000_0000

_PR_SET_NO_NEW_PRIVS: Final = 38
_LANDLOCK_CREATE: Final = 444
_LANDLOCK_ADD: Final = 445
_LANDLOCK_RESTRICT: Final = 446
_LANDLOCK_VERSION: Final = 1
_LANDLOCK_BENEATH: Final = 1
# Before these, files could not be linked from one folder to another at all, or not be truncated;
# and TCP could not be ruled out.
_LEAST_VERSION: Final = 3
_VERSION_WITH_TCP: Final = 4

_WRITE_FILE: Final = 1 << 1
# Remove, make and link files and folders of all kinds, and truncate.
_WRITE_FOLDER: Final = sum(1 << bit for bit in range(4, 15))
_TCP: Final = 1 << 0 | 1 << 1


def enter_sandbox(limits: Limits, folders: Iterable[Path]) -> list[str]:
    """Leave to this process only what it needs; what the kernel does not permit is told.

    It must not have started a thread yet: what is given up is given up by one thread.
    """
    _limit_resources(limits)
    refused = []
    if not _leave_network():
        refused.append("a network namespace of its own")
    if not _close_folders([*folders, Path(os.devnull)]):
        refused.append("Landlock")
    return refused


def _limit_resources(limits: Limits) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, limits.address_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        allowed = resource.getrlimit(limit)[1]
        value = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(limit, (value, value))
    os.nice(_NICENESS)


def _leave_network() -> bool:
    """Move to an empty network; without privileges, as the lord of an empty user namespace."""
    return any(
        _LIBC.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)
    )


def _close_folders(folders: Iterable[Path]) -> bool:
    """Let nothing be written outside of some folders, and no TCP connection be made."""
    version = _LIBC.syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION)
    if version < _LEAST_VERSION:
        return False
    tcp = _TCP if version >= _VERSION_WITH_TCP else 0
    rules = struct.pack("=QQ", _WRITE_FILE | _WRITE_FOLDER, tcp)
    ruleset = _LIBC.syscall(_LANDLOCK_CREATE, rules, len(rules) if tcp else 8, 0)
    if ruleset < 0:
        return False
    try:
        for folder in filter(Path.exists, folders):
            _allow(ruleset, folder)
        _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(_LIBC.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, place: Path) -> None:
    descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = _WRITE_FILE | (_WRITE_FOLDER if place.is_dir() else 0)
        rule = struct.pack("=Qi", rights, descriptor)
        if _LIBC.syscall(_LANDLOCK_ADD, ruleset, _LANDLOCK_BENEATH, rule, 0) < 0:
            raise OSError(ctypes.get_errno(), "landlock_add_rule", str(place))
    finally:
        os.close(descriptor)

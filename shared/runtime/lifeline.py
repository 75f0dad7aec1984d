"""A process that ends with its parent, however the parent ended (prctl(2), PR_SET_PDEATHSIG)."""

import ctypes
import os
import signal
from typing import Final

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG: Final = 1


def tie_to_parent(death_signal: signal.Signals, parent_pid: int) -> None:
    """In a child: get `death_signal` when the parent dies, and end at once if it is dead already.

    The kernel means the parent's *thread*: start children from one that stays.
    """
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent_pid:
        os.write(2, b"the parent is gone\n")
        os._exit(1)

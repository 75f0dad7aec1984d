"""How the C library keeps the memory of bodies: for the next body, instead of giving it back.

By default glibc returns freed memory to the kernel at every chance, and gets it again page by page:
more than reading a segment from the page cache costs. And it keeps a heap for each thread, so that
what one thread filled and the loop freed is no use to the others.
"""

import ctypes
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8

_MEBIBYTE: Final = 1024 * 1024
SETTINGS: Final = {
    _ARENA_MAX: 1,
    _MMAP_THRESHOLD: 32 * _MEBIBYTE,  # the most it takes
    _TRIM_THRESHOLD: 64 * _MEBIBYTE,
}


def keep_freed_memory() -> bool:
    """Tell the allocator, before there are threads; False where it is not glibc's (mallopt(3))."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return all(mallopt(name, value) == 1 for name, value in SETTINGS.items())

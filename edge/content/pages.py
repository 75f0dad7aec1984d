"""Bodies that the kernel sends without copying them: straight from the page cache.

What a process sends from its own memory is copied for every viewer; of what lies in the page cache
the network is only told where (sendfile(2)). That must never wait for the disk, so the kernel is
asked whether all of it is there (cachestat(2), Linux 6.5). Where it is not, or the kernel cannot
tell, the copy in RAM is sent.
"""

import ctypes
import mmap
import os
import socket
from asyncio import Transport
from typing import Final

from edge.content.files import OpenFile

LEAST_BYTES: Final = 32 * 1024
"""Below this a copy costs less than to have none."""

ASK_AGAIN_S: Final = 0.05
"""What was sent just now is the last that the kernel would let go of."""

_SYS_CACHESTAT: Final = 451
_NOW: Final = socket.MSG_DONTWAIT | socket.MSG_MORE

# keeps the interpreter's lock: letting go of it costs more than a call that never waits
_syscall = ctypes.PyDLL(None, use_errno=True).syscall
_syscall.argtypes = (
    ctypes.c_long,
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_uint,
)
_syscall.restype = ctypes.c_long
_range = (ctypes.c_uint64 * 2)()
_answer = (ctypes.c_uint64 * 5)()

# a socket object around a connection that another owns would cost several times the call
_send = ctypes.PyDLL(None, use_errno=True).send
_send.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_send.restype = ctypes.c_ssize_t


def count_cached_pages(descriptor: int) -> int:
    """How many pages of a file are in the page cache; none where the kernel cannot tell. For one
    thread alone."""
    known = _syscall(
        _SYS_CACHESTAT, descriptor, ctypes.addressof(_range), ctypes.addressof(_answer), 0
    )
    return _answer[0] if known == 0 else 0


class Pages:
    """A file in the page cache, as long as it is there. It stays open meanwhile: how many do is
    `alive`."""

    alive = 0

    def __init__(self, file: OpenFile) -> None:
        Pages.alive += 1
        self._file = file
        self._all = -(-file.size_bytes // mmap.PAGESIZE)
        self._asked_at = 0.0
        self._are_here = False

    def __del__(self) -> None:
        Pages.alive -= 1

    def are_here(self, now: float) -> bool:
        """Whether it can be sent without a wait."""
        if not 0 <= now - self._asked_at < ASK_AGAIN_S:
            self._asked_at = now
            self._are_here = count_cached_pages(self._file.descriptor) >= self._all
        return self._are_here

    def send(self, transport: Transport, head: bytes, body: bytes) -> None:
        """Send `head` and the file, whose bytes are those of `body`: what the socket takes at once
        from the page cache, the rest by the transport."""
        sent = 0
        if transport.get_write_buffer_size() == 0:
            sent = self._send_now(transport.get_extra_info("socket").fileno(), head)
        if sent < len(head):
            transport.writelines((head[sent:], body))
        elif sent < len(head) + len(body):
            transport.write(memoryview(body)[sent - len(head) :])

    def _send_now(self, connection: int, head: bytes) -> int:
        """How many bytes the socket took. What is wrong with it, the transport finds out."""
        sent: int = max(0, _send(connection, head, len(head), _NOW))
        if sent < len(head):
            return sent
        try:
            return sent + os.sendfile(connection, self._file.descriptor, 0, self._file.size_bytes)
        except OSError:
            return sent

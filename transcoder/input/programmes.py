"""Which streams of a television signal (MPEG-TS) belong together.

A recorder may keep all that a frequency carries: several programmes, each with picture and sound.
The tables that say so (ISO/IEC 13818-1, 2.4.4) come again and again, so that the beginning tells.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

_LOOK_BYTES: Final = 4_000_000
_PACKET: Final = 188
# How far packets are apart: plain, after times, before codes.
_SPACINGS: Final = (188, 192, 204)
_SYNC: Final = 0x47
_SEEN_PACKETS: Final = 5

_PAT_PID, _PAT, _PMT = 0, 0, 2
_SECTION_HEAD: Final = 3
_PAT_HEAD, _PMT_HEAD, _CHECK_BYTES = 8, 12, 4


def read_programmes(file: BinaryIO) -> tuple[frozenset[int], ...]:
    """The numbers (PID) of each programme's streams; nothing where there are no programmes."""
    file.seek(0)
    tables: dict[int, bytes] = {}
    wanted = {_PAT_PID}
    for pid, section in _read_sections(file.read(_LOOK_BYTES), wanted):
        tables.setdefault(pid, section)
        if pid == _PAT_PID:
            wanted.update(_list_pmts(tables[pid]))
        if len(tables) == len(wanted):
            break
    return tuple(_list_streams(section) for pid, section in tables.items() if pid != _PAT_PID)


def _read_sections(content: bytes, wanted: set[int]) -> Iterator[tuple[int, bytes]]:
    """The tables of the PIDs that are `wanted`, which may become more on the way."""
    begun: dict[int, bytes] = {}
    for pid, is_start, payload in _read_payloads(content):
        if pid not in wanted or not payload:
            continue
        if is_start:
            begun[pid] = payload[1 + payload[0] :]
        elif pid in begun:
            begun[pid] += payload
        section = begun.get(pid, b"")
        length = _SECTION_HEAD + (int.from_bytes(section[1:3]) & 0xFFF)
        if len(section) >= max(_SECTION_HEAD, length):
            yield pid, begun.pop(pid)[:length]


def _read_payloads(content: bytes) -> Iterator[tuple[int, bool, bytes]]:
    """Of each packet its PID, whether a table begins in it, and what it carries."""
    for start in find_packets(content):
        head = int.from_bytes(content[start : start + 4])
        skipped = 4 + (1 + content[start + 4] if head & 0x20 else 0)
        payload = content[start + skipped : start + _PACKET] if head & 0x10 else b""
        yield head >> 8 & 0x1FFF, bool(head & 0x400000), payload


def find_packets(content: bytes) -> range:
    """Where the packets begin in a piece of a signal; nowhere if it is none."""
    last = len(content) - _PACKET
    rows = (range(at, last + 1, spacing) for spacing in _SPACINGS for at in range(spacing))
    return next((row for row in rows if _are_packets(content, row[:_SEEN_PACKETS])), range(0))


def _are_packets(content: bytes, starts: range) -> bool:
    return len(starts) == _SEEN_PACKETS and all(content[start] == _SYNC for start in starts)


def _list_pmts(pat: bytes) -> Iterator[int]:
    """The PIDs of the programmes' own tables."""
    if pat[0] != _PAT:
        return
    for at in range(_PAT_HEAD, len(pat) - _CHECK_BYTES, 4):
        number, pid = int.from_bytes(pat[at : at + 2]), int.from_bytes(pat[at + 2 : at + 4])
        if number:
            yield pid & 0x1FFF


def _list_streams(pmt: bytes) -> frozenset[int]:
    pids = set()
    at = _PMT_HEAD + (int.from_bytes(pmt[10:12]) & 0xFFF)
    while pmt[0] == _PMT and at + 5 <= len(pmt) - _CHECK_BYTES:
        pids.add(int.from_bytes(pmt[at + 1 : at + 3]) & 0x1FFF)
        at += 5 + (int.from_bytes(pmt[at + 3 : at + 5]) & 0xFFF)
    return frozenset(pids)

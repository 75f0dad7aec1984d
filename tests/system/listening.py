"""Which TCP ports processes listen on, as the kernel tells."""

import re
from pathlib import Path
from typing import Final

_LISTEN: Final = "0A"


def list_ports(pids: set[int]) -> set[int]:
    """The TCP ports, of IPv4 and IPv6, that these processes listen on."""
    inodes = {inode for pid in pids for inode in _list_sockets(pid)}
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == _LISTEN and inode in inodes:
                ports.add(int(local.rpartition(":")[2], 16))
    return ports


def _list_sockets(pid: int) -> set[str]:
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:  # closed in the meantime
            continue
        inodes.update(re.findall(r"^socket:\[(\d+)\]$", target))
    return inodes

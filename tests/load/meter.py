"""What a run cost: processor time of the server, and how busy the rest of the machine was."""

import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tests.load.processes import parse_busy_seconds
from tests.load.servers import Server

_STAT: Final = Path("/proc/stat")


@dataclass(frozen=True, slots=True)
class Reading:
    """Meters at one moment, in seconds: of the server, of clients that ended, of all processors."""

    server_s: float
    clients_s: float
    machine_s: float
    at_s: float

    @classmethod
    def take(cls, server: Server) -> Self:
        clients = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(
            server.cpu_seconds(),
            clients.ru_utime + clients.ru_stime,
            parse_busy_seconds(_STAT.read_text()),
            time.monotonic(),
        )

    def server_since(self, begin: Self) -> float:
        return self.server_s - begin.server_s

    def strangers_since(self, begin: Self) -> float:
        """Cores that neither the server nor its clients kept busy."""
        machine = self.machine_s - begin.machine_s
        known = self.server_since(begin) + self.clients_s - begin.clients_s
        return max(0.0, machine - known) / (self.at_s - begin.at_s)

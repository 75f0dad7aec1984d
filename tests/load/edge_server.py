"""The edge as it runs in production, with every check, counter and log line."""

import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tests.edge.films import ISSUER
from tests.load.results import RunFailed
from tests.load.servers import Server, find_port, listens, run_program

_NOWHERE: Final = "http://127.0.0.1:9/jwks.json"
_NO_DATABASE: Final = "postgresql://sluice_edge@127.0.0.1:9/sluice"
_MANY: Final = "10000"
_LOST: Final = "sluice_edge_access_log_lost_total"
_NO_SETTINGS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an edge rests on: a store, the document of keys, and a Redis."""

    media: Path
    jwks: bytes
    redis_url: str


class MetricMissing(RunFailed):
    """An edge does not say whether its log is whole."""


class LogWatch:
    """Sees that the log is whole: an edge drops lines that it cannot write fast enough, and a line
    that is not written costs nothing."""

    def __init__(self, internal: Path) -> None:
        self._internal = internal
        self._lost = 0

    def find_loss(self) -> str:
        before, self._lost = self._lost, count_lost_lines(_read_metrics(self._internal))
        return f"{self._lost - before} lines of its log were lost" if self._lost > before else ""


@contextmanager
def serve_edge(
    folder: Path,
    around: Surroundings,
    settings: Mapping[str, str] = _NO_SETTINGS,
    *,
    workers: int = 1,
) -> Iterator[Server]:
    """An edge for as long as the block runs; its log lies in a new folder below `folder`."""
    place = Path(tempfile.mkdtemp(prefix="edge-", dir=folder))
    port = find_port()
    environment = describe_environment(place, around, port) | {"SLUICE_EDGE_WORKERS": str(workers)}
    with run_program(
        [sys.executable, "-m", "edge"],
        output=place / "edge.out",
        environment={**environment, **settings},
        is_ready=partial(listens, port, times=workers),
    ) as pid:
        log = LogWatch(place / "edge.sock")
        yield Server("edge", port, (pid,), log.find_loss)


def describe_environment(folder: Path, around: Surroundings, port: int) -> dict[str, str]:
    """What an edge whose files lie in `folder` is told."""
    (folder / "jwks.json").write_bytes(around.jwks)
    return {
        "SLUICE_MEDIA_STORE": str(around.media),
        "SLUICE_ISSUER": ISSUER,
        "REDIS_URL": around.redis_url,
        "SLUICE_EDGE_DATABASE_URL": _NO_DATABASE,
        "SLUICE_EDGE_PORT": str(port),
        "SLUICE_EDGE_INTERNAL": f"unix:{folder / 'edge.sock'}",
        "SLUICE_EDGE_JWKS_URL": _NOWHERE,
        "SLUICE_EDGE_KEYS_FILE": str(folder / "jwks.json"),
        "SLUICE_EDGE_ADDRESS_CONNECTIONS": _MANY,  # all viewers come from one address here
    }


def count_lost_lines(metrics: str) -> int:
    """By all workers, from what Prometheus is told; raises `MetricMissing`."""
    rows = [line.split() for line in metrics.splitlines() if line.startswith(_LOST)]
    if not rows:
        raise MetricMissing(f"no {_LOST} among the metrics of the edge")
    return sum(int(float(row[-1])) for row in rows)


def _read_metrics(internal: Path) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(internal))
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n")
        return client.makefile().read()

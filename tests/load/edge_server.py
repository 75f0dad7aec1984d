"""The edge as it runs in production, with every check, counter and log line."""

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
from tests.load.servers import Server, find_port, listens, run_program

_NOWHERE: Final = "http://127.0.0.1:9/jwks.json"
_NO_DATABASE: Final = "postgresql://sluice_edge@127.0.0.1:9/sluice"
_MANY: Final = "10000"
_NO_SETTINGS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an edge rests on: a store, the document of keys, and a Redis."""

    media: Path
    jwks: bytes
    redis_url: str


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
        yield Server("edge", port, (pid,))


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

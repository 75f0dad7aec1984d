"""The edge beside nginx on the same files: requests per CPU-second of the servers' own processes.

One process each on loopback, the same 1,000 tokens in rotation; the edge judges every one of
them, nginx overlooks them. Short runs in turn, medians. `make bench` runs this.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Final

from shared.runtime.store.local import LocalStore
from tests.edge.films import ASSET_ID, Signer, make_film, make_signer, publish_film
from tests.load.programs import ProgramMissing, find_nginx, find_wrk
from tests.load.servers import Server, serve_edge, serve_nginx

SIZES: Final = {"2 KB": 2_000, "300 KB": 300_000, "2 MB": 2_000_000}
TARGETS: Final = {"2 KB": 0.8, "300 KB": 0.95, "2 MB": 2.0}
TOKENS: Final = 1_000
CONNECTIONS: Final = 32
RESULTS: Final = Path("build/bench/edge.json")

_SCRIPT: Final = Path(__file__).with_name("rotate.lua")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of wrk against one server."""

    server: str
    size: str
    requests: int
    seconds: float
    cpu_seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def requests_per_cpu_second(self) -> float:
        return self.requests / self.cpu_seconds


class RunSpoilt(Exception):
    """A run in which not every answer was good measures nothing."""


def main() -> int:
    options = _parse_options()
    try:
        wrk, nginx = find_wrk(), find_nginx()
    except ProgramMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        tokens, jwks = _prepare(folder)
        servers = (
            stack.enter_context(serve_edge(folder, folder / "media", jwks)),
            stack.enter_context(serve_nginx(nginx, folder, folder / "media")),
        )
        runs = [
            _measure(wrk, server, size, tokens=tokens, seconds=options.seconds)
            for _ in range(options.rounds)
            for size in SIZES
            for server in servers
        ]
    _save(runs)
    sys.stdout.write(_render_table(runs))
    return 0


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each kind")
    parser.add_argument("--seconds", type=int, default=3, help="length of a run")
    return parser.parse_args()


def _prepare(folder: Path) -> tuple[Path, bytes]:
    """A film with a file of every size, and the file of tokens; returns that and the keys."""
    film = make_film(sizes={_name_of(size): count for size, count in SIZES.items()})
    publish_film(LocalStore(folder / "media"), film)
    signer = make_signer()
    tokens = folder / "tokens"
    tokens.write_text("".join(f"{token}\n" for token in _issue(signer)))
    return tokens, signer.jwks()


def _issue(signer: Signer) -> Sequence[str]:
    return [
        signer.issue(subject=f"viewer-{number}", session_id=f"session-{number}")
        for number in range(TOKENS)
    ]


def _name_of(size: str) -> str:
    return f"video/720/{size.replace(' ', '')}.m4s"


def _measure(wrk: Path, server: Server, size: str, *, tokens: Path, seconds: int) -> Run:
    command = [str(wrk), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(_SCRIPT)]
    target = [f"http://127.0.0.1:{server.port}", str(tokens), f"/{ASSET_ID}/{_name_of(size)}"]
    before = server.cpu_seconds()
    output = subprocess.run([*command, *target], capture_output=True, text=True, check=True)
    used = server.cpu_seconds() - before
    said = json.loads(output.stdout.splitlines()[-1])
    if said["bad"] or not said["requests"]:
        raise RunSpoilt(f"{server.name}, {size}: {said}")
    sys.stderr.write(f"{server.name:>6} {size:>7}: {said['requests'] / used:>9,.0f}\n")
    return Run(
        server=server.name,
        size=size,
        requests=said["requests"],
        seconds=said["seconds"],
        cpu_seconds=used,
        p50_ms=said["p50_ms"],
        p99_ms=said["p99_ms"],
    )


def _save(runs: Sequence[Run]) -> None:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    document = {"runs": [asdict(run) for run in runs], "targets": TARGETS}
    RESULTS.write_text(json.dumps(document, indent=1))


def _render_table(runs: Sequence[Run]) -> str:
    lines = [
        f"Requests per CPU-second, {TOKENS} tokens in rotation, {CONNECTIONS} connections,"
        " medians; nginx checks no token and keeps no log.",
        f"{'':>8} {'edge':>10} {'nginx':>10} {'ratio':>6} {'wanted':>6}",
    ]
    for size in SIZES:
        edge, nginx = (_median(runs, server, size) for server in ("edge", "nginx"))
        lines.append(
            f"{size:>8} {edge:>10,.0f} {nginx:>10,.0f} {edge / nginx:>6.2f} {TARGETS[size]:>6.2f}"
        )
    return "\n".join([*lines, f"Written to {RESULTS}.", ""])


def _median(runs: Sequence[Run], server: str, size: str) -> float:
    chosen = [run for run in runs if (run.server, run.size) == (server, size)]
    return median(run.requests_per_cpu_second for run in chosen)


if __name__ == "__main__":
    sys.exit(main())

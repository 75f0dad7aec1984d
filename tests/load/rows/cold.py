"""Files that lie on the disk alone: the kernel is made to forget them before every run."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Final

from shared.paths import asset_key, media_path
from tests.edge.films import ASSET_ID
from tests.load.bench import Bench, Run
from tests.load.edge_server import serve_edge
from tests.load.goals import goals_of
from tests.load.opponents.nginx import serve_nginx
from tests.load.results import Line, Sample
from tests.load.servers import Server
from tests.load.shelf import evict, name_file, put_asset
from tests.load.wrk import Requests, list_requests

FILES: Final = 3_000
SIZE: Final = 300_000
SETTINGS: Final = {"SLUICE_EDGE_CACHE_BYTES": str(16 * 1024 * 1024)}
"""Room for a fiftieth of the files."""

_FROM_DISK: Final = 0.95
"""This share of what was sent must have been read from the disk."""


def measure_cold(bench: Bench) -> Iterator[Line]:
    """A run asks for each file once, so that none is in RAM when it is asked for."""
    names = [name_file(SIZE, number) for number in range(FILES)]
    put_asset(bench.media, ASSET_ID, dict.fromkeys(names, SIZE))
    files = [bench.media / asset_key(ASSET_ID, name) for name in names]
    asked = list(zip(names, cycle(bench.issue_tokens()), strict=False))
    ours = list_requests(
        bench.folder / "edge.paths",
        [media_path(token, ASSET_ID, name) for name, token in asked],
        size_bytes=SIZE,
        once=True,
    )
    theirs = list_requests(
        bench.folder / "nginx.paths",
        [f"/open/{ASSET_ID}/{name}?token={token}" for name, token in asked],
        size_bytes=SIZE,
        once=True,
    )
    with (
        serve_edge(bench.folder, bench.around, SETTINGS) as edge,
        serve_nginx(bench.nginx, bench.folder, bench.media) as nginx,
    ):
        bench.warm(edge, ours)
        bench.warm(nginx, theirs)
        (goal,) = goals_of("cold")
        yield bench.compare(
            goal,
            partial(_measure, bench, edge, ours, files),
            partial(_measure, bench, nginx, theirs, files),
        )


def _measure(bench: Bench, server: Server, requests: Requests, files: Sequence[Path]) -> Sample:
    evict(files)
    before = server.read_bytes()
    run = bench.load(server, requests)
    fetched = server.read_bytes() - before
    rate = run.rate
    return replace(rate, complaint=rate.complaint or find_warmth(run, fetched))


def find_warmth(run: Run, fetched_bytes: int) -> str:
    """A complaint where files came out of RAM after all."""
    share = fetched_bytes / (run.answers.requests * SIZE)
    return "" if share >= _FROM_DISK else f"only {share:.0%} was read from the disk"

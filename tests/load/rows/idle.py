"""How long the slowest hundredth of answers takes while very many connections do nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from typing import Final

from shared.paths import media_path
from tests.edge.films import ASSET_ID
from tests.load.bench import Bench
from tests.load.connections import allow_descriptors, hold_idle, is_open
from tests.load.edge_server import serve_edge
from tests.load.goals import goals_of
from tests.load.results import Line, Sample
from tests.load.servers import Server, wait_until
from tests.load.shelf import name_file, put_asset
from tests.load.wrk import Requests, list_requests

SMALL: Final = 2_000
SIZE: Final = 300_000
ACTIVE: Final = 64
IDLE: Final = 2_000 - ACTIVE
LET_GO_S: Final = 10


def measure_idle(bench: Bench) -> Iterator[Line]:
    allow_descriptors(2 * IDLE)
    put_asset(bench.media, ASSET_ID, {name_file(size): size for size in (SMALL, SIZE)})
    tokens = bench.issue_tokens()
    paths = [media_path(token, ASSET_ID, name_file(SIZE)) for token in tokens]
    small = [media_path(token, ASSET_ID, name_file(SMALL)) for token in tokens]
    requests = list_requests(bench.folder / "paths", paths, size_bytes=SIZE)
    with serve_edge(bench.folder, bench.around) as edge:
        bench.warm(edge, requests)
        (goal,) = goals_of("idle")
        yield bench.compare(
            goal,
            partial(_measure_among_idle, bench, edge, requests, list(islice(cycle(small), IDLE))),
            partial(bench.measure_p99, edge, requests, connections=ACTIVE),
        )


def _measure_among_idle(
    bench: Bench, edge: Server, requests: Requests, paths: Sequence[str]
) -> Sample:
    """Until the edge has let go of them all, it is busier than the next run may find it."""
    others = edge.open_files()
    with hold_idle(edge.port, paths) as clients:
        sample = bench.measure_p99(edge, requests, connections=ACTIVE)
        closed = sum(not is_open(client) for client in clients)
    are_gone = wait_until(lambda: edge.open_files() <= others, within_s=LET_GO_S)
    return replace(sample, complaint=sample.complaint or find_fault(closed, are_gone=are_gone))


def find_fault(closed: int, *, are_gone: bool) -> str:
    """A complaint where idle connections ended before they were closed, or did not end then."""
    if closed:
        return f"{closed} of {IDLE} idle connections were closed"
    return "" if are_gone else "idle connections were kept when their clients had left"

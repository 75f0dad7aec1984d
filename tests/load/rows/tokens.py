"""New viewers: a signature to check and a session to begin at every tenth request."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count, cycle, islice
from typing import Final

from shared.paths import media_path
from tests.edge.films import ASSET_ID
from tests.load.bench import Bench
from tests.load.connections import ask_in_turn
from tests.load.edge_server import serve_edge
from tests.load.goals import goals_of
from tests.load.results import Line, Sample
from tests.load.servers import Server
from tests.load.shelf import name_file, put_asset
from tests.load.viewers import TOKENS
from tests.load.wrk import Requests, list_requests

SMALL: Final = 2_000
SIZE: Final = 300_000
REQUESTS: Final = 30_000
EVERY: Final = 10


def measure_tokens(bench: Bench) -> Iterator[Line]:
    put_asset(bench.media, ASSET_ID, {name_file(size): size for size in (SMALL, SIZE)})
    seen = bench.issue_tokens()
    firsts = count(TOKENS, REQUESTS // EVERY)
    with serve_edge(bench.folder, bench.around) as edge:

        def measure_new() -> Sample:
            new = bench.issue_tokens(REQUESTS // EVERY, first=next(firsts))
            return _measure(bench, edge, seen, mix_tokens(seen, new))

        (goal,) = goals_of("tokens")
        none_new = list(islice(cycle(seen), REQUESTS))
        yield bench.compare(goal, measure_new, partial(_measure, bench, edge, seen, none_new))


def mix_tokens(seen: Sequence[str], new: Sequence[str]) -> list[str]:
    """Each new token once, after EVERY - 1 of those seen, which come round again."""
    old = cycle(seen)
    return [token for last in new for token in (*islice(old, EVERY - 1), last)]


def _measure(bench: Bench, edge: Server, seen: Sequence[str], asked: Sequence[str]) -> Sample:
    """The tokens called seen are shown once more before: new ones may have displaced them."""
    ask_in_turn(edge.port, [media_path(token, ASSET_ID, name_file(SMALL)) for token in seen])
    requests = _list(bench, asked)
    return bench.measure_rate(edge, requests)


def _list(bench: Bench, asked: Sequence[str]) -> Requests:
    paths = (media_path(token, ASSET_ID, name_file(SIZE)) for token in asked)
    return list_requests(bench.folder / "paths", paths, size_bytes=SIZE, once=True)

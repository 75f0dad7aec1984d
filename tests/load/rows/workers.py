"""Two workers on one port: what they cost together, beside one that does the same work.

Each of the two has as many connections as one has in other rows; the one beside them has all.
"""

from collections.abc import Iterator
from typing import Final

from shared.paths import media_path
from tests.edge.films import ASSET_ID
from tests.load.bench import Bench
from tests.load.edge_server import serve_edge
from tests.load.goals import goals_of
from tests.load.results import Line
from tests.load.shelf import name_file, put_asset
from tests.load.wrk import CONNECTIONS, list_requests

SIZES: Final = (2_000, 300_000)


def measure_workers(bench: Bench) -> Iterator[Line]:
    put_asset(bench.media, ASSET_ID, {name_file(size): size for size in SIZES})
    tokens = bench.issue_tokens()
    with (
        serve_edge(bench.folder, bench.around, workers=2) as two,
        serve_edge(bench.folder, bench.around) as one,
    ):
        for goal, size in zip(goals_of("workers"), SIZES, strict=True):
            paths = [media_path(token, ASSET_ID, name_file(size)) for token in tokens]
            requests = list_requests(bench.folder / "paths", paths, size_bytes=size)
            yield bench.compare_rates(
                goal, (two, requests), (one, requests), connections=2 * CONNECTIONS
            )

"""A large library: does it cost anything that 100,000 other films lie beside those watched?"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from typing import Final

from shared.paths import media_path
from tests.load.bench import Bench
from tests.load.edge_server import serve_edge
from tests.load.goals import goals_of
from tests.load.results import Line
from tests.load.shelf import name_file, number_asset, put_asset, put_tiny_assets
from tests.load.wrk import list_requests

HOT: Final = 10
ALL: Final = 100_000
FILES: Final = 20
SIZE: Final = 2_000


def measure_assets(bench: Bench) -> Iterator[Line]:
    few, many = bench.folder / "few", bench.folder / "many"
    hot = [number_asset(number) for number in range(HOT)]
    names = [name_file(SIZE, number) for number in range(FILES)]
    for media in (few, many):
        for asset_id in hot:
            put_asset(media, asset_id, dict.fromkeys(names, SIZE))
    bench.progress.tell(f"assets: putting {ALL:,} of them on the disk")
    put_tiny_assets(many, map(number_asset, range(HOT, ALL)))
    places = cycle((asset_id, name) for name in names for asset_id in hot)
    paths = [media_path(token, *next(places)) for token in bench.issue_tokens()]
    requests = list_requests(bench.folder / "paths", paths, size_bytes=SIZE)
    with (
        serve_edge(bench.folder, replace(bench.around, media=many)) as edge_of_many,
        serve_edge(bench.folder, replace(bench.around, media=few)) as edge_of_few,
    ):
        (goal,) = goals_of("assets")
        yield bench.compare_rates(goal, (edge_of_many, requests), (edge_of_few, requests))

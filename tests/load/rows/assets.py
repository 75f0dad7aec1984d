"""A large library: does it cost anything that 100,000 other films lie beside those watched?"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, product
from pathlib import Path
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

_MEMORY: Final = Path("/dev/shm")  # noqa: S108


def measure_assets(bench: Bench) -> Iterator[Line]:
    """On tmpfs where there is one: after so many files were removed, ext4 takes minutes to make
    as many again, and for each process of the machine."""
    memory = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="bench-", dir=memory) as folder:
        yield _measure(bench, few=Path(folder, "few"), many=Path(folder, "many"))


def _measure(bench: Bench, *, few: Path, many: Path) -> Line:
    hot = [number_asset(number) for number in range(HOT)]
    names = [name_file(SIZE, number) for number in range(FILES)]
    for media, asset_id in product((few, many), hot):
        put_asset(media, asset_id, dict.fromkeys(names, SIZE))
    bench.progress.tell(f"assets: making {ALL:,} of them")
    put_tiny_assets(many, [number_asset(number) for number in range(HOT, ALL)])
    places = cycle(product(hot, names))
    paths = [media_path(token, *next(places)) for token in bench.issue_tokens()]
    requests = list_requests(bench.folder / "paths", paths, size_bytes=SIZE)
    (goal,) = goals_of("assets")
    with (
        serve_edge(bench.folder, replace(bench.around, media=many)) as edge_of_many,
        serve_edge(bench.folder, replace(bench.around, media=few)) as edge_of_few,
    ):
        return bench.compare_rates(goal, (edge_of_many, requests), (edge_of_few, requests))

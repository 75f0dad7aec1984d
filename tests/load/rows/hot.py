"""Files in RAM: beside nginx that checks nothing, and beside nginx that asks Django about each."""

from collections.abc import Iterator
from typing import Final

from shared.paths import media_path
from tests.edge.films import ASSET_ID
from tests.load.bench import Bench
from tests.load.edge_server import serve_edge
from tests.load.goals import goals_of
from tests.load.opponents.django import serve_nginx_asking_django
from tests.load.opponents.nginx import serve_nginx
from tests.load.results import Line
from tests.load.servers import Server
from tests.load.shelf import name_file, put_asset
from tests.load.wrk import list_requests

SIZES: Final = (2_000, 300_000, 2_000_000)


def measure_ram(bench: Bench) -> Iterator[Line]:
    """nginx gets requests of the same length, and overlooks the token in them."""
    _put_film(bench)
    with serve_nginx(bench.nginx, bench.folder, bench.media) as nginx:
        yield from _compare(bench, "ram", nginx, "/open")


def measure_auth(bench: Bench) -> Iterator[Line]:
    _put_film(bench)
    jwks = bench.signer.jwks()
    with serve_nginx_asking_django(bench.nginx, bench.folder, bench.media, jwks) as nginx:
        yield from _compare(bench, "auth", nginx, "/asked")


def _put_film(bench: Bench) -> None:
    put_asset(bench.media, ASSET_ID, {name_file(size): size for size in SIZES})


def _compare(bench: Bench, row: str, nginx: Server, place: str) -> Iterator[Line]:
    """`place` is where nginx has the files of all assets."""
    tokens = bench.issue_tokens()
    with serve_edge(bench.folder, bench.around) as edge:
        for goal, size in zip(goals_of(row), SIZES, strict=True):
            name = name_file(size)
            ours = [media_path(token, ASSET_ID, name) for token in tokens]
            theirs = [f"{place}/{ASSET_ID}/{name}?token={token}" for token in tokens]
            yield bench.compare_rates(
                goal,
                (edge, list_requests(bench.folder / "edge.paths", ours, size_bytes=size)),
                (nginx, list_requests(bench.folder / "nginx.paths", theirs, size_bytes=size)),
            )

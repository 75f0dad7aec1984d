"""What a connection costs in memory: one whose client takes nothing, and one that is idle."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final

from shared.paths import media_path
from tests.edge.films import ASSET_ID
from tests.load.bench import Bench
from tests.load.connections import allow_descriptors, ask_in_turn, hold_idle, hold_stalled
from tests.load.edge_server import serve_edge
from tests.load.goals import goals_of
from tests.load.results import Line, Sample
from tests.load.shelf import name_file, put_asset

SMALL: Final = 2_000
LARGE: Final = 16_000_000
CLIENTS: Final = 1_000

Hold = Callable[[int, Sequence[str]], AbstractContextManager[Any]]


def measure_memory(bench: Bench) -> Iterator[Line]:
    """A new edge for every run: memory that a process got it seldom gives back."""
    allow_descriptors(2 * CLIENTS)
    put_asset(bench.media, ASSET_ID, {name_file(size): size for size in (SMALL, LARGE)})
    stalled, idle = goals_of("memory")
    yield bench.compare(stalled, partial(_measure, bench, hold_stalled, LARGE))
    yield bench.compare(idle, partial(_measure, bench, hold_idle, SMALL))


def _measure(bench: Bench, hold: Hold, size: int) -> Sample:
    """Kilobytes for each client. Tokens and files are known before, so that only connections
    make the difference."""
    tokens = bench.issue_tokens(CLIENTS)
    small, wanted = (
        [media_path(token, ASSET_ID, name_file(number)) for token in tokens]
        for number in (SMALL, size)
    )
    with serve_edge(bench.folder, bench.around) as edge:
        ask_in_turn(edge.port, [*small, *wanted[:2]])
        before = edge.held_bytes()
        with hold(edge.port, wanted):
            return Sample((edge.held_bytes() - before) / CLIENTS / 1024)

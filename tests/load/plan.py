"""The rows of the benchmark in their order, and how long each takes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from tests.load.bench import RUN_EXTRA_S, Bench
from tests.load.results import Line
from tests.load.rows.assets import measure_assets
from tests.load.rows.cold import measure_cold
from tests.load.rows.hot import measure_auth, measure_ram
from tests.load.rows.idle import measure_idle
from tests.load.rows.memory import measure_memory
from tests.load.rows.tokens import measure_tokens
from tests.load.rows.workers import measure_workers

MeasureRow: TypeAlias = Callable[[Bench], Iterator[Line]]


@dataclass(frozen=True, slots=True)
class Row:
    """What answers one question. `runs` make a round; `around_s` is all that is not measured."""

    name: str
    measure: MeasureRow
    runs: int
    around_s: float

    def plan_s(self, *, rounds: int, seconds: int) -> float:
        return self.around_s + self.runs * rounds * (seconds + RUN_EXTRA_S)


PLAN: Final = (
    Row("ram", measure_ram, runs=6, around_s=10),
    Row("auth", measure_auth, runs=6, around_s=10),
    Row("cold", measure_cold, runs=2, around_s=10),
    Row("workers", measure_workers, runs=4, around_s=8),
    Row("memory", measure_memory, runs=2, around_s=2),
    Row("idle", measure_idle, runs=2, around_s=5),
    Row("assets", measure_assets, runs=2, around_s=12),
    Row("tokens", measure_tokens, runs=2, around_s=5),
)

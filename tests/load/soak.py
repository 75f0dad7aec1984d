"""Mixed load on a real edge for half an hour, to see that nothing grows: run
`python -m tests.load.soak`. It takes less than a third of a core, so that work may go on beside it.

What the edge remembers of tokens is full after ten minutes; a run of less than twenty tells of
descriptors and tasks, but not of memory. The verdict is the exit code.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from redis.asyncio import Redis

from shared.runtime.store.local import LocalStore
from standalone.waiting import OutOfTime, wait_until
from tests.edge.films import make_film, make_signer, publish_film
from tests.edge.processes import Edge, run_edge
from tests.edge.redis_servers import serve_own_redis
from tests.load.soak_load import SIZES, SoakLoad
from tests.load.soak_plot import draw_run
from tests.load.soak_samples import Run, Sample, take_sample
from tests.load.soak_table import render_run

RESULTS: Final = Path("build")
FEWEST: Final = 4

SETTINGS: Final = {
    "SLUICE_EDGE_CACHE_BYTES": str(12 * 1024 * 1024),  # less than there is: files come and go
    "SLUICE_EDGE_STALL_S": "6",
    "SLUICE_EDGE_ADDRESS_CONNECTIONS": "10000",  # all come from one address here
    "SLUICE_EDGE_REFUSALS_PER_S": "1000",
}
_REST_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """For how long a run goes on, and how often it is looked at."""

    seconds: float
    every_s: float


def main() -> int:
    plan = parse_plan(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        run = asyncio.run(soak(Path(folder), plan))
    save(run, RESULTS)
    sys.stdout.write(f"{render_run(run)}\nWritten to {RESULTS}: soak.json, soak.png\n")
    return 1 if run.find_faults() else 0


def parse_plan(arguments: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long the load goes on")
    parser.add_argument("--every", type=float, default=10, help="seconds from sample to sample")
    options = parser.parse_args(arguments)
    plan = Plan(options.minutes * 60, options.every)
    if plan.every_s <= 0 or plan.seconds < FEWEST * plan.every_s:
        parser.error(f"at least {FEWEST} samples are needed")
    return plan


async def soak(folder: Path, plan: Plan) -> Run:
    film, signer = make_film(sizes=SIZES), make_signer()
    publish_film(LocalStore(folder / "media"), film)
    (folder / "jwks.json").write_bytes(signer.jwks())
    async with (
        serve_own_redis(folder) as redis,
        Redis.from_url(redis.url) as client,
        run_edge(folder, workers=2, REDIS_URL=redis.url, **SETTINGS) as edge,
    ):
        before = await take_sample(edge, 0)
        load = SoakLoad(edge.port, film, signer, client)
        async with load.running():
            samples = await sample_often(edge, plan)
        return Run(samples, before, await rest(edge, before), load.surprises)


async def sample_often(edge: Edge, plan: Plan) -> list[Sample]:
    clock = asyncio.get_running_loop().time
    began_at, samples = clock(), list[Sample]()
    while (at_s := len(samples) * plan.every_s) <= plan.seconds:
        await asyncio.sleep(began_at + at_s - clock())
        samples.append(await take_sample(edge, at_s))
        sys.stderr.write(f"{at_s / 60:5.1f} min  {samples[-1].held_kb:9,.0f} KB\n")
    return samples


async def rest(edge: Edge, before: Sample) -> Sample:
    """The edge without load, as soon as it has no more tasks than at the beginning, or when it
    should have come to rest."""

    async def is_at_rest() -> bool:
        return (await take_sample(edge, 0)).tasks <= before.tasks

    with suppress(OutOfTime):
        await wait_until(is_at_rest, what="rest", within_s=_REST_S)
    return await take_sample(edge, 0)


def save(run: Run, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "soak.json").write_text(json.dumps(run.describe(), indent=1))
    draw_run(run, folder / "soak.png")


if __name__ == "__main__":
    sys.exit(main())

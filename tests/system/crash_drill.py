"""The crash drill: films are transcoded while, once for each of them, something is killed.

    python -m tests.system.crash_drill --jobs 50 --seed 1

A whole system is started with three transcoders. Films are first transcoded undisturbed, for the
others to be compared with. Then jobs are put in, and at random points of their course a kill -9
ends an encoding child, a transcoder, the broker, or all of the control plane. At the end each job
has to have made one asset, the same to the byte as if nobody had been killed, no finished chunk may
have been encoded again, and after the sweepers nothing may lie in the store that no row knows.

The seed decides who is killed when; where the system is by then differs from run to run.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

import av.logging
import psycopg

from shared.asset import Asset
from standalone.api import open_api
from standalone.demo import make_demo_film
from tests.stack import Stack, make_state_folder, run_stack
from tests.system.aftermath import (
    find_faults,
    find_orphans,
    list_finished,
    read_asset,
    sweep,
)
from tests.system.ledger import Ledger, read_ledger
from tests.system.management import find_deployment
from tests.system.strikes import Strike, Victim, strike
from tests.waiting import wait_for

# Two rungs; cut in seven chunks, and in five, when chunks are of one segment.
_SIZE: Final = (854, 480)
_LENGTHS_S: Final = (18, 12)
SETTINGS: Final = {
    "SLUICE_TRANSCODERS": "3",
    "SLUICE_TRANSCODER_CHUNK_SEGMENTS": "1",
    "SLUICE_TRANSCODER_PRESET": "ultrafast",
}
_PATIENCE_S: Final = 300
# How many jobs the kills run ahead of those that are done, so that they go on to the end.
_AHEAD: Final = 3

_JOB: Final = "SELECT id::text FROM transcodes_transcodejob WHERE video_id = %(video_id)s::uuid"
_UNFINISHED: Final = """
SELECT count(*) FROM transcodes_transcodejob
WHERE id = ANY(%(job_ids)s::uuid[]) AND state IN ('queued', 'running', 'publishing')
"""
_CHUNKS: Final = """
SELECT id::text, chunk_count FROM transcodes_transcodejob WHERE id = ANY(%(job_ids)s::uuid[])
"""

Database = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a drill. `swept` places were emptied, and
    `orphans` are what no row knows afterwards."""

    strikes: tuple[Strike, ...]
    ready: int
    ledger: Ledger
    faults: tuple[str, ...]
    swept: int
    orphans: tuple[str, ...]
    took_s: float

    @property
    def is_good(self) -> bool:
        return not self.faults and not self.orphans and not self.ledger.again

    def render(self) -> str:
        victims = Counter(strike.victim.value for strike in self.strikes)
        met = Counter(strike.met for strike in self.strikes)
        lines = [
            f"{self.ready} jobs ready after {self.took_s:.0f} s",
            f"killed: {_render_counts(victims)}; while: {_render_counts(met)}",
            f"chunks: {self.ledger.chunks}; encodings begun: {self.ledger.begun}, cut off or in "
            f"vain: {self.ledger.ended}; answered without encoding: {self.ledger.spared}; "
            f"encoded again: {len(self.ledger.again)}",
            f"places swept: {self.swept}; left, and known to no row: {len(self.orphans)}",
            *self.faults,
            *(f"encoded again: {attempt}" for attempt in self.ledger.again),
            *(f"left in the store: {place}" for place in self.orphans),
        ]
        return "".join(f"{line}\n" for line in lines)


class Drill:
    """A running system and what is done to it."""

    def __init__(self, stack: Stack, database: Database, seed: int) -> None:
        self._stack = stack
        self._database = database
        self._fate = Random(seed)  # noqa: S311  (nobody is to be surprised)
        self._media = stack.state / "media"

    def run(self, films: Sequence[bytes], *, jobs: int, say: Callable[[str], None]) -> Outcome:
        began_s = time.monotonic()
        models = [self._make_model(film) for film in films]
        typical_s = (time.monotonic() - began_s) / len(films)
        say(f"undisturbed, a job takes {typical_s:.0f} s")
        began_s = time.monotonic()
        job_ids = self._put_in([films[number % len(films)] for number in range(jobs)])
        strikes = []
        for number, victim in enumerate(self._choose_victims(jobs)):
            self._await(job_ids, unfinished=jobs - number + _AHEAD)
            time.sleep(self._fate.uniform(0, typical_s / 2))
            strikes.append(strike(self._stack, victim, self._database))
            say(f"killed: {strikes[-1].victim} ({strikes[-1].met})")
        self._await(job_ids)
        took_s = time.monotonic() - began_s
        return self._judge(job_ids, models, strikes=strikes, took_s=took_s)

    def _make_model(self, film: bytes) -> Asset:
        job_ids = self._put_in([film])
        self._await(job_ids)
        (job,) = list_finished(self._database, job_ids)
        assert job.asset_id, f"undisturbed, a job is {job.state}: {job.failure}"
        return read_asset(self._media / "assets" / job.asset_id)

    def _put_in(self, films: Sequence[bytes]) -> list[str]:
        """Upload films; their jobs."""
        video_ids = asyncio.run(_upload(self._stack, films))
        return [str(self._ask(_JOB, video_id=video_id)) for video_id in video_ids]

    def _choose_victims(self, jobs: int) -> list[Victim]:
        victims = [list(Victim)[number % len(Victim)] for number in range(jobs)]
        self._fate.shuffle(victims)
        return victims

    def _await(self, job_ids: list[str], *, unfinished: int = 0) -> None:
        """Wait until no more jobs than that are unfinished."""
        wait_for(
            lambda: self._ask(_UNFINISHED, job_ids=job_ids) <= unfinished,
            what=f"all but {unfinished} jobs to end",
            within_s=_PATIENCE_S,
        )

    def _judge(
        self,
        job_ids: list[str],
        models: Sequence[Asset],
        *,
        strikes: Sequence[Strike],
        took_s: float,
    ) -> Outcome:
        finished = list_finished(self._database, job_ids)
        faults = [
            fault
            for number, job in enumerate(finished)
            for fault in find_faults(self._media, job, models[number % len(models)])
        ]
        chunks = dict(self._database.execute(_CHUNKS, {"job_ids": job_ids}).fetchall())
        ledger = read_ledger(self._stack.state, chunks)
        self._plant_orphans()
        left = find_orphans(self._media, self._database)
        sweep(self._stack)
        orphans = find_orphans(self._media, self._database)
        return Outcome(
            strikes=tuple(strikes),
            ready=sum(job.state == "ready" for job in finished),
            ledger=ledger,
            faults=tuple(faults),
            swept=len(left - orphans),
            orphans=tuple(sorted(orphans)),
            took_s=took_s,
        )

    def _plant_orphans(self) -> None:
        """What a crash may leave in the worst case."""
        for name in ("work", "assets"):
            place = self._media / name / str(uuid4())
            place.mkdir()
            (place / "main.m3u8").write_bytes(b"#EXTM3U\n")

    def _ask(self, query: str, **values: Any) -> Any:
        """The one value that a query is about."""
        return self._database.execute(query, values).fetchall()[0][0]


def run_drill(stack: Stack, *, jobs: int, seed: int, say: Callable[[str], None] = print) -> Outcome:
    """Drill a system that was started with `SETTINGS`."""
    url = find_deployment(stack).database_url
    with psycopg.connect(url, autocommit=True) as database:
        return Drill(stack, database, seed).run(draw_films(), jobs=jobs, say=say)


async def _upload(stack: Stack, films: Sequence[bytes]) -> list[str]:
    """The ids of the videos."""
    async with open_api(stack.control_url) as api:
        await api.log_in(stack.announced["admin_email"], stack.secret("admin_password"))
        video_ids = []
        for film in films:
            video = await api.create_video(title="drill", description="", visibility="members")
            await api.upload_source(video.id, "film.mp4", film)
            video_ids.append(video.id)
        return video_ids


def draw_films() -> list[bytes]:
    with TemporaryDirectory(prefix="sluice-drill-") as folder:
        return [_draw_film(Path(folder), seconds) for seconds in _LENGTHS_S]


def _draw_film(folder: Path, seconds: int) -> bytes:
    path = folder / f"{seconds}.mp4"
    make_demo_film(path, seconds, width=_SIZE[0], height=_SIZE[1])
    return path.read_bytes()


def _render_counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.system.crash_drill",
        description="Transcode films while parts of the system are killed.",
    )
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    av.logging.set_level(None)
    with make_state_folder() as state, run_stack(state, **SETTINGS) as stack:
        outcome = run_drill(stack, jobs=options.jobs, seed=options.seed)
    sys.stdout.write(outcome.render())
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

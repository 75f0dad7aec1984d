"""What the workers say together: one readiness, and metrics of which every series is somebody's.

The kernel gives connections to workers that listen. One of those that is not ready refuses its
viewers, so it is enough to make the whole not ready. One that died gets no connection while it is
away: the others go on, and the whole is degraded, unless nobody is left. At the start all have to
be there, so that a machine is not given the load of four cores while one serves.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from aiohttp import ClientError, ClientSession, ClientTimeout, UnixConnector
from prometheus_client.core import Metric
from pydantic import ValidationError

from edge.metrics import counter_by, gauge, render_metrics
from edge.process.exposition import merge_expositions
from edge.process.health import SERVING, STORE_TIMEOUT_S, Absences, Report, Status, judge_status

SCRAPE_S: Final = 1.0
REPORT_S: Final = STORE_TIMEOUT_S + 1.0

_WORST_FIRST: Final = (Status.NOT_READY, Status.DEGRADED, Status.READY)


class Answering(Protocol):
    """A worker as it is asked: what it is called, where, and what became of it."""

    @property
    def name(self) -> str: ...
    @property
    def internal(self) -> Path: ...
    @property
    def restarts(self) -> int: ...
    @property
    def is_running(self) -> bool: ...


class RollCall:
    """Asks all `workers`. `stopping` is set when none of them should get requests any more."""

    def __init__(self, workers: Sequence[Answering], *, stopping: asyncio.Event) -> None:
        self._workers = workers
        self._stopping = stopping
        self._absences = Absences()
        self._silent: Counter[str] = Counter()
        self._complete = False

    async def check(self) -> Report:
        answers = await self._ask("/readyz", within_s=REPORT_S)
        reports = [_parse_report(answer) for answer in answers.values()]
        away = [
            f"worker {name}"
            for name, report in zip(answers, reports, strict=True)
            if report is None or SERVING in report.missing
        ]
        self._complete = self._complete or not away
        serving = self._complete and len(away) < len(answers) and not self._stopping.is_set()
        lacking = [] if serving else [SERVING]
        missing = self._absences.note([*lacking, *away])
        return combine_reports(
            [report for report in reports if report and SERVING not in report.missing],
            Report(status=judge_status(lacking, away), missing=missing),
        )

    async def render(self) -> bytes:
        answers = await self._ask("/metrics", within_s=SCRAPE_S)
        texts = {name: text for name, text in answers.items() if text is not None}
        self._silent.update(answers.keys() - texts.keys())
        return render_metrics([self._collect]) + merge_expositions(texts).encode()

    def _collect(self) -> Iterator[Metric]:
        restarts = {worker.name: worker.restarts for worker in self._workers}
        running = sum(worker.is_running for worker in self._workers)
        yield gauge("workers", "Worker processes that run", running)
        yield gauge("workers_wanted", "Worker processes that should run", len(self._workers))
        yield counter_by("worker_restarts", "Workers started again", "worker", restarts)
        yield counter_by("worker_silent", "Scrapes without a worker", "worker", self._silent)

    async def _ask(self, path: str, *, within_s: float) -> dict[str, str | None]:
        asked = [_ask(worker.internal, path, within_s=within_s) for worker in self._workers]
        answers = await asyncio.gather(*asked)
        return {worker.name: text for worker, text in zip(self._workers, answers, strict=True)}


def combine_reports(serving: Sequence[Report], own: Report) -> Report:
    """One report of the workers that serve and of the parent's `own`: the worst status, and of
    what several miss the earliest time."""
    missing: dict[str, datetime] = dict(own.missing)
    for report in serving:
        for name, since in report.missing.items():
            missing[name] = min(since, missing.get(name, since))
    statuses = {own.status, *(report.status for report in serving)}
    status = next(status for status in _WORST_FIRST if status in statuses)
    return Report(status=status, missing=missing)


def _parse_report(text: str | None) -> Report | None:
    try:
        return None if text is None else Report.model_validate_json(text)
    except ValidationError:
        return None


async def _ask(socket: Path, path: str, *, within_s: float) -> str | None:
    """The text of an answer, whatever its status; None when there is none in time."""
    try:
        async with (
            ClientSession(
                connector=UnixConnector(str(socket)), timeout=ClientTimeout(total=within_s)
            ) as session,
            session.get(f"http://worker{path}") as answer,
        ):
            return await answer.text()
    except (ClientError, TimeoutError, OSError):
        return None

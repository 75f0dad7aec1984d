"""What workers say together, each behind a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.process.health import Report, Status
from edge.process.internal import Internal, listen_inside
from edge.process.roll_call import RollCall, combine_reports

EARLY = datetime(2026, 1, 2, 6, tzinfo=UTC)
LATE = datetime(2026, 1, 2, 7, tzinfo=UTC)
READY = Report(status=Status.READY, missing={})
WITHOUT_REDIS = Report(status=Status.DEGRADED, missing={"redis": EARLY})
WITHOUT_KEYS = Report(status=Status.NOT_READY, missing={"keys": EARLY})
NOT_SERVING = Report(status=Status.NOT_READY, missing={"serving": EARLY})


@dataclass
class FakeWorker:
    """Says what it is told to say; `report` None is one that does not answer."""

    name: str
    internal: Path
    report: Report | None = READY
    text: str = "# HELP hits Hits\n# TYPE hits counter\nhits_total 1.0\n"
    restarts: int = 0
    is_running: bool = True

    async def check(self) -> Report:
        if self.report is None:
            await asyncio.Event().wait()
        assert self.report is not None
        return self.report

    async def render(self) -> bytes:
        if self.report is None:
            await asyncio.Event().wait()
        return self.text.encode()


@pytest.fixture
async def workers(tmp_path: Path) -> AsyncIterator[list[FakeWorker]]:
    workers = [FakeWorker(name, tmp_path / f"{name}.sock") for name in ("1", "2")]
    async with AsyncExitStack() as stack:
        for worker in workers:
            internal = Internal(worker.check, worker.render)
            await stack.enter_async_context(listen_inside(f"unix:{worker.internal}", internal))
        yield workers


@pytest.fixture
def stopping() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
def roll_call(
    workers: list[FakeWorker], stopping: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> RollCall:
    for name in ("SCRAPE_S", "REPORT_S"):
        monkeypatch.setattr(f"edge.process.roll_call.{name}", 0.2)
    return RollCall(workers, stopping=stopping)


async def test_all_ready_is_ready(roll_call: RollCall) -> None:
    assert await roll_call.check() == READY


async def test_until_all_serve_nobody_is_ready(
    roll_call: RollCall, workers: list[FakeWorker]
) -> None:
    workers[1].report = NOT_SERVING
    report = await roll_call.check()
    assert report.status is Status.NOT_READY
    assert report.missing.keys() == {"serving", "worker 2"}
    workers[1].report = READY
    assert await roll_call.check() == READY


@pytest.mark.parametrize("report", [None, NOT_SERVING], ids=["silent", "starting again"])
async def test_a_worker_that_is_away_later_leaves_the_others_degraded(
    roll_call: RollCall, workers: list[FakeWorker], report: Report | None
) -> None:
    await roll_call.check()
    workers[0].report = report
    combined = await roll_call.check()
    assert combined.status is Status.DEGRADED
    assert combined.missing.keys() == {"worker 1"}


async def test_a_worker_without_a_socket_is_away(
    roll_call: RollCall, workers: list[FakeWorker]
) -> None:
    await roll_call.check()
    workers[0].internal.unlink()
    assert (await roll_call.check()).missing.keys() == {"worker 1"}


async def test_when_all_are_away_nobody_is_ready(
    roll_call: RollCall, workers: list[FakeWorker]
) -> None:
    await roll_call.check()
    for worker in workers:
        worker.report = NOT_SERVING
    report = await roll_call.check()
    assert report.status is Status.NOT_READY
    assert report.missing.keys() == {"serving", "worker 1", "worker 2"}


async def test_one_that_serves_and_is_not_ready_is_enough(
    roll_call: RollCall, workers: list[FakeWorker]
) -> None:
    workers[1].report = WITHOUT_KEYS
    assert await roll_call.check() == WITHOUT_KEYS


async def test_who_is_about_to_stop_is_not_ready(
    roll_call: RollCall, stopping: asyncio.Event
) -> None:
    stopping.set()
    report = await roll_call.check()
    assert report.status is Status.NOT_READY
    assert report.missing.keys() == {"serving"}


@pytest.mark.parametrize(
    ("reports", "own", "combined"),
    [
        ([], WITHOUT_KEYS, WITHOUT_KEYS),
        ([READY, WITHOUT_REDIS], READY, WITHOUT_REDIS),
        ([READY], WITHOUT_REDIS, WITHOUT_REDIS),
        (
            [WITHOUT_REDIS, WITHOUT_KEYS],
            READY,
            Report(status=Status.NOT_READY, missing={"redis": EARLY, "keys": EARLY}),
        ),
        (
            [Report(status=Status.DEGRADED, missing={"redis": LATE}), WITHOUT_REDIS],
            READY,
            WITHOUT_REDIS,
        ),
    ],
    ids=["nobody", "one degraded", "the parent", "the worst", "the earliest"],
)
def test_the_worst_status_and_the_earliest_time_count(
    reports: list[Report], own: Report, combined: Report
) -> None:
    assert combine_reports(reports, own) == combined


async def test_metrics_are_everybodys_and_the_parents(
    roll_call: RollCall, workers: list[FakeWorker]
) -> None:
    workers[0].restarts = 3
    lines = (await roll_call.render()).decode().splitlines()
    assert {
        'hits_total{worker="1"} 1.0',
        'hits_total{worker="2"} 1.0',
        "sluice_edge_workers 2.0",
        'sluice_edge_worker_restarts_total{worker="1"} 3.0',
        'sluice_edge_worker_restarts_total{worker="2"} 0.0',
    } <= set(lines)


async def test_who_does_not_answer_a_scrape_is_left_out_and_counted(
    roll_call: RollCall, workers: list[FakeWorker]
) -> None:
    workers[0].report = None
    workers[0].is_running = False
    text = (await roll_call.render()).decode()
    assert 'hits_total{worker="1"}' not in text
    assert 'sluice_edge_worker_silent_total{worker="1"} 1.0' in text
    assert "sluice_edge_workers 1.0" in text

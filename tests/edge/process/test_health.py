"""Readiness: what an edge needs, what it can do without, and since when something is missing."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from edge.process.health import Absences, Readiness, Report, Status, judge_status
from shared.runtime.store.interface import StoreUnavailable

MORNING = datetime(2026, 1, 2, 6, tzinfo=UTC)


def reach_store() -> None:
    """A store that is there."""


def miss_store() -> None:
    raise StoreUnavailable("gone")


def make_readiness(
    check_store: Callable[[], None] = reach_store, **facts: Mapping[str, bool]
) -> Readiness:
    """A process that serves, with `needed` and `wished` as they are given."""
    needed, wished = (
        {name: lambda held=held: held for name, held in facts.get(sort, {}).items()}
        for sort in ("needed", "wished")
    )
    absences = Absences(MORNING.timestamp)
    readiness = Readiness(check_store, needed=needed, wished=wished, absences=absences)
    readiness.serving = True
    return readiness


@pytest.mark.parametrize(
    ("lacking", "without", "status"),
    [
        ([], [], Status.READY),
        ([], ["redis"], Status.DEGRADED),
        (["keys"], [], Status.NOT_READY),
        (["keys"], ["redis"], Status.NOT_READY),
    ],
)
def test_needs_weigh_more_than_wishes(
    lacking: list[str], without: list[str], status: Status
) -> None:
    assert judge_status(lacking, without) is status


async def test_who_has_all_is_ready() -> None:
    readiness = make_readiness(needed={"keys": True}, wished={"redis": True})
    assert await readiness.check() == Report(status=Status.READY, missing={})


async def test_who_lacks_a_wish_is_degraded_and_says_what() -> None:
    report = await make_readiness(needed={"keys": True}, wished={"redis": False}).check()
    assert report == Report(status=Status.DEGRADED, missing={"redis": MORNING})


async def test_who_lacks_a_need_is_not_ready() -> None:
    report = await make_readiness(needed={"keys": False}).check()
    assert report == Report(status=Status.NOT_READY, missing={"keys": MORNING})


async def test_who_does_not_reach_the_store_is_not_ready() -> None:
    report = await make_readiness(miss_store).check()
    assert report == Report(status=Status.NOT_READY, missing={"store": MORNING})


async def test_who_does_not_serve_yet_or_any_more_is_not_ready() -> None:
    readiness = make_readiness()
    readiness.serving = False
    report = await readiness.check()
    assert report == Report(status=Status.NOT_READY, missing={"serving": MORNING})


def test_an_absence_is_told_since_it_was_found() -> None:
    times = iter([10.0, 20.0, 30.0, 40.0])
    absences = Absences(lambda: next(times))
    assert absences.note(["redis"])["redis"].timestamp() == 10
    assert absences.note(["redis", "postgres"])["redis"].timestamp() == 10
    assert absences.note([]) == {}
    assert absences.note(["redis"])["redis"].timestamp() == 40


def test_absences_are_told_in_the_time_that_people_read() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    since = Absences().note(["redis"])["redis"]
    assert before <= since <= datetime.fromtimestamp(time.time(), UTC)


def test_a_report_survives_being_sent() -> None:
    report = Report(status=Status.DEGRADED, missing={"redis": MORNING})
    text = report.model_dump_json()
    assert text == '{"status":"degraded","missing":{"redis":"2026-01-02T06:00:00Z"}}'
    assert Report.model_validate_json(text) == report

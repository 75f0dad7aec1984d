"""An order is carried out once, and however it ends, it is reported."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from shared.asset import parse_asset
from shared.jobs import (
    RECORD_FAILURE_TASK,
    RECORD_PROGRESS_TASK,
    RECORD_RESULT_TASK,
    FailureReason,
    FailureReport,
    ProgressReport,
    ResultReport,
)
from shared.paths import asset_document_key, asset_prefix, cancelled_key, claim_key
from shared.runtime.store.interface import StoreUnavailable
from shared.runtime.store.local import LocalStore
from tests.transcoder.children import find_encoder
from tests.transcoder.orders import ASSET_ID, JOB_ID, NOW, QUICK, SOURCE_KEY, make_order
from tests.waiting import wait_for
from transcoder.settings import Settings
from transcoder.worker import Worker

SLOW = Settings(preset="slow")


class Desk:
    """A worker and what the control plane hears of it."""

    def __init__(self, folder: Path, settings: Settings = QUICK) -> None:
        self.store = LocalStore(folder / "media")
        self.heard: list[tuple[str, str]] = []
        self.at_first_word: Callable[[], None] = lambda: None
        self.worker = Worker(
            store=self.store,
            media_store=folder / "media",
            scratch=folder / "scratch",
            settings=settings,
            send=self._hear,
            stopping=Event(),
        )

    def _hear(self, task: str, text: str) -> None:
        self.heard.append((task, text))
        if len(self.heard) == 1:
            self.at_first_word()

    def carry_out(self, text: str, *, now: float = NOW) -> None:
        self.worker.carry_out(text, now=now)

    def is_at_work(self) -> bool:
        return any(self.store.list_keys(asset_prefix(ASSET_ID)))

    def await_work(self) -> None:
        wait_for(self.is_at_work, what="the first file of the asset", within_s=30)

    @property
    def tasks(self) -> list[str]:
        return [task for task, _ in self.heard]

    @property
    def last(self) -> str:
        return self.heard[-1][1]


@pytest.fixture
def desk(tmp_path: Path, clip: bytes) -> Desk:
    desk = Desk(tmp_path)
    desk.store.put(SOURCE_KEY, clip)
    return desk


@pytest.fixture
def slow_desk(tmp_path: Path, demo: Path) -> Iterator[Desk]:
    """One whose work takes long enough to happen something to it."""
    desk = Desk(tmp_path, SLOW)
    desk.store.put(SOURCE_KEY, demo.read_bytes())
    yield desk
    assert find_encoder() is None


def test_an_order_becomes_an_asset_and_a_result(desk: Desk) -> None:
    desk.carry_out(make_order().render())
    assert set(desk.tasks[:-1]) == {RECORD_PROGRESS_TASK}
    assert desk.tasks[-1] == RECORD_RESULT_TASK
    result = ResultReport.parse(desk.last)
    assert (result.job_id, result.attempt, result.asset_id) == (JOB_ID, 1, ASSET_ID)
    assert (result.duration_ms, result.heights) == (4000, (180,))
    asset = parse_asset(desk.store.get(asset_document_key(ASSET_ID)))
    assert asset.asset_id == ASSET_ID
    names = [k for k in desk.store.list_keys(asset_prefix(ASSET_ID)) if "asset.json" not in k]
    assert result.size_bytes == sum(desk.store.size(key) for key in names)


def test_a_heartbeat_comes_at_once(desk: Desk) -> None:
    desk.carry_out(make_order().render())
    report = ProgressReport.parse(desk.heard[0][1])
    assert (report.job_id, report.attempt, report.fraction) == (JOB_ID, 1, 0)
    assert report.eta_s is None


def test_an_order_that_comes_twice_is_let_go_the_second_time(desk: Desk) -> None:
    desk.carry_out(make_order().render())
    heard = len(desk.heard)
    desk.carry_out(make_order().render())
    assert len(desk.heard) == heard


def test_the_next_attempt_is_another_order(desk: Desk) -> None:
    desk.store.put(claim_key(JOB_ID, 0, 1), b"", create=True)
    desk.carry_out(make_order(attempt=2).render())
    assert desk.tasks[-1] == RECORD_RESULT_TASK


def test_an_order_whose_lease_is_over_is_let_go_unclaimed(desk: Desk) -> None:
    desk.carry_out(make_order().render(), now=make_order().lease_ends_at + 1)
    assert desk.heard == []
    assert not desk.store.exists(claim_key(JOB_ID, 0, 1))


@pytest.mark.parametrize("text", ["", "{}", "no order", make_order().render()[:-1]])
def test_what_is_no_order_is_dropped(desk: Desk, text: str) -> None:
    desk.carry_out(text)
    assert desk.heard == []


def test_a_refused_source_is_reported_with_its_reason(desk: Desk) -> None:
    desk.store.put(SOURCE_KEY, b"words\n" * 100)
    desk.carry_out(make_order().render())
    failure = FailureReport.parse(desk.last)
    assert desk.tasks[-1] == RECORD_FAILURE_TASK
    assert (failure.job_id, failure.attempt) == (JOB_ID, 1)
    assert failure.reason == FailureReason.UNSUPPORTED


def test_a_source_found_bad_only_at_its_end_leaves_no_file(desk: Desk, clip: bytes) -> None:
    damaged = bytearray(clip)
    damaged[len(clip) // 2 : len(clip) * 9 // 10] = bytes(len(clip) * 9 // 10 - len(clip) // 2)
    desk.store.put(SOURCE_KEY, bytes(damaged))
    desk.carry_out(make_order().render())
    assert FailureReport.parse(desk.last).reason == FailureReason.CORRUPT
    assert not desk.is_at_work()


def test_a_child_killed_at_its_work_is_reported_and_leaves_no_file(slow_desk: Desk) -> None:
    def kill() -> None:
        slow_desk.await_work()
        encoder = find_encoder()
        assert encoder is not None
        os.kill(encoder, signal.SIGKILL)

    slow_desk.at_first_word = kill
    slow_desk.carry_out(make_order().render())
    failure = FailureReport.parse(slow_desk.last)
    assert failure.reason == FailureReason.OUT_OF_MEMORY
    assert "SIGKILL" in failure.detail
    assert not slow_desk.is_at_work()


def test_a_cancelled_job_is_given_up_without_a_word(slow_desk: Desk) -> None:
    def cancel() -> None:
        slow_desk.await_work()
        slow_desk.store.put(cancelled_key(JOB_ID), b"")

    slow_desk.at_first_word = cancel
    slow_desk.carry_out(make_order().render())
    assert set(slow_desk.tasks) == {RECORD_PROGRESS_TASK}
    assert not slow_desk.is_at_work()


def test_a_worker_that_is_stopped_gives_the_attempt_back(slow_desk: Desk) -> None:
    slow_desk.at_first_word = slow_desk.worker.stopping.set
    slow_desk.carry_out(make_order().render())
    failure = FailureReport.parse(slow_desk.last)
    assert (failure.reason, failure.detail) == (FailureReason.INTERNAL, "the worker was stopped")
    assert not slow_desk.is_at_work()


def test_a_scratch_folder_that_cannot_be_is_reported(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "scratch").write_text("not a folder")
    desk.carry_out(make_order().render())
    assert FailureReport.parse(desk.last).reason == FailureReason.INTERNAL


def test_a_store_that_does_not_answer_stops_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_store: LocalStore, key: str) -> bool:
        raise StoreUnavailable(key)

    monkeypatch.setattr(LocalStore, "exists", fail)
    desk.carry_out(make_order().render())
    assert desk.tasks[-1] == RECORD_RESULT_TASK

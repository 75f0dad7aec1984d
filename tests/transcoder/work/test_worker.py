"""An order is carried out once, and however it ends, it is reported."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from shared.asset import index_files, parse_asset
from shared.jobs import (
    RECORD_ENCODED_TASK,
    RECORD_FAILURE_TASK,
    RECORD_PLAN_TASK,
    RECORD_PROGRESS_TASK,
    RECORD_RESULT_TASK,
    EncodedReport,
    FailureReason,
    FailureReport,
    PlanReport,
    ProgressReport,
    ResultReport,
)
from shared.paths import (
    asset_document_key,
    asset_prefix,
    cancelled_key,
    chunk_attempt_prefix,
    claim_key,
    plan_key,
    work_prefix,
)
from shared.runtime.store.interface import StoreUnavailable
from shared.runtime.store.local import LocalStore
from tests.transcoder.children import find_encoder
from tests.transcoder.orders import (
    ASSET_ID,
    JOB_ID,
    NOW,
    QUICK,
    SOURCE_KEY,
    encode_order,
    package_order,
    plan_order,
)
from tests.waiting import wait_for
from transcoder.settings import Settings
from transcoder.work.memory import MemoryBudget, Reservation
from transcoder.work.messages import Failed, Finished
from transcoder.work.supervisor import watch_child
from transcoder.work.worker import Worker

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
            memory=MemoryBudget(folder / "scratch/reservations", 10**9),
            name="here:1",
            send=self._hear,
            stopping=Event(),
        )

    def _hear(self, task: str, text: str) -> None:
        self.heard.append((task, text))
        if len(self.heard) == 1:
            self.at_first_word()

    def carry_out(self, text: str, *, now: float = NOW) -> None:
        self.worker.carry_out(text, now=now)

    def list_segments(self) -> list[str]:
        """What has been encoded so far and is kept."""
        return [k for k in self.store.list_keys(work_prefix(JOB_ID)) if k.endswith(".m4s")]

    def await_work(self) -> None:
        wait_for(lambda: bool(self.list_segments()), what="the first segment", within_s=30)

    def plan(self) -> PlanReport:
        """Have the film planned; what was said of it is forgotten."""
        self.carry_out(plan_order().render())
        report = PlanReport.parse(self.last)
        self.heard.clear()
        return report

    def encode(self) -> int:
        """Have the film planned and encoded; the number of its chunks."""
        chunks = self.plan().chunks
        for chunk in chunks:
            self.carry_out(encode_order(chunk.number).render())
        self.heard.clear()
        return len(chunks)

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


def test_a_job_becomes_an_asset(desk: Desk) -> None:
    desk.carry_out(plan_order().render())
    plan = PlanReport.parse(desk.last)
    assert desk.tasks[-1] == RECORD_PLAN_TASK
    assert (plan.duration_ms, [rung.height for rung in plan.summary.rungs]) == (4000, [180])
    (chunk,) = plan.chunks
    desk.carry_out(encode_order(1, memory_bytes=chunk.memory_bytes).render())
    encoded = EncodedReport.parse(desk.last)
    assert desk.tasks[-1] == RECORD_ENCODED_TASK
    assert encoded.size_bytes == sum(
        desk.store.size(key) for key in desk.store.list_keys(chunk_attempt_prefix(JOB_ID, 1, 1))
    )
    assert encoded.cpu_s > 0
    desk.carry_out(package_order(1).render())
    result = ResultReport.parse(desk.last)
    assert desk.tasks[-1] == RECORD_RESULT_TASK
    assert (result.asset_id, result.duration_ms, result.heights) == (ASSET_ID, 4000, (180,))
    asset = parse_asset(desk.store.get(asset_document_key(ASSET_ID)))
    assert result.size_bytes == sum(f.size_bytes for f in index_files(asset).values())
    assert set(desk.tasks) == {
        RECORD_PROGRESS_TASK,
        RECORD_PLAN_TASK,
        RECORD_ENCODED_TASK,
        RECORD_RESULT_TASK,
    }


def test_a_heartbeat_comes_at_once(desk: Desk) -> None:
    desk.carry_out(plan_order().render())
    report = ProgressReport.parse(desk.heard[0][1])
    assert (report.job_id, report.chunk, report.attempt) == (JOB_ID, 0, 1)
    assert (report.fraction, report.eta_s, report.worker) == (0, None, "here:1")


def test_an_order_that_comes_twice_is_let_go_the_second_time(desk: Desk) -> None:
    desk.carry_out(plan_order().render())
    heard = len(desk.heard)
    desk.carry_out(plan_order().render())
    assert len(desk.heard) == heard


def test_the_next_attempt_is_another_order(desk: Desk) -> None:
    desk.store.put(claim_key(JOB_ID, 0, 1), b"", create=True)
    desk.carry_out(plan_order(attempt=2).render())
    assert desk.tasks[-1] == RECORD_PLAN_TASK


def test_a_finished_chunk_is_reported_at_once_and_not_encoded_again(desk: Desk) -> None:
    desk.encode()
    made = desk.list_segments()
    desk.carry_out(encode_order(1, attempt=2).render())
    assert desk.tasks == [RECORD_ENCODED_TASK]
    assert EncodedReport.parse(desk.last).attempt == 2
    assert desk.list_segments() == made
    desk.carry_out(encode_order(1, attempt=2).render())
    assert len(desk.heard) == 1


def test_a_chunk_that_is_finished_while_an_order_waits_is_not_encoded_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finish_first(*arguments: Any, **options: Any) -> Reservation | None:
        monkeypatch.undo()
        desk.carry_out(encode_order(1).render())
        desk.heard.clear()
        return desk.worker.memory.wait(*arguments, **options)

    desk.plan()
    monkeypatch.setattr(desk.worker.memory, "wait", finish_first)
    desk.carry_out(encode_order(1, attempt=2).render())
    assert desk.tasks == [RECORD_ENCODED_TASK]
    assert EncodedReport.parse(desk.last).attempt == 2


def test_a_plan_is_made_once(desk: Desk) -> None:
    first = desk.plan()
    desk.store.delete(SOURCE_KEY)
    desk.carry_out(plan_order(attempt=2).render())
    assert PlanReport.parse(desk.last) == first.model_copy(update={"attempt": 2})


def test_a_dry_run_leaves_no_plan(desk: Desk) -> None:
    desk.carry_out(plan_order(is_dry_run=True).render())
    assert desk.tasks[-1] == RECORD_PLAN_TASK
    assert not desk.store.exists(plan_key(JOB_ID))


def test_a_chunk_of_no_plan_is_a_failure(desk: Desk) -> None:
    desk.carry_out(encode_order(1).render())
    failure = FailureReport.parse(desk.last)
    assert (failure.reason, failure.detail) == (FailureReason.INTERNAL, "plan.json is not there")


def test_a_chunk_that_the_plan_does_not_have_is_a_failure(desk: Desk) -> None:
    desk.plan()
    desk.carry_out(encode_order(7).render())
    failure = FailureReport.parse(desk.last)
    assert (failure.chunk, failure.reason) == (7, FailureReason.INTERNAL)
    assert "no chunk 7" in failure.detail


def test_a_package_of_missing_chunks_is_a_failure_and_leaves_no_file(desk: Desk) -> None:
    desk.plan()
    desk.carry_out(package_order(1).render())
    failure = FailureReport.parse(desk.last)
    assert (failure.reason, failure.detail) == (FailureReason.INTERNAL, "chunk 1 is not there")
    assert not any(desk.store.list_keys(asset_prefix(ASSET_ID)))


def test_a_plan_that_cannot_be_read_is_a_failure(desk: Desk) -> None:
    desk.store.put(plan_key(JOB_ID), b"{}")
    desk.carry_out(encode_order(1).render())
    assert FailureReport.parse(desk.last).reason == FailureReason.INTERNAL


def test_an_order_whose_lease_is_over_is_let_go_unclaimed(desk: Desk) -> None:
    desk.carry_out(plan_order().render(), now=NOW + 21)
    assert desk.heard == []
    assert not desk.store.exists(claim_key(JOB_ID, 0, 1))


def test_an_order_without_room_is_let_go_unclaimed_when_its_lease_is_over(desk: Desk) -> None:
    with desk.worker.memory.reserve(900_000_000) or pytest.fail("no room"):
        desk.carry_out(plan_order().render(), now=NOW + 20)
    assert desk.heard == []
    assert not desk.store.exists(claim_key(JOB_ID, 0, 1))
    desk.carry_out(plan_order().render(), now=NOW + 20)
    assert desk.tasks[-1] == RECORD_PLAN_TASK


def test_an_order_that_waits_for_room_is_not_taken_for_lost(desk: Desk) -> None:
    reservation = desk.worker.memory.reserve(900_000_000)
    assert reservation is not None
    desk.at_first_word = reservation.close
    desk.carry_out(plan_order().render())
    assert ProgressReport.parse(desk.heard[0][1]).fraction == 0
    assert desk.tasks[-1] == RECORD_PLAN_TASK


def test_a_cancelled_order_does_not_wait_for_room(desk: Desk) -> None:
    desk.store.put(cancelled_key(JOB_ID), b"")
    with desk.worker.memory.reserve(900_000_000) or pytest.fail("no room"):
        desk.carry_out(plan_order().render())
    assert desk.tasks == [RECORD_PROGRESS_TASK]
    assert not desk.store.exists(claim_key(JOB_ID, 0, 1))


@pytest.mark.parametrize("text", ["", "{}", "no order", plan_order().render()[:-1]])
def test_what_is_no_order_is_dropped(desk: Desk, text: str) -> None:
    desk.carry_out(text)
    assert desk.heard == []


def test_a_refused_source_is_reported_with_its_reason(desk: Desk) -> None:
    desk.store.put(SOURCE_KEY, b"words\n" * 100)
    desk.carry_out(plan_order().render())
    failure = FailureReport.parse(desk.last)
    assert desk.tasks[-1] == RECORD_FAILURE_TASK
    assert (failure.job_id, failure.attempt) == (JOB_ID, 1)
    assert failure.reason == FailureReason.UNSUPPORTED


def test_a_child_killed_at_its_work_is_reported_and_leaves_no_file(slow_desk: Desk) -> None:
    def kill() -> None:
        slow_desk.await_work()
        encoder = find_encoder()
        assert encoder is not None
        os.kill(encoder, signal.SIGKILL)

    slow_desk.plan()
    slow_desk.at_first_word = kill
    slow_desk.carry_out(encode_order(1).render())
    failure = FailureReport.parse(slow_desk.last)
    assert failure.reason == FailureReason.OUT_OF_MEMORY
    assert "SIGKILL" in failure.detail
    assert slow_desk.list_segments() == []


def test_a_chunk_whose_child_died_after_its_record_is_finished(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watch_and_lose(*arguments: Any, **options: Any) -> Failed:
        watch_child(*arguments, **options)
        return Failed(reason=FailureReason.INTERNAL, detail="lost")

    desk.plan()
    monkeypatch.setattr("transcoder.work.worker.watch_child", watch_and_lose)
    desk.carry_out(encode_order(1).render())
    assert desk.tasks[-1] == RECORD_ENCODED_TASK
    assert desk.list_segments() != []


def test_a_cancelled_job_is_given_up_without_a_word(slow_desk: Desk) -> None:
    def cancel() -> None:
        slow_desk.await_work()
        slow_desk.store.put(cancelled_key(JOB_ID), b"")

    slow_desk.plan()
    slow_desk.at_first_word = cancel
    slow_desk.carry_out(encode_order(1).render())
    assert set(slow_desk.tasks) == {RECORD_PROGRESS_TASK}
    assert slow_desk.list_segments() == []


def test_a_worker_that_is_stopped_gives_the_attempt_back(slow_desk: Desk) -> None:
    slow_desk.plan()
    slow_desk.at_first_word = slow_desk.worker.stopping.set
    slow_desk.carry_out(encode_order(1).render())
    failure = FailureReport.parse(slow_desk.last)
    assert (failure.reason, failure.detail) == (FailureReason.INTERNAL, "the worker was stopped")
    assert slow_desk.list_segments() == []


@pytest.mark.parametrize(
    "answer",
    [
        EncodedReport(job_id=JOB_ID, chunk=0, attempt=1, size_bytes=1, cpu_s=1),
        ResultReport(
            job_id=JOB_ID,
            chunk=0,
            attempt=1,
            asset_id=ASSET_ID,
            duration_ms=1,
            size_bytes=1,
            heights=(),
        ),
    ],
    ids=["of a chunk", "of an asset"],
)
def test_a_child_may_answer_its_order_and_no_other(
    desk: Desk, answer: EncodedReport | ResultReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer_otherwise(*_arguments: Any, **_options: Any) -> Finished:
        return Finished(report=answer)

    monkeypatch.setattr("transcoder.work.worker.watch_child", answer_otherwise)
    desk.carry_out(plan_order().render())
    failure = FailureReport.parse(desk.last)
    assert failure.detail == "an answer to another order"


def test_a_scratch_folder_that_cannot_be_is_reported(desk: Desk, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("not a folder")
    desk.worker = replace(desk.worker, scratch=blocked)
    desk.carry_out(plan_order().render())
    assert FailureReport.parse(desk.last).reason == FailureReason.INTERNAL


def test_a_store_that_does_not_answer_stops_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_store: LocalStore, key: str) -> bool:
        raise StoreUnavailable(key)

    monkeypatch.setattr(LocalStore, "exists", fail)
    desk.carry_out(plan_order().render())
    assert desk.tasks[-1] == RECORD_PLAN_TASK

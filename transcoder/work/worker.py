"""One order's life at a worker: taken or let go, carried out in a child, reported.

The control plane decides; a worker only says what happened. An order may come twice or late, and
then nothing is done. A chunk that is finished already is only reported. An attempt that ends
without result leaves no file of it behind.
"""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final

from shared.jobs import (
    RECORD_ENCODED_TASK,
    RECORD_FAILURE_TASK,
    RECORD_PLAN_TASK,
    RECORD_PROGRESS_TASK,
    RECORD_RESULT_TASK,
    EncodedReport,
    EncodeOrder,
    FailureReason,
    FailureReport,
    JobMessageInvalid,
    Order,
    PackageOrder,
    PlanOrder,
    PlanReport,
    ProgressReport,
    ResultReport,
    parse_order,
)
from shared.paths import asset_prefix, cancelled_key, chunk_attempt_prefix, claim_key
from shared.runtime.store.interface import ObjectExists, Store, StoreError
from transcoder.cmaf.film import DocumentInvalid
from transcoder.errors import TranscodeFailed
from transcoder.settings import Settings
from transcoder.steps.checkpoints import find_record
from transcoder.work.limits import choose_limits
from transcoder.work.memory import MemoryBudget, Reservation
from transcoder.work.messages import (
    AnyReport,
    ChildMessageInvalid,
    ChildTask,
    Failed,
    Finished,
    Progressed,
)
from transcoder.work.supervisor import start_child, watch_child

_TOO_EARLY: Final = 0.02  # to guess how long the rest will take

_TASKS: Final[dict[type[AnyReport], str]] = {
    PlanReport: RECORD_PLAN_TASK,
    EncodedReport: RECORD_ENCODED_TASK,
    ResultReport: RECORD_RESULT_TASK,
}
_ANSWERS: Final[dict[type[Order], type[AnyReport]]] = {
    PlanOrder: PlanReport,
    EncodeOrder: EncodedReport,
    PackageOrder: ResultReport,
}

logger = logging.getLogger(__name__)


class OrderCancelled(Exception):
    """The control plane no longer wants the asset."""


class WorkerStopping(Exception):
    """The worker is to end before the attempt does."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What all orders have in common.

    `send(task, text)` delivers a message to the control plane, in which the worker is called
    `name`. Once `stopping` is set, a running attempt is given up.
    """

    store: Store
    media_store: Path
    scratch: Path
    settings: Settings
    memory: MemoryBudget
    name: str
    send: Callable[[str, str], None]
    stopping: Event = field(default_factory=Event)

    def carry_out(self, text: str, *, now: float) -> None:
        """Work off one order, unless its lease is over, somebody else has taken it, or there is
        no room for it on this machine before the lease is over."""
        try:
            order = parse_order(text)
        except JobMessageInvalid:
            logger.exception("order refused")
            return
        if now > order.lease_ends_at:
            logger.warning("order let go: its lease is over", extra=_name(order))
            return
        if self._report_finished(order):
            return
        reservation = self._reserve(order, order.lease_ends_at - now)
        if reservation is None:
            logger.warning("order let go: there is no room for it", extra=_name(order))
            return
        with reservation:  # another attempt may have finished meanwhile
            if not self._report_finished(order) and self._claim(order):
                self._work_off(order)

    def _reserve(self, order: Order, within_s: float) -> Reservation | None:
        """Wait for room; the control plane is told that the order is not lost."""
        try:
            return self.memory.wait(
                order.memory_bytes,
                within_s=within_s,
                stopping=self.stopping,
                beat=lambda: self._beat(order, Progressed(), 0.0),
            )
        except (OrderCancelled, WorkerStopping):
            return None

    def _claim(self, order: Order) -> bool:
        try:
            key = claim_key(order.job_id, order.chunk, order.attempt)
            self.store.put(key, b"", create=True)
        except ObjectExists:
            logger.warning("order let go: it was taken before", extra=_name(order))
            return False
        return True

    def _report_finished(self, order: Order) -> bool:
        """Whether the order is for a chunk that is finished; if so, that is reported."""
        report = self._find_finished(order)
        if report is None:
            return False
        if self._claim(order):
            logger.info("chunk was finished before", extra=_name(order))
            self.send(RECORD_ENCODED_TASK, report.render())
        return True

    def _find_finished(self, order: Order) -> EncodedReport | None:
        if not isinstance(order, EncodeOrder):
            return None
        record = find_record(self.store, order.job_id, order.chunk)
        return None if record is None else record.report(order)

    def _work_off(self, order: Order) -> None:
        logger.info("attempt begun", extra=_name(order))
        try:
            ending, log_tail = self._run(order)
        except OrderCancelled:
            logger.info("attempt cancelled", extra=_name(order))
            self._discard(order)
            return
        if isinstance(ending, Failed):
            self._report_failure(order, ending, log_tail)
            return
        logger.info("attempt finished", extra=_name(order))
        self.send(_TASKS[type(ending.report)], ending.report.render())

    def _report_failure(self, order: Order, ending: Failed, log_tail: str) -> None:
        """Say why there is no result, unless there is one: a child may die after its last word to
        the store, and before its last word to us."""
        finished = self._find_finished(order)
        if finished is not None:
            logger.warning("finished, and failed: %s", ending.detail, extra=_name(order))
            self.send(RECORD_ENCODED_TASK, finished.render())
            return
        logger.warning("attempt failed: %s", ending.detail, extra=_name(order))
        self._discard(order)
        self.send(RECORD_FAILURE_TASK, _failure_report(order, ending, log_tail).render())

    def _run(self, order: Order) -> tuple[Finished | Failed, str]:
        """Run the child; how it ended, and the end of its log. Raises `OrderCancelled`."""
        began_at = time.monotonic()

        def beat(progress: Progressed) -> None:
            self._beat(order, progress, time.monotonic() - began_at)

        try:
            task = self._make_task(order)
            with start_child(task, self.scratch) as child:
                ending = watch_child(child, task.limits, beat=beat)
                return _check_answer(order, ending), child.log_tail
        except (ChildMessageInvalid, DocumentInvalid, WorkerStopping, OSError, StoreError) as error:
            return Failed(reason=FailureReason.INTERNAL, detail=str(error)), ""
        except TranscodeFailed as error:
            return Failed(reason=error.reason, detail=str(error)), ""

    def _make_task(self, order: Order) -> ChildTask:
        return ChildTask(
            order=order,
            media_store=self.media_store,
            settings=self.settings,
            limits=choose_limits(order, self.store, self.settings),
            parent_pid=os.getpid(),
        )

    def _beat(self, order: Order, progress: Progressed, elapsed_s: float) -> None:
        """Say how far an order is; raises when it is to be given up."""
        report = self._progress_report(order, progress, elapsed_s)
        self.send(RECORD_PROGRESS_TASK, report.render())
        self._check_wanted(order)

    def _check_wanted(self, order: Order) -> None:
        if self.stopping.is_set():
            raise WorkerStopping("the worker was stopped")
        try:
            is_cancelled = self.store.exists(cancelled_key(order.job_id))
        except StoreError:
            logger.exception("the store does not answer", extra=_name(order))
            return
        if is_cancelled:
            raise OrderCancelled(order.job_id)

    def _discard(self, order: Order) -> None:
        """Remove what the attempt has left; no other attempt writes there."""
        try:
            if isinstance(order, EncodeOrder):
                self._discard_chunk(order)
            elif isinstance(order, PackageOrder):
                self.store.delete_prefix(asset_prefix(order.asset_id))
        except StoreError:
            logger.exception("unfinished files are left behind", extra=_name(order))

    def _discard_chunk(self, order: EncodeOrder) -> None:
        record = find_record(self.store, order.job_id, order.chunk)
        if record is None or record.attempt != order.attempt:
            prefix = chunk_attempt_prefix(order.job_id, order.chunk, order.attempt)
            self.store.delete_prefix(prefix)

    def _progress_report(
        self, order: Order, progress: Progressed, elapsed_s: float
    ) -> ProgressReport:
        done = progress.fraction
        return ProgressReport(
            job_id=order.job_id,
            chunk=order.chunk,
            attempt=order.attempt,
            fraction=done,
            rungs=progress.rungs,
            eta_s=round(elapsed_s * (1 - done) / done, 1) if done > _TOO_EARLY else None,
            worker=self.name,
        )


def _check_answer(order: Order, ending: Finished | Failed) -> Finished | Failed:
    """A child that has read a stranger's file may say anything; it may answer its order."""
    if isinstance(ending, Finished):
        report = ending.report
        is_answer = isinstance(report, _ANSWERS[type(order)])
        fences = [(m.job_id, m.chunk, m.attempt) for m in (order, report)]
        if not is_answer or fences[0] != fences[1]:
            raise ChildMessageInvalid("an answer to another order")
    return ending


def _name(order: Order) -> dict[str, object]:
    return {"job_id": order.job_id, "chunk": order.chunk, "attempt": order.attempt}


def _failure_report(order: Order, ending: Failed, log_tail: str) -> FailureReport:
    return FailureReport(
        job_id=order.job_id,
        chunk=order.chunk,
        attempt=order.attempt,
        reason=ending.reason,
        detail=ending.detail,
        log_tail=log_tail,
    )

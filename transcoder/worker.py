"""One order's life at a worker: taken or let go, worked off in a child, reported.

The control plane decides; a worker only says what happened. An order may come twice or late, and
then nothing is done. An attempt that ends without an asset leaves no file of it behind.
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
    RECORD_FAILURE_TASK,
    RECORD_PROGRESS_TASK,
    RECORD_RESULT_TASK,
    FailureReason,
    FailureReport,
    JobMessageInvalid,
    ProgressReport,
    ResultReport,
    TranscodeOrder,
)
from shared.paths import asset_prefix, cancelled_key, claim_key
from shared.runtime.store.interface import ObjectExists, Store, StoreError
from transcoder.messages import ChildMessageInvalid, ChildTask, Failed, Finished, Progressed
from transcoder.settings import Settings
from transcoder.supervisor import start_child, watch_child

_TOO_EARLY: Final = 0.02  # to guess how long the rest will take

logger = logging.getLogger(__name__)


class OrderCancelled(Exception):
    """The control plane no longer wants the asset."""


class WorkerStopping(Exception):
    """The worker is to end before the attempt does."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What all orders have in common.

    `send(task, text)` delivers a message to the control plane. Once `stopping` is set, a running
    attempt is given up.
    """

    store: Store
    media_store: Path
    scratch: Path
    settings: Settings
    send: Callable[[str, str], None]
    stopping: Event = field(default_factory=Event)

    def carry_out(self, text: str, *, now: float) -> None:
        """Work off one order, unless its lease is over or somebody else has taken it."""
        try:
            order = TranscodeOrder.parse(text)
        except JobMessageInvalid:
            logger.exception("order refused")
            return
        if self._take(order, now):
            self._work_off(order)

    def _take(self, order: TranscodeOrder, now: float) -> bool:
        if now > order.lease_ends_at:
            logger.warning("order let go: its lease is over", extra=_name(order))
            return False
        try:
            key = claim_key(order.job_id, order.chunk, order.attempt)
            self.store.put(key, b"", create=True)
        except ObjectExists:
            logger.warning("order let go: it was taken before", extra=_name(order))
            return False
        return True

    def _work_off(self, order: TranscodeOrder) -> None:
        logger.info("attempt begun", extra=_name(order))
        try:
            ending, log_tail = self._encode(order)
        except OrderCancelled:
            logger.info("attempt cancelled", extra=_name(order))
            self._discard(order)
            return
        if isinstance(ending, Failed):
            logger.warning("attempt failed: %s", ending.detail, extra=_name(order))
            self._discard(order)
            self.send(RECORD_FAILURE_TASK, _failure_report(order, ending, log_tail).render())
            return
        logger.info("attempt finished", extra=_name(order))
        self.send(RECORD_RESULT_TASK, _result_report(order, ending).render())

    def _encode(self, order: TranscodeOrder) -> tuple[Finished | Failed, str]:
        """Run the child; how it ended, and the end of its log. Raises `OrderCancelled`."""
        began_at = time.monotonic()

        def beat(progress: Progressed) -> None:
            elapsed_s = time.monotonic() - began_at
            self.send(RECORD_PROGRESS_TASK, _progress_report(order, progress, elapsed_s).render())
            self._check_wanted(order)

        task = ChildTask(
            order=order,
            media_store=self.media_store,
            settings=self.settings,
            parent_pid=os.getpid(),
        )
        try:
            with start_child(task, self.scratch) as child:
                return watch_child(child, self.settings, beat=beat), child.log_tail
        except (ChildMessageInvalid, WorkerStopping, OSError) as error:
            return Failed(reason=FailureReason.INTERNAL, detail=str(error)), ""

    def _check_wanted(self, order: TranscodeOrder) -> None:
        if self.stopping.is_set():
            raise WorkerStopping("the worker was stopped")
        try:
            is_cancelled = self.store.exists(cancelled_key(order.job_id))
        except StoreError:
            logger.exception("the store does not answer", extra=_name(order))
            return
        if is_cancelled:
            raise OrderCancelled(order.job_id)

    def _discard(self, order: TranscodeOrder) -> None:
        """Remove what the attempt has left of its asset; no other attempt writes there."""
        try:
            self.store.delete_prefix(asset_prefix(order.asset_id))
        except StoreError:
            logger.exception("an unfinished asset is left behind", extra=_name(order))


def _name(order: TranscodeOrder) -> dict[str, object]:
    return {"job_id": order.job_id, "attempt": order.attempt, "asset_id": order.asset_id}


def _progress_report(
    order: TranscodeOrder, progress: Progressed, elapsed_s: float
) -> ProgressReport:
    done = progress.fraction
    return ProgressReport(
        job_id=order.job_id,
        chunk=order.chunk,
        attempt=order.attempt,
        fraction=done,
        rungs=progress.rungs,
        eta_s=round(elapsed_s * (1 - done) / done, 1) if done > _TOO_EARLY else None,
    )


def _result_report(order: TranscodeOrder, ending: Finished) -> ResultReport:
    return ResultReport(
        job_id=order.job_id,
        chunk=order.chunk,
        attempt=order.attempt,
        asset_id=order.asset_id,
        duration_ms=ending.duration_ms,
        size_bytes=ending.size_bytes,
        heights=ending.heights,
    )


def _failure_report(order: TranscodeOrder, ending: Failed, log_tail: str) -> FailureReport:
    return FailureReport(
        job_id=order.job_id,
        chunk=order.chunk,
        attempt=order.attempt,
        reason=ending.reason,
        detail=ending.detail,
        log_tail=log_tail,
    )

"""The control queue's tasks: reports of workers, the reaper and the sweeper of orphans."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from control_plane.transcodes import orphans, publishing, reaper, reports
from shared.jobs import (
    RECORD_ENCODED_TASK,
    RECORD_FAILURE_TASK,
    RECORD_PLAN_TASK,
    RECORD_PROGRESS_TASK,
    RECORD_RESULT_TASK,
    EncodedReport,
    FailureReport,
    JobMessageInvalid,
    PlanReport,
    ProgressReport,
    ResultReport,
)
from shared.runtime.store.interface import StoreUnavailable

REAP_TASK: Final = "control_plane.reap_jobs"
SWEEP_TASK: Final = "control_plane.sweep_orphans"

# What may be otherwise a moment later; a result that got lost would be made once more.
_PASSING: Final = (OperationalError, StoreUnavailable)

_log = logging.getLogger(__name__)


@shared_task(name=RECORD_PROGRESS_TASK)
def record_progress(message: str) -> None:
    with _dropping_invalid(RECORD_PROGRESS_TASK):
        reports.record_progress(ProgressReport.parse(message), now=timezone.now())


@shared_task(name=RECORD_PLAN_TASK, autoretry_for=_PASSING, retry_backoff=True)
def record_plan(message: str) -> None:
    with _dropping_invalid(RECORD_PLAN_TASK):
        reports.record_plan(PlanReport.parse(message), now=timezone.now())


@shared_task(name=RECORD_ENCODED_TASK, autoretry_for=_PASSING, retry_backoff=True)
def record_encoded(message: str) -> None:
    with _dropping_invalid(RECORD_ENCODED_TASK):
        reports.record_encoded(EncodedReport.parse(message), now=timezone.now())


@shared_task(name=RECORD_RESULT_TASK, autoretry_for=_PASSING, retry_backoff=True)
def record_result(message: str) -> None:
    with _dropping_invalid(RECORD_RESULT_TASK):
        publishing.record_result(ResultReport.parse(message), now=timezone.now())


@shared_task(name=RECORD_FAILURE_TASK, autoretry_for=_PASSING, retry_backoff=True)
def record_failure(message: str) -> None:
    with _dropping_invalid(RECORD_FAILURE_TASK):
        reports.record_failure(FailureReport.parse(message), now=timezone.now())


@shared_task(name=REAP_TASK)
def reap_jobs() -> None:
    reaper.reap_jobs(now=timezone.now())


@shared_task(name=SWEEP_TASK)
def sweep_orphans() -> None:
    orphans.sweep_orphans(now=timezone.now())


@contextmanager
def _dropping_invalid(task: str) -> Iterator[None]:
    try:
        yield
    except JobMessageInvalid as error:
        _log.error("message dropped", extra={"task": task, "fault": str(error)})

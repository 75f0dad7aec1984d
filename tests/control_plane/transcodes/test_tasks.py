"""Tests for control_plane/transcodes/tasks.py: what comes in by the broker."""

import logging

import pytest
from celery.exceptions import Retry
from django.db import OperationalError

from control_plane.catalogue.tasks import sweep as sweep_store
from control_plane.transcodes import publishing, tasks
from control_plane.transcodes.models import TranscodeJob
from control_plane.uploads.tasks import sweep as sweep_spool
from shared.jobs import FailureReason
from tests.control_plane.transcodes.conftest import (
    failure,
    fresh,
    progress,
    result,
    write_asset,
)

TASKS = [tasks.record_progress, tasks.record_result, tasks.record_failure]


def test_reports_are_recorded(job: TranscodeJob) -> None:
    tasks.record_progress(progress(job).render())
    assert fresh(job).state == "running"
    write_asset(job)
    tasks.record_result(result(job).render())
    assert fresh(job).state == "ready"


def test_failure_is_recorded(job: TranscodeJob) -> None:
    tasks.record_failure(failure(job, FailureReason.CORRUPT).render())
    assert fresh(job).state == "failed"


@pytest.mark.parametrize("message", ["", "{", "{}", "null", '{"job_id": "../x"}', 7])
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_message_that_breaks_the_format_is_dropped_and_logged(
    job: TranscodeJob, caplog: pytest.LogCaptureFixture, task: object, message: object
) -> None:
    with caplog.at_level(logging.ERROR):
        task(message)  # type: ignore[operator]
    assert [record.message for record in caplog.records] == ["message dropped"]
    assert fresh(job).state == "queued"


def test_periodic_work_finds_nothing_to_do(job: TranscodeJob) -> None:
    for task in (tasks.reap_jobs, sweep_store, sweep_spool):
        task()
    assert fresh(job).attempt == 1


def test_result_is_tried_again_when_the_database_is_away(
    job: TranscodeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_report: object, *, now: object) -> None:  # noqa: ARG001
        raise OperationalError("away")

    monkeypatch.setattr(publishing, "record_result", fail)
    with pytest.raises(Retry):
        tasks.record_result.apply(args=(result(job).render(),), throw=True)

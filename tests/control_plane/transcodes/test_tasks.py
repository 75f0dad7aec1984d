"""Tests for control_plane/transcodes/tasks.py: what comes in by the broker."""

import logging
from typing import Any

import pytest
from celery.exceptions import Retry
from django.db import OperationalError

from control_plane.catalogue.tasks import sweep as sweep_store
from control_plane.transcodes import publishing, reports, tasks
from control_plane.transcodes.models import TranscodeJob
from control_plane.uploads.tasks import sweep as sweep_spool
from shared.jobs import FailureReason
from tests.control_plane.transcodes.conftest import (
    chunk_of,
    encoded,
    failure,
    fresh,
    grant,
    plan_report,
    progress,
    result,
    write_asset,
)

TASKS = [
    tasks.record_progress,
    tasks.record_plan,
    tasks.record_encoded,
    tasks.record_result,
    tasks.record_failure,
]


def test_reports_are_recorded(job: TranscodeJob) -> None:
    tasks.record_progress(progress(chunk_of(job)).render())
    assert (fresh(job).state, fresh(job).stage) == ("running", "planning")
    tasks.record_plan(plan_report(chunk_of(job)).render())
    assert fresh(job).stage == "encoding"
    tasks.record_encoded(encoded(grant(job, 1)).render())
    assert fresh(job).stage == "packaging"
    write_asset(grant(job, 2))
    tasks.record_result(result(chunk_of(job, 2)).render())
    assert fresh(job).state == "ready"


def test_failure_is_recorded(job: TranscodeJob) -> None:
    tasks.record_failure(failure(chunk_of(job), FailureReason.CORRUPT).render())
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
    for task in (tasks.reap_jobs, tasks.sweep_orphans, sweep_store, sweep_spool):
        task()
    assert chunk_of(job).attempt == 1


@pytest.mark.parametrize("task", TASKS[1:], ids=lambda task: task.name)
def test_report_is_taken_again_when_the_database_is_away(
    packaging: TranscodeJob, monkeypatch: pytest.MonkeyPatch, task: Any
) -> None:
    def fail(_report: object, *, now: object) -> None:  # noqa: ARG001
        raise OperationalError("away")

    name = task.name.rpartition(".")[2]
    monkeypatch.setattr(publishing if name == "record_result" else reports, name, fail)
    messages = {
        "record_plan": plan_report(chunk_of(packaging)),
        "record_encoded": encoded(chunk_of(packaging, 1)),
        "record_result": result(chunk_of(packaging, 3)),
        "record_failure": failure(chunk_of(packaging, 3), FailureReason.INTERNAL),
    }
    with pytest.raises(Retry):
        task.apply(args=(messages[name].render(),), throw=True)

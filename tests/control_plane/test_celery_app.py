"""Tests for control_plane/celery_app.py: a real worker and the schedule."""

import logging
import subprocess
from collections.abc import Iterator

import pytest
from celery import Celery
from django.conf import settings
from pytest_django import Settings

from control_plane.accounts.models import Role
from control_plane.catalogue.models import Video
from control_plane.transcodes.models import TranscodeJob
from shared.jobs import (
    CONTROL_QUEUE,
    RECORD_FAILURE_TASK,
    RECORD_PROGRESS_TASK,
    RECORD_RESULT_TASK,
    FailureReason,
)
from tests.control_plane.conftest import MakeUser
from tests.control_plane.serving import run_module
from tests.control_plane.transcodes.conftest import failure, grant, progress, queue
from tests.waiting import wait_for

MORE_THREADS_THAN_CONNECTIONS = 12
JOBS = 30
WITHIN_S = 60


@pytest.fixture
def worker(transactional_db: None) -> Iterator[subprocess.Popen[bytes]]:  # noqa: ARG001
    command = ["celery", "-A", "control_plane.celery_app", "worker", "-Q", CONTROL_QUEUE]
    threads = ["--pool", "threads", "--concurrency", str(MORE_THREADS_THAN_CONNECTIONS)]
    with run_module(*command, *threads) as process:
        yield process


@pytest.fixture
def broker() -> Celery:
    """Sends as a worker of the transcoder does: by name."""
    broker = Celery(set_as_current=False, fixups=[])
    broker.config_from_object(settings.CELERY)
    return broker


@pytest.mark.slow
@pytest.mark.usefixtures("worker")
def test_worker_takes_reports_in_more_threads_than_there_are_connections(
    make_user: MakeUser, broker: Celery
) -> None:
    creator = make_user(Role.CREATOR)
    jobs = [queue(Video.objects.create(owner=creator, title="A film")) for _ in range(JOBS)]
    broker.send_task(RECORD_RESULT_TASK, args=["nonsense"], queue=CONTROL_QUEUE)
    chunks = [grant(job, 0) for job in jobs]
    for chunk in chunks:
        broker.send_task(RECORD_PROGRESS_TASK, args=[progress(chunk).render()], queue=CONTROL_QUEUE)
    wait_for(lambda: count("running") == JOBS, what="all to run", within_s=WITHIN_S)
    for chunk in chunks:
        report = failure(chunk, FailureReason.CORRUPT)
        broker.send_task(RECORD_FAILURE_TASK, args=[report.render()], queue=CONTROL_QUEUE)
    wait_for(lambda: count("failed") == JOBS, what="all to fail", within_s=WITHIN_S)


def count(state: str) -> int:
    return TranscodeJob.objects.filter(state=state).count()


def test_every_scheduled_task_is_known() -> None:
    from control_plane.celery_app import app

    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert scheduled == {
        "control_plane.announce_applications",
        "control_plane.reap_jobs",
        "control_plane.shorten_addresses",
        "control_plane.sweep_decisions",
        "control_plane.sweep_orphans",
        "control_plane.collect_refusals",
        "control_plane.relay_revocations",
        "control_plane.rotate_keys",
        "control_plane.sweep_kept_answers",
        "control_plane.sweep_leftovers",
        "control_plane.sweep_login_sessions",
        "control_plane.sweep_refusals",
        "control_plane.sweep_revocations",
        "control_plane.sweep_uploads",
    }
    assert scheduled <= set(app.tasks)


@pytest.mark.parametrize(("level", "told"), [("INFO", False), ("DEBUG", True)])
def test_periodic_work_is_not_told_of_unless_asked(
    level: str, told: bool, settings: Settings
) -> None:
    from control_plane import celery_app

    settings.CONFIG = settings.CONFIG.model_copy(update={"log_level": level})
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        celery_app._set_up_logging()
        assert logging.getLogger("celery.app.trace").isEnabledFor(logging.INFO) is told
        assert logging.getLogger("celery.app.trace").isEnabledFor(logging.ERROR)
    finally:
        root.handlers[:], root.level = before
        for name in celery_app._TALKATIVE:
            logging.getLogger(name).setLevel(logging.NOTSET)


def test_no_periodic_work_is_lost_to_clocks_that_differ_a_little() -> None:
    from control_plane.celery_app import app

    assert min(entry["options"]["expires"] for entry in app.conf.beat_schedule.values()) >= 15

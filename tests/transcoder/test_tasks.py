"""The real Celery worker: an order goes in over Redis, reports come out on the control queue."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection

from shared.jobs import (
    CONTROL_QUEUE,
    RECORD_ENCODED_TASK,
    RECORD_FAILURE_TASK,
    RECORD_PLAN_TASK,
    RECORD_PROGRESS_TASK,
    RECORD_RESULT_TASK,
    TRANSCODE_QUEUE,
    TRANSCODE_TASK,
    FailureReason,
    FailureReport,
    Order,
    ResultReport,
)
from shared.paths import asset_document_key, chunk_record_key, work_prefix
from shared.runtime.broker import broker_url
from shared.runtime.store.local import LocalStore
from tests.transcoder.children import find_encoder, is_running
from tests.transcoder.orders import (
    ASSET_ID,
    JOB_ID,
    MUTE,
    SOURCE_KEY,
    encode_order,
    package_order,
    plan_order,
)
from tests.waiting import wait_for
from transcoder.pipeline import make_plan
from transcoder.settings import Settings

pytestmark = pytest.mark.slow

COMMAND = (sys.executable, "-m", "celery", "-A", "transcoder.celery_app", "worker")
OPTIONS = ("-Q", TRANSCODE_QUEUE, "--without-gossip", "--without-mingle")
WITHIN_S = 60


class Broker:
    """The control plane's end of the broker."""

    def __init__(self, connection: Connection) -> None:
        self._orders = connection.SimpleQueue(TRANSCODE_QUEUE)
        self._reports = connection.SimpleQueue(CONTROL_QUEUE)
        self._reports.clear()
        self._orders.clear()

    def order(self, order: Order) -> None:
        """Send an order as Celery would (its message protocol 2)."""
        ends_at = int(time.time()) + WITHIN_S
        text = order.model_copy(update={"lease_ends_at": ends_at}).render()
        headers = {"lang": "py", "task": TRANSCODE_TASK, "id": text[-40:], "root_id": None}
        self._orders.put([[text], {}, {}], headers=headers)

    def hear(self) -> tuple[str, str]:
        """The next report but heartbeats: its task and text."""
        while True:
            message: Any = self._reports.get(timeout=WITHIN_S)
            message.ack()
            task, text = message.headers["task"], message.payload[0][0]
            if task != RECORD_PROGRESS_TASK:
                return task, text


@pytest.fixture
def broker(redis_url: str) -> Iterator[Broker]:
    with Connection(broker_url(redis_url)) as connection:
        yield Broker(connection)


@pytest.fixture
def media(tmp_path: Path, demo: Path) -> LocalStore:
    store = LocalStore(tmp_path / "media")
    store.put(SOURCE_KEY, demo.read_bytes())
    return store


@contextmanager
def run_worker(redis_url: str, folder: Path, preset: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        "PATH": os.defpath,
        "REDIS_URL": redis_url,
        "SLUICE_MEDIA_STORE": str(folder / "media"),
        "SLUICE_TRANSCODER_SCRATCH": str(folder / "scratch"),
        "SLUICE_TRANSCODER_PRESET": preset,
    }
    with subprocess.Popen((*COMMAND, *OPTIONS), env=environment) as worker:
        try:
            yield worker
        finally:
            worker.kill()


def has_begun(media: LocalStore) -> bool:
    return any(key.endswith(".m4s") for key in media.list_keys(work_prefix(JOB_ID)))


def await_encoder(worker: subprocess.Popen[bytes], media: LocalStore) -> int:
    """The worker's child, once it has written something."""
    wait_for(lambda: has_begun(media), what="the first segment", within_s=WITHIN_S)
    encoder = find_encoder(worker.pid)
    assert encoder is not None
    return encoder


@pytest.fixture
def planned(media: LocalStore) -> LocalStore:
    """The plan is made, for an encoder that takes its time."""
    make_plan(plan_order(), media, Settings(preset="slow"), MUTE)
    return media


def test_orders_become_a_result(
    broker: Broker, redis_url: str, media: LocalStore, tmp_path: Path
) -> None:
    with run_worker(redis_url, tmp_path, "superfast"):
        heard: list[tuple[str, str]] = []
        for order in (plan_order(), encode_order(), package_order()):
            broker.order(order)
            heard.append(broker.hear())
    tasks, (*_, text) = zip(*heard, strict=True)
    assert tasks == (RECORD_PLAN_TASK, RECORD_ENCODED_TASK, RECORD_RESULT_TASK)
    assert ResultReport.parse(text).heights == (360, 480, 720)
    assert media.exists(asset_document_key(ASSET_ID))


def test_a_worker_told_to_stop_gives_its_attempt_back_and_ends(
    broker: Broker, redis_url: str, planned: LocalStore, tmp_path: Path
) -> None:
    broker.order(encode_order())
    with run_worker(redis_url, tmp_path, "slow") as worker:
        encoder = await_encoder(worker, planned)
        worker.send_signal(signal.SIGTERM)
        task, text = broker.hear()
        assert worker.wait(WITHIN_S) == 0
    assert task == RECORD_FAILURE_TASK
    assert FailureReport.parse(text).reason == FailureReason.INTERNAL
    assert not is_running(encoder)
    assert not planned.exists(chunk_record_key(JOB_ID, 1))


def test_a_killed_worker_takes_its_child_along(
    broker: Broker, redis_url: str, planned: LocalStore, tmp_path: Path
) -> None:
    broker.order(encode_order())
    with run_worker(redis_url, tmp_path, "slow") as worker:
        encoder = await_encoder(worker, planned)
        worker.kill()
        worker.wait(WITHIN_S)
    wait_for(lambda: not is_running(encoder), what="the child's end", within_s=10)
    assert not planned.exists(chunk_record_key(JOB_ID, 1))


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, "SLUICE_TRANSCODER_SCRATCH: missing"),
        ({"SLUICE_TRANSCODER_PRESSET": "fast"}, "no such"),
    ],
    ids=["nothing set", "misspelt"],
)
def test_a_worker_without_its_settings_says_which(
    environment: dict[str, str], missing: str
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import transcoder.celery_app"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert missing in run.stderr
    assert "Traceback" not in run.stderr

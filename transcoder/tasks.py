"""The Celery side of the transcoder: an order comes in, reports go out by task name."""

import logging
import os
import socket
import time
from typing import Any, Final

from celery.signals import worker_shutting_down
from kombu.exceptions import OperationalError

from shared.jobs import CONTROL_QUEUE, RECORD_PROGRESS_TASK, TRANSCODE_TASK
from shared.runtime.store.local import LocalStore
from transcoder.celery_app import app, config
from transcoder.work.memory import MemoryBudget, find_usable_memory
from transcoder.work.worker import Worker

# A result is worth waiting for the broker; the next heartbeat makes up for a lost one.
_PATIENCE: Final = {"max_retries": 30, "interval_start": 0.2, "interval_step": 0.2}

logger = logging.getLogger(__name__)


def send(task: str, text: str) -> None:
    """Send a message to the control plane. One that is lost costs time: without word of it the
    control plane takes the attempt for dead."""
    try:
        app.send_task(
            task,
            args=[text],
            queue=CONTROL_QUEUE,
            retry=task != RECORD_PROGRESS_TASK,
            retry_policy=_PATIENCE,
        )
    except OperationalError:
        logger.exception("message lost: %s", task)


_RESERVATIONS: Final = "reservations"

_worker: Final = Worker(
    store=LocalStore(config.media_store),
    media_store=config.media_store,
    scratch=config.scratch,
    settings=config.settings(),
    memory=MemoryBudget(
        config.scratch / _RESERVATIONS, config.memory_bytes or find_usable_memory()
    ),
    name=f"{socket.gethostname()}:{os.getpid()}",
    send=send,
)


@app.task(name=TRANSCODE_TASK)
def transcode(order: str) -> None:
    _worker.carry_out(order, now=time.time())


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    _worker.stopping.set()

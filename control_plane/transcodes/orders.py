"""Sending orders to workers: by task name, since the transcoder is another program."""

import logging
from functools import cache
from typing import Any

from celery import Celery
from django.conf import settings
from kombu import Queue
from kombu.exceptions import OperationalError

from shared.jobs import TRANSCODE_QUEUE, TRANSCODE_TASK, TranscodeOrder

_log = logging.getLogger(__name__)


def send_order(order: TranscodeOrder) -> None:
    """Hand an order to the broker. One that is lost is sent again when its lease ends."""
    try:
        _broker().send_task(TRANSCODE_TASK, args=[order.render()], queue=TRANSCODE_QUEUE)
    except OperationalError as error:
        _log.warning("order not sent", extra={"job_id": order.job_id, "cause": str(error)})


def count_orders() -> int:
    """How many orders wait in the broker, stale ones included."""
    with _broker().connection_for_read() as connection:
        declared: Any = Queue(TRANSCODE_QUEUE)(connection.default_channel).queue_declare()
        return int(declared.message_count)


@cache
def _broker() -> Celery:
    broker = Celery("control_plane.orders", set_as_current=False, fixups=[])
    broker.config_from_object(settings.CELERY)
    return broker

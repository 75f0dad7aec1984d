"""Orders to workers: made of rows, sent by task name, since the transcoder is another program."""

import logging
from datetime import datetime
from functools import cache
from typing import Any

from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from control_plane.redis_client import open_redis
from control_plane.transcodes.attempts import START_LEASE
from control_plane.transcodes.models import TranscodeChunk, TranscodeJob
from shared.jobs import (
    TRANSCODE_QUEUE,
    TRANSCODE_TASK,
    ChunkKind,
    EncodeOrder,
    Order,
    PackageOrder,
    PlanOrder,
    SidecarText,
)

_log = logging.getLogger(__name__)


def make_order(chunk: TranscodeChunk, job: TranscodeJob, *, now: datetime) -> Order:
    """The order for an attempt that begins now."""
    common: dict[str, Any] = {
        "job_id": str(job.pk),
        "chunk": chunk.number,
        "attempt": chunk.attempt,
        "video_id": str(job.video_id),
        "source_key": job.source_key,
        "lease_ends_at": int((now + START_LEASE).timestamp()),
        "memory_bytes": chunk.memory_bytes,
    }
    match ChunkKind(chunk.kind):
        case ChunkKind.PLAN:
            return PlanOrder(**common, is_dry_run=job.is_dry_run)
        case ChunkKind.ENCODE:
            return EncodeOrder(**common)
        case ChunkKind.PACKAGE:
            return PackageOrder(**common, **_describe_package(chunk, job))


def send_order(order: Order) -> None:
    """Hand an order to the broker. One that is lost is taken back by the reaper."""
    try:
        _broker().send_task(TRANSCODE_TASK, args=[order.render()], queue=TRANSCODE_QUEUE)
    except OperationalError as error:
        _log.warning("order not sent", extra={"job_id": order.job_id, "cause": str(error)})


def count_orders() -> int | None:
    """How many orders wait in the broker, stale ones included; None when it does not say."""
    try:
        return int(open_redis().llen(TRANSCODE_QUEUE))  # kombu keeps a queue as a list
    except RedisError as error:
        _log.warning("orders not counted", extra={"cause": str(error)})
        return None


def _describe_package(chunk: TranscodeChunk, job: TranscodeJob) -> dict[str, Any]:
    return {
        "asset_id": str(chunk.asset_id),
        "base_asset_id": None if job.base_asset_id is None else str(job.base_asset_id),
        "chunks": job.chunk_count,
        "texts": tuple(SidecarText(**text) for text in chunk.sidecars["texts"]),
        "poster": chunk.sidecars["poster"],
    }


@cache
def _broker() -> Celery:
    broker = Celery("control_plane.orders", set_as_current=False, fixups=[])
    broker.config_from_object(settings.CELERY)
    return broker

"""From the stream to the table: what edges report, each refusal once.

Any number of workers read as one consumer group. What a worker took and did not finish, since it
died, is taken again; what is done is removed from the stream.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from control_plane.redis_client import open_redis
from control_plane.refusals.models import Refusal
from shared.events import refusals as events
from shared.events.record import FIELD, RecordInvalid
from shared.events.refusals import REFUSAL_GROUP, REFUSAL_STREAM

BATCH: Final = 500
# So that one call ends, however fast edges refuse.
MOST_BATCHES: Final = 40
ABANDONED_MS: Final = 60_000

# One name for all workers: entries are handed out once all the same, and no name is left behind.
_CONSUMER: Final = "worker"
_MOST_WEIGHT: Final = 2**63 - 1

Entries: TypeAlias = Sequence[tuple[bytes, Mapping[bytes, bytes]]]

_log = logging.getLogger(__name__)


def collect_refusals() -> None:
    """Keep what edges have reported so far."""
    redis = open_redis()
    try:
        _ensure_group(redis)
        for _ in range(MOST_BATCHES):
            entries = _take_abandoned(redis) or _take_new(redis)
            if not entries:
                return
            _keep(entries)
            _remove(redis, entries)
    except RedisError as error:
        _log.warning("refusals not collected", extra={"cause": str(error)})


def _ensure_group(redis: Redis) -> None:
    try:
        redis.xgroup_create(REFUSAL_STREAM, REFUSAL_GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def _take_abandoned(redis: Redis) -> Entries:
    answer: Any = redis.xautoclaim(
        REFUSAL_STREAM, REFUSAL_GROUP, _CONSUMER, min_idle_time=ABANDONED_MS, count=BATCH
    )
    entries: Entries = answer[1]
    return entries


def _take_new(redis: Redis) -> Entries:
    answer: Any = redis.xreadgroup(REFUSAL_GROUP, _CONSUMER, {REFUSAL_STREAM: ">"}, count=BATCH)
    return [entry for _, entries in answer for entry in entries]


def _keep(entries: Entries) -> None:
    rows, faults = [], []
    for _, fields in entries:
        try:
            rows.append(_read(fields))
        except RecordInvalid as error:
            faults.append(str(error))
    Refusal.objects.bulk_create(rows, ignore_conflicts=True)
    if faults:
        _log.error("refusals dropped", extra={"count": len(faults), "fault": faults[0]})


def _read(fields: Mapping[bytes, bytes]) -> Refusal:
    record = events.Refusal.parse(fields.get(FIELD.encode(), b""))
    told = record.model_dump(mode="json", exclude_none=True)
    has_nul = any("\0" in text for text in told.values() if isinstance(text, str))
    if has_nul or record.weight > _MOST_WEIGHT:
        raise RecordInvalid("Refusal: what no column takes")
    try:
        told["at"] = datetime.fromtimestamp(record.at, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise RecordInvalid("Refusal: at a time that no calendar has") from error
    return Refusal(**told)


def _remove(redis: Redis, entries: Entries) -> None:
    names = [name for name, _ in entries]
    with redis.pipeline() as pipeline:
        pipeline.xack(REFUSAL_STREAM, REFUSAL_GROUP, *names)
        pipeline.xdel(REFUSAL_STREAM, *names)
        pipeline.execute()

"""The way from the outbox to the stream: in order, one relay at a time, again until it succeeded.

An entry may be sent twice, when a relay dies between sending and committing; it says the same.
"""

import logging
from typing import Final

from django.db import connection, transaction
from redis.exceptions import RedisError

from control_plane.redis_client import open_redis
from control_plane.revocations.models import OutboxEntry
from shared.events.record import FIELD
from shared.events.revocations import REVOCATION_STREAM, REVOCATION_STREAM_LENGTH

BATCH: Final = 500

_LOCK: Final = 7_018_392_412

_log = logging.getLogger(__name__)


def send_after_commit() -> None:
    """Try at once when the transaction is through: once, however much it revokes."""
    if not any(send_outbox in entry for entry in connection.run_on_commit):
        transaction.on_commit(send_outbox, robust=True)


def send_outbox() -> None:
    """Send what waits, unless another relay is at it. What cannot be sent now stays."""
    try:
        while _send_batch():
            pass
    except RedisError as error:
        waiting = OutboxEntry.objects.count()
        _log.warning("revocations not sent", extra={"waiting": waiting, "cause": str(error)})


@transaction.atomic
def _send_batch() -> bool:
    """Whether there may be more."""
    if not OutboxEntry.objects.exists() or not _take_turn():
        return False
    entries = list(OutboxEntry.objects.order_by("pk")[:BATCH])
    with open_redis().pipeline(transaction=False) as pipeline:
        for entry in entries:
            pipeline.xadd(REVOCATION_STREAM, {FIELD: entry.record}, maxlen=REVOCATION_STREAM_LENGTH)
        pipeline.execute()
    OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    return len(entries) == BATCH


def _take_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        (taken,) = cursor.fetchone()
    return bool(taken)

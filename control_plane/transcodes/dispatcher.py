"""Choosing what is worked on next.

Few orders are in the broker at a time, so that what is next is decided when a worker is about to
be free and not when a job was queued: priority and fairness hold for what comes now.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Final

from django.db import connection, transaction

from control_plane.catalogue.sidecars import describe_sidecars
from control_plane.ids import make_uuid7
from control_plane.transcodes import attempts
from control_plane.transcodes.models import (
    ChunkKindChoice,
    ChunkState,
    TranscodeChunk,
    TranscodeJob,
)
from control_plane.transcodes.orders import count_orders, make_order, send_order
from shared.jobs import Order

# Enough that a worker which is done finds an order there, and that more workers are soon at work.
_LEAST_WINDOW: Final = 2
_WORKERS_PER_ORDER: Final = 4

_TURN: Final = 0x534C5549  # an advisory lock's number, of no meaning
_TAKE_TURN: Final = "SELECT pg_advisory_xact_lock(%s)"


def dispatch(*, now: datetime) -> list[Order]:
    """Order the chunks whose turn it is, as far as the broker's window has room.

    To be called, after the commit, whenever a chunk begins to wait or a worker takes an order.
    """
    in_broker = count_orders()
    if in_broker is None:  # what is ordered now could not be sent
        return []
    with transaction.atomic():
        _take_turn()
        orders = list(islice(_order_in_turn(now), _count_room(in_broker)))
        for order in orders:
            transaction.on_commit(partial(send_order, order))
    return orders


def _take_turn() -> None:
    """One dispatcher at a time: the next one sees what this one ordered."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN, [_TURN])


def _count_room(in_broker: int) -> int:
    """Orders that nobody takes stay in the broker when their leases are long over."""
    ordered = TranscodeChunk.objects.filter(state=ChunkState.ORDERED).count()
    running = TranscodeChunk.objects.filter(state=ChunkState.RUNNING).count()
    window = _LEAST_WINDOW + running // _WORKERS_PER_ORDER
    return max(0, window - max(ordered, in_broker))


def _order_in_turn(now: datetime) -> Iterator[Order]:
    while chunk := attempts.order_next(asset_id=make_uuid7(), now=now):
        job = TranscodeJob.objects.select_related("video").get(pk=chunk.job_id)
        if chunk.kind == ChunkKindChoice.PACKAGE:
            sidecars = describe_sidecars(job.video, source_key=job.source_key)
            chunk = attempts.keep_sidecars(chunk, sidecars) or chunk
        yield make_order(chunk, job, now=now)

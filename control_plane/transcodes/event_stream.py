"""A job as server-sent events (HTML standard, section 9.2): its state now, and at every change."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import StreamingHttpResponse

from control_plane.database import in_database
from control_plane.transcodes.announcements import render_state
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.watching import WATCHERS
from shared.jobs import UNFINISHED

CONTENT_TYPE: Final = "text/event-stream"
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

KEEP_ALIVE_S: Final = 15
_KEEP_ALIVE: Final = b": still here\n\n"


class EventStream(StreamingHttpResponse):
    """The answer that follows a job."""

    def __init__(self, job_id: UUID) -> None:
        self._events = stream_job(job_id)
        super().__init__(self._events, content_type=CONTENT_TYPE, headers=HEADERS)

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The events themselves, closed with the connection; Django's iterator around them would
        leave that to the garbage collector, and a watcher that left would be kept until then."""
        return self._events


async def stream_job(job_id: UUID) -> AsyncIterator[bytes]:
    """Events until the job is over. What Redis lost is noticed when nothing comes for a while.

    Python 3.11's `wait_for` would lose a cancellation that comes together with news.
    """
    await sync_to_async(connections.close_all)()  # the request's own, not needed any more
    async with WATCHERS.watch(job_id) as news:
        shown, state = None, await _look(job_id)
        while state is not None:
            yield _KEEP_ALIVE if state == shown else _event(state)
            if _is_over(state):
                return
            shown = state
            try:
                async with asyncio.timeout(KEEP_ALIVE_S):
                    state = await news.get()
            except TimeoutError:
                state = await _look(job_id)


async def _look(job_id: UUID) -> bytes | None:
    return await in_database(_read_state, job_id)


def _read_state(job_id: UUID) -> bytes | None:
    job = TranscodeJob.objects.filter(pk=job_id).first()
    return None if job is None else render_state(job)


def _event(state: bytes) -> bytes:
    """With an id, so that a client that comes back says that it was here before."""
    return b"id: 1\ndata: " + state + b"\n\n"


def _is_over(state: bytes) -> bool:
    return json.loads(state)["state"] not in UNFINISHED

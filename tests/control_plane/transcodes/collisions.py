"""Making transactions meet: all of them wait for the same rows, then go at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from django.db import connection, transaction

from control_plane.catalogue.models import Video
from control_plane.transcodes.models import TranscodeJob

_WAITING: Final = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def collide(job: TranscodeJob, *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls so that each has read what it decides by before any of them writes."""
    with ThreadPoolExecutor(len(calls)) as threads:
        with transaction.atomic():
            Video.objects.select_for_update().get(pk=job.video_id)
            TranscodeJob.objects.select_for_update().get(pk=job.pk)
            running = [threads.submit(_run, call) for call in calls]
            while not _all_wait(running):
                pass
        return [call.result() for call in running]


def _run(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        connection.close()


def _all_wait(running: list[Future[Any]]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        waiting = int(cursor.fetchone()[0])
    return waiting + sum(call.done() for call in running) >= len(running)

"""Telling whoever watches a job live that it changed: over Redis, from any process."""

import logging
from typing import Final

from redis.exceptions import RedisError
from rest_framework.renderers import JSONRenderer

from control_plane.redis_client import open_redis
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.serializers import JobSerializer

CHANNEL: Final = "sluice:job:{job_id}"

_log = logging.getLogger(__name__)


def announce(job: TranscodeJob) -> None:
    """Publish a job's present state. A lost one is made good by the watchers' own look."""
    try:
        open_redis().publish(CHANNEL.format(job_id=job.pk), render_state(job))
    except RedisError as error:
        _log.warning("job not announced", extra={"job_id": str(job.pk), "cause": str(error)})


def render_state(job: TranscodeJob) -> bytes:
    """A job as watchers get it: one line of JSON."""
    rendered: bytes = JSONRenderer().render(JobSerializer(job).data)
    return rendered

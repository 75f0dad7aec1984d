"""Telling whoever watches a job live that it changed: over Redis, from any process."""

import logging
from functools import cache
from typing import Final

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from rest_framework.renderers import JSONRenderer

from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.serializers import JobSerializer

CHANNEL: Final = "sluice:job:{job_id}"

_TIMEOUT_S: Final = 2

_log = logging.getLogger(__name__)


def announce(job: TranscodeJob) -> None:
    """Publish a job's present state. A lost one is made good by the watchers' own look."""
    try:
        _redis().publish(CHANNEL.format(job_id=job.pk), render_state(job))
    except RedisError as error:
        _log.warning("job not announced", extra={"job_id": str(job.pk), "cause": str(error)})


def render_state(job: TranscodeJob) -> bytes:
    """A job as watchers get it: one line of JSON."""
    rendered: bytes = JSONRenderer().render(JobSerializer(job).data)
    return rendered


@cache
def _redis() -> Redis:
    url = settings.CONFIG.redis_url.get_secret_value()
    return Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)

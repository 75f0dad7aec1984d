"""The Celery worker's entry: `celery -A transcoder.celery_app worker -Q transcode`.

One order at a time, in a pool of one thread: the worker stays able to answer, and its child, told
to die with its parent, dies with the whole worker and not only with a process of its pool.
"""

import sys
from typing import Any, Final

from celery import Celery
from celery.signals import setup_logging

from shared.runtime.broker import celery_settings
from shared.runtime.config import ConfigInvalid, load_config
from shared.runtime.logs import configure_logging
from transcoder.config import Config


def _load_config() -> Config:
    try:
        return load_config(Config)
    except ConfigInvalid as error:
        sys.exit(str(error))


config: Final = _load_config()
app: Final = Celery("transcoder", include=["transcoder.tasks"])
app.conf.update(
    celery_settings(config.redis_url),
    worker_pool="threads",
    worker_concurrency=1,
    # an order that waits behind a running one would outlive its lease
    worker_disable_prefetch=True,
)


@setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    configure_logging("transcoder", level=config.log_level)

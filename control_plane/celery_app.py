"""The control plane's Celery app: reports of workers come in here, and periodic work runs."""

import logging
import os
from typing import Any, Final

import django
from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "control_plane.settings")  # noqa: TID251
django.setup()

from django.conf import settings  # noqa: E402

from control_plane.accounts.tasks import ANNOUNCE_TASK  # noqa: E402
from control_plane.accounts.tasks import SWEEP_TASK as SWEEP_SESSIONS_TASK  # noqa: E402
from control_plane.activity.tasks import SHORTEN_TASK  # noqa: E402
from control_plane.catalogue.tasks import SWEEP_TASK as SWEEP_STORE_TASK  # noqa: E402
from control_plane.entitlements.tasks import SWEEP_TASK as SWEEP_DECISIONS_TASK  # noqa: E402
from control_plane.idempotency.tasks import SWEEP_TASK as SWEEP_ANSWERS_TASK  # noqa: E402
from control_plane.refusals.tasks import COLLECT_TASK  # noqa: E402
from control_plane.refusals.tasks import SWEEP_TASK as SWEEP_REFUSALS_TASK  # noqa: E402
from control_plane.revocations.tasks import RELAY_TASK  # noqa: E402
from control_plane.revocations.tasks import SWEEP_TASK as SWEEP_REVOCATIONS_TASK  # noqa: E402
from control_plane.signing.tasks import ROTATE_TASK  # noqa: E402
from control_plane.transcodes.reaper import INTERVAL_S  # noqa: E402
from control_plane.transcodes.tasks import REAP_TASK  # noqa: E402
from control_plane.transcodes.tasks import SWEEP_TASK as SWEEP_ORPHANS_TASK  # noqa: E402
from control_plane.uploads.tasks import SWEEP_TASK as SWEEP_SPOOL_TASK  # noqa: E402
from shared.jobs import CONTROL_QUEUE  # noqa: E402
from shared.runtime.logs import configure_logging  # noqa: E402

RELAY_INTERVAL_S: Final = 1
COLLECT_INTERVAL_S: Final = 2
SWEEP_INTERVAL_S: Final = 60
SWEEP_RARELY_S: Final = 3600


# By how much the clocks of beat and worker may differ before they never agree on a task.
LEAST_PATIENCE_S: Final = 15


def _every(task: str, seconds: int) -> dict[str, Any]:
    """A periodic task; one that waited for longer than its interval is not run late."""
    expires = max(seconds, LEAST_PATIENCE_S)
    return {"task": task, "schedule": seconds, "options": {"expires": expires}}


app = Celery("control_plane")
app.config_from_object(
    {
        **settings.CELERY,
        "task_default_queue": CONTROL_QUEUE,
        "beat_schedule": {
            "reap-jobs": _every(REAP_TASK, INTERVAL_S),
            "sweep-store": _every(SWEEP_STORE_TASK, SWEEP_INTERVAL_S),
            "sweep-orphans": _every(SWEEP_ORPHANS_TASK, SWEEP_RARELY_S),
            "sweep-spool": _every(SWEEP_SPOOL_TASK, SWEEP_INTERVAL_S),
            "sweep-login-sessions": _every(SWEEP_SESSIONS_TASK, SWEEP_RARELY_S),
            "announce-applications": _every(ANNOUNCE_TASK, SWEEP_INTERVAL_S),
            "shorten-addresses": _every(SHORTEN_TASK, SWEEP_RARELY_S),
            "sweep-kept-answers": _every(SWEEP_ANSWERS_TASK, SWEEP_RARELY_S),
            "sweep-decisions": _every(SWEEP_DECISIONS_TASK, SWEEP_RARELY_S),
            "sweep-refusals": _every(SWEEP_REFUSALS_TASK, SWEEP_RARELY_S),
            "sweep-revocations": _every(SWEEP_REVOCATIONS_TASK, SWEEP_RARELY_S),
            "rotate-keys": _every(ROTATE_TASK, SWEEP_RARELY_S),
            "collect-refusals": _every(COLLECT_TASK, COLLECT_INTERVAL_S),
            "relay-revocations": _every(RELAY_TASK, RELAY_INTERVAL_S),
        },
    }
)


# They tell of every task that is sent, taken and done, which is several a second.
_TALKATIVE: Final = ("celery.beat", "celery.worker.strategy", "celery.app.trace")


@setup_logging.connect
def _set_up_logging(**_details: Any) -> None:
    level = settings.CONFIG.log_level
    configure_logging("control_worker", level=level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel("WARNING" if level == "INFO" else level)

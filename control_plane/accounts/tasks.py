"""Periodic work of accounts."""

from typing import Final

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

SWEEP_TASK: Final = "control_plane.sweep_login_sessions"


@shared_task(name=SWEEP_TASK)
def sweep() -> None:
    """Forget log-in sessions that expired; every sign-up that was never finished leaves one."""
    SessionStore.clear_expired()

"""Periodic work of accounts."""

from typing import Final

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from control_plane.accounts.applications import announce_applications
from control_plane.accounts.invitations import forget_invitations

SWEEP_TASK: Final = "control_plane.sweep_login_sessions"
ANNOUNCE_TASK: Final = "control_plane.announce_applications"


@shared_task(name=SWEEP_TASK)
def sweep() -> None:
    """Forget log-in sessions that expired; every sign-up that was never finished leaves one. And
    invitations that nobody took up."""
    SessionStore.clear_expired()
    forget_invitations(now=timezone.now())


@shared_task(name=ANNOUNCE_TASK)
def announce() -> None:
    """Tell administrators of those who wait to be let in."""
    announce_applications(now=timezone.now())

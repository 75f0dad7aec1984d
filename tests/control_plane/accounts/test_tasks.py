"""Tests for control_plane/accounts/tasks.py."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from control_plane.accounts.tasks import sweep

pytestmark = pytest.mark.django_db


def test_expired_log_in_sessions_are_forgotten_and_live_ones_stay() -> None:
    now = timezone.now()
    for key, age in {"over": timedelta(seconds=-1), "alive": timedelta(days=1)}.items():
        Session.objects.create(session_key=key, session_data="", expire_date=now + age)
    sweep()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["alive"]

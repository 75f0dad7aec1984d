"""Tests for control_plane/playback/keeping.py: what is kept is what was to be kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.forms import model_to_dict
from django.utils import timezone

from control_plane.accounts.models import User
from control_plane.catalogue.models import Video
from control_plane.playback.keeping import keep_session
from control_plane.playback.models import PlaybackSession

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("is_full", [True, False], ids=["full", "least"])
def test_every_field_is_kept_as_it_is(is_full: bool, owner: User, film: Video) -> None:
    now = timezone.now()
    more: dict[str, Any] = {
        "user": owner,
        "asset": film.asset,
        "decision": {"allowed": True, "why": "It's 100 % {good}", "until": None},
        "max_height": 720,
        "max_streams": 2,
        "origins": ["https://a.example", "https://b.example"],
        "start_by": now + timedelta(hours=1),
        "renewed_at": now,
    }
    session = PlaybackSession(
        video=film,
        subject="anonymous:1",
        rule="public",
        issued_at=now,
        expires_at=now + timedelta(hours=4),
        **(more if is_full else {}),
    )
    keep_session(session)
    kept = PlaybackSession.objects.get()
    assert kept == session
    assert model_to_dict(kept) == model_to_dict(session)

"""Fixtures for tests of the pages: films in every state of being watchable."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Asset, Video
from control_plane.entitlements.models import Visibility
from control_plane.ids import make_uuid7
from tests.control_plane.conftest import MakeUser

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

MakeVideo: TypeAlias = Callable[..., Video]


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(Role.ADMIN)


@pytest.fixture
def make_video(owner: User) -> MakeVideo:
    """Makes videos: published, free and ready unless told otherwise."""

    def make(title: str = "Demo film", *, asset: bool = True, **facts: Any) -> Video:
        facts = {"visibility": Visibility.PUBLIC, "published_at": LONG_AGO, **facts}
        video = Video.objects.create(owner=owner, title=title, **facts)
        return _give_asset(video) if asset else video

    return make


def _give_asset(video: Video) -> Video:
    video.asset = Asset.objects.create(
        id=make_uuid7(), video=video, duration_ms=24_000, size_bytes=1, heights=[360, 720]
    )
    video.save()
    return video

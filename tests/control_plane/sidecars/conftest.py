"""Fixtures for tests of sidecars: those of jobs, and a film with five pictures to choose from."""

import pytest
from rest_framework.test import APIClient

from control_plane.accounts.models import User
from control_plane.catalogue.models import Video
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.publishing import record_result
from shared.asset import AssetFile
from shared.paths import POSTER_CANDIDATE
from tests.control_plane.conftest import LogIn
from tests.control_plane.transcodes.conftest import (
    NOW,
    ReadOrders,
    creator,
    encode,
    fresh,
    grant,
    make_video,
    plan,
    queue,
    read_orders,
    result,
    video,
    write_asset,
)

__all__ = ["creator", "make_video", "read_orders", "video"]

POSTERS = tuple(
    AssetFile(
        name=POSTER_CANDIDATE.format(number=number),
        size_bytes=1,
        etag="x" * 22,
        content_type="image/jpeg",
    )
    for number in range(1, 6)
)


def package(job: TranscodeJob, number: int) -> TranscodeJob:
    """Do what a worker does for a package with five pictures, and report it."""
    chunk = grant(job, number)
    write_asset(chunk, files=POSTERS)
    record_result(result(chunk), now=NOW)
    return fresh(job)


@pytest.fixture
def film(video: Video, read_orders: ReadOrders) -> Video:
    """A video that was transcoded."""
    job = queue(video)
    plan(job)
    encode(job, 1)
    package(job, 2)
    read_orders()
    return Video.objects.get(pk=video.pk)


@pytest.fixture
def client(log_in: LogIn, creator: User) -> APIClient:
    return log_in(creator)

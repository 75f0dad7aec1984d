"""Films put in through the public API: hostile ones, and workers killed in mid-job."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared.jobs import UNFINISHED, JobState
from standalone.api import Api, Job, open_api
from standalone.demo import make_demo_film
from standalone.waiting import wait_until
from tests.stack import Stack

pytestmark = pytest.mark.system

_DONE_S = 240


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Api]:
    async with open_api(stack.control_url) as api:
        await api.log_in(stack.announced["admin_email"], stack.secret("admin_password"))
        yield api


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Long enough that a worker can be caught in the middle of it."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    make_demo_film(path, seconds=20)
    return path.read_bytes()


async def put_in(api: Api, name: str, content: bytes) -> str:
    """The id of the video."""
    video = await api.create_video(title=name, description="", visibility="members")
    await api.upload_source(video.id, name, content)
    return video.id


async def await_job(api: Api, video_id: str, *, least: float = 2) -> Job:
    """The video's job when it is over, or when it is done to the fraction `least`."""
    found: list[Job] = []

    async def has_come_far() -> bool:
        job = (await api.get_video(video_id)).newest_job
        assert job
        found.append(job)
        return job.state not in UNFINISHED or job.fraction >= least

    await wait_until(has_come_far, what=f"the job of {video_id}", within_s=_DONE_S)
    return found[-1]


def list_descendants(pid: int) -> list[int]:
    """The processes below one, each after its parent."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in map(int, children) for found in (child, *list_descendants(child))]


def list_assets_of(stack: Stack, video_id: str) -> list[str]:
    """Complete assets in the store that name the video."""
    documents = (stack.state / "media" / "assets").glob("*/asset.json")
    return [path.parent.name for path in documents if video_id in path.read_text()]

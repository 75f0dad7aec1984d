"""Films put in through the public API: hostile ones, and workers killed in mid-job."""

import io
import os
import signal
from collections.abc import AsyncIterator

import av
import pytest

from shared.jobs import UNFINISHED, FailureReason, JobState
from standalone.api import Api, JobDetail, open_api
from standalone.demo import make_demo_film
from standalone.waiting import wait_until
from tests.stack import Stack
from tests.system.strikes import list_descendants

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


@pytest.fixture(scope="session")
def sound(film: bytes) -> bytes:
    """The film's sound alone."""
    heard = io.BytesIO()
    with av.open(io.BytesIO(film), "r") as source, av.open(heard, "w", format="mp4") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return heard.getvalue()


async def put_in(api: Api, name: str, content: bytes) -> str:
    """The id of the video."""
    video = await api.create_video(title=name, description="", visibility="members")
    await api.upload_source(video.id, name, content)
    return video.id


async def await_job(api: Api, video_id: str, *, least: float = 2) -> JobDetail:
    """The video's job when it is over, or when it is done to the fraction `least`."""
    found: list[JobDetail] = []

    async def has_come_far() -> bool:
        newest = (await api.get_video(video_id)).newest_job
        assert newest
        found.append(await api.get_job(newest.id))
        return found[-1].state not in UNFINISHED or found[-1].fraction >= least

    await wait_until(has_come_far, what=f"the job of {video_id}", within_s=_DONE_S)
    return found[-1]


def list_assets_of(stack: Stack, video_id: str) -> list[str]:
    """Complete assets in the store that name the video."""
    documents = (stack.state / "media" / "assets").glob("*/asset.json")
    return [path.parent.name for path in documents if video_id in path.read_text()]


@pytest.mark.parametrize("victim", ["encoding child", "worker"])
async def test_job_whose_worker_is_killed_is_finished_by_a_later_attempt(
    stack: Stack, api: Api, film: bytes, victim: str
) -> None:
    video_id = await put_in(api, f"{victim} killed", film)
    running = await await_job(api, video_id, least=0.05)
    assert running.state is JobState.RUNNING

    worker = stack.announced["pids"]["transcoder"]
    children = list_descendants(worker)
    os.kill(worker if victim == "worker" else children[-1], signal.SIGKILL)

    finished = await await_job(api, video_id)
    assert finished.state is JobState.READY
    assert finished.restarts > running.restarts
    assert len(list_assets_of(stack, video_id)) == 1
    await api.publish_video(video_id)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("broken.mp4", {FailureReason.CORRUPT, FailureReason.TRUNCATED}),
        ("text.mp4", {FailureReason.UNSUPPORTED}),
        ("list.m3u8", {FailureReason.UNSUPPORTED}),
        ("empty.mp4", {FailureReason.UNSUPPORTED, FailureReason.NO_MEDIA, FailureReason.TRUNCATED}),
    ],
)
async def test_hostile_source_fails_with_a_reason(
    stack: Stack, api: Api, film: bytes, name: str, reason: set[FailureReason]
) -> None:
    content = {
        "broken.mp4": film[: len(film) // 2],
        "text.mp4": b"Not a film at all.\n" * 1000,
        "list.m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nfile:///etc/passwd\n",
        "empty.mp4": b"",
    }[name]
    video_id = await put_in(api, name, content)
    job = await await_job(api, video_id)
    assert job.state is JobState.FAILED
    assert job.failure
    assert job.failure.reason in reason
    assert not list_assets_of(stack, video_id)


async def test_film_without_pictures_is_heard(api: Api, sound: bytes) -> None:
    video_id = await put_in(api, "sound.mp4", sound)
    job = await await_job(api, video_id)
    assert job.state is JobState.READY
    url = await api.issue_playback_url(video_id, valid_for_s=600)
    with av.open(url, timeout=(20, 20)) as film:
        next(film.decode(audio=0))

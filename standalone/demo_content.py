"""The demo film, put in through the public API like any other, once.

A record in the state folder names its video, so that a start that was interrupted is taken up
where it ended, and later starts find the film there.
"""

import asyncio
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.jobs import UNFINISHED, JobState
from standalone.api import Api, ApiRefused, Job, Video
from standalone.demo import make_demo_film
from standalone.display import Step
from standalone.failure import StartFailed
from standalone.private_files import write_private

_TITLE: Final = "Sluice demo"
_DESCRIPTION: Final = (
    "A clip made on this machine. The clock shows where you are, the strip along the lower edge "
    "codes the frame's number, and the tone climbs one step a second."
)
_FILE_NAME: Final = "demo.mp4"
_ASK_AGAIN_S: Final = 0.3


class _Record(BaseModel):
    """What was done already. `published` stays true: unpublishing the film is the owner's."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    video_id: str
    published: bool = False


async def ensure_demo_film(api: Api, *, record_file: Path, step: Step) -> str:
    """See that the film is there and can be played; the id of its video."""
    record = _read(record_file)
    video = await _find_video(api, record)
    if record is None or video is None:
        video = await _create_video(api)
        record = _Record(video_id=video.id)
        _write(record_file, record)
    if video.newest_job is None:
        await _upload_film(api, video.id, step)
    elif video.newest_job.state not in (*UNFINISHED, JobState.READY):
        await api.retry_job(video.newest_job.id)
    await _await_transcode(api, video.id, step)
    if not record.published:
        await api.publish_video(video.id)
        _write(record_file, record.model_copy(update={"published": True}))
    return video.id


def _read(record_file: Path) -> _Record | None:
    try:
        return _Record.model_validate_json(record_file.read_text())
    except (FileNotFoundError, ValidationError):
        return None


def _write(record_file: Path, record: _Record) -> None:
    write_private(record_file, record.model_dump_json())


async def _find_video(api: Api, record: _Record | None) -> Video | None:
    """None when there never was one, or somebody deleted it."""
    if record is None:
        return None
    try:
        return await api.get_video(record.video_id)
    except ApiRefused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            return None
        raise


async def _create_video(api: Api) -> Video:
    return await api.create_video(title=_TITLE, description=_DESCRIPTION, visibility="public")


async def _upload_film(api: Api, video_id: str, step: Step) -> None:
    step.show("being drawn")
    content = await asyncio.to_thread(_draw_film)
    step.show("being uploaded")
    await api.upload_source(video_id, _FILE_NAME, content)


def _draw_film() -> bytes:
    with TemporaryDirectory(prefix="sluice-demo-") as folder:
        film = Path(folder) / _FILE_NAME
        make_demo_film(film)
        return film.read_bytes()


async def _await_transcode(api: Api, video_id: str, step: Step) -> None:
    while True:
        job = (await api.get_video(video_id)).newest_job
        if job is not None and job.state not in UNFINISHED:
            break
        step.show_progress(job.fraction if job else 0, "transcoding")
        await asyncio.sleep(_ASK_AGAIN_S)
    if job.state is not JobState.READY:
        raise await _explain(api, job)


async def _explain(api: Api, job: Job) -> StartFailed:
    failure = (await api.get_job(job.id)).failure
    return StartFailed(
        f"The demo film was not transcoded: the job is {job.state}. "
        + (failure.message if failure else ""),
        remedy="The logs of the transcoder and the control worker say more.",
    )

"""The public API of the control plane, as any program with an account uses it."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final, Self

import aiohttp
from pydantic import BaseModel, ValidationError

from shared.jobs import FailureReason, JobState
from standalone.failure import StartFailed

_CHUNK_BYTES: Final = 8 * 1024 * 1024
_TUS_VERSION: Final = {"Tus-Resumable": "1.0.0"}
_UPLOAD_TYPE: Final = "application/offset+octet-stream"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=60)


class ApiRefused(StartFailed):
    """The API answered with a problem; `code` says which."""

    def __init__(self, path: str, *, status: int, code: str, detail: str) -> None:
        super().__init__(f"{path} was refused: {status} {code} {detail}".rstrip())
        self.status = status
        self.code = code


class _Answer(BaseModel):
    """The part of an answer that we read."""

    @classmethod
    def read(cls, document: Any) -> Self:
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            raise StartFailed(f"The API's answer is not a {cls.__name__}: {error}") from error


class Job(_Answer):
    """A transcode job."""

    id: str
    state: JobState
    fraction: float


class Video(_Answer):
    """A video and its latest job."""

    id: str
    newest_job: Job | None


class _Session(_Answer):
    class Meta(BaseModel):
        access_token: str

    meta: Meta


class Failure(BaseModel):
    """Why a job failed; `message` is for people."""

    reason: FailureReason
    message: str


class JobDetail(Job):
    """All of a transcode job that we read."""

    restarts: int
    failure: Failure | None


class _Playback(_Answer):
    url: str


class Api:
    """The API for somebody with an account; `log_in` comes first."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def log_in(self, email: str, password: str) -> None:
        answer = await self._post("auth/login", {"email": email, "password": password})
        token = _Session.read(answer).meta.access_token
        self._session.headers["Authorization"] = f"Bearer {token}"

    async def create_video(self, *, title: str, description: str, visibility: str) -> Video:
        facts = {"title": title, "description": description, "visibility": visibility}
        return Video.read(await self._post("videos", facts))

    async def get_video(self, video_id: str) -> Video:
        return Video.read(await self._ask("GET", f"videos/{video_id}"))

    async def upload_source(self, video_id: str, name: str, content: bytes) -> None:
        """Send a video's source (tus 1.0)."""
        url = await self._create_upload(video_id, name, len(content))
        for offset in range(0, len(content), _CHUNK_BYTES):
            await self._send_chunk(url, content[offset : offset + _CHUNK_BYTES], offset=offset)

    async def publish_video(self, video_id: str) -> None:
        await self._post(f"videos/{video_id}/publish")

    async def retry_job(self, job_id: str) -> None:
        await self._post(f"jobs/{job_id}/retry")

    async def get_job(self, job_id: str) -> JobDetail:
        return JobDetail.read(await self._ask("GET", f"jobs/{job_id}"))

    async def issue_playback_url(self, video_id: str, *, valid_for_s: int) -> str:
        wanted = {"valid_for_s": valid_for_s}
        return _Playback.read(await self._post(f"videos/{video_id}/playback", wanted)).url

    async def _create_upload(self, video_id: str, name: str, size_bytes: int) -> str:
        facts = {"video_id": video_id, "filename": name}
        metadata = [f"{key} {b64encode(text.encode()).decode()}" for key, text in facts.items()]
        headers = {
            **_TUS_VERSION,
            "Upload-Length": str(size_bytes),
            "Upload-Metadata": ",".join(metadata),
        }
        async with self._session.post("/api/v1/uploads", headers=headers) as response:
            await _check(response)
            return response.headers["Location"]

    async def _send_chunk(self, url: str, chunk: bytes, *, offset: int) -> None:
        headers = {**_TUS_VERSION, "Upload-Offset": str(offset), "Content-Type": _UPLOAD_TYPE}
        async with self._session.patch(url, data=BytesIO(chunk), headers=headers) as response:
            await _check(response)

    async def _post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return await self._ask("POST", path, json=body or {})

    async def _ask(self, method: str, path: str, **options: Any) -> Any:
        async with self._session.request(method, f"/api/v1/{path}", **options) as response:
            await _check(response)
            return await response.json()


@asynccontextmanager
async def open_api(control_url: str) -> AsyncIterator[Api]:
    """Raises `StartFailed` when the control plane stops answering."""
    async with aiohttp.ClientSession(control_url, timeout=_TIMEOUT) as session:
        try:
            yield Api(session)
        except aiohttp.ClientError as error:
            raise StartFailed(f"The control plane does not answer: {error}") from error


async def _check(response: aiohttp.ClientResponse) -> None:
    if response.status < HTTPStatus.BAD_REQUEST:
        return
    typed = response.content_type == "application/problem+json"
    problem = await response.json(content_type=None) if typed else {}
    raise ApiRefused(
        response.url.path,
        status=response.status,
        code=str(problem.get("code", "unknown")),
        detail=str(problem.get("detail", "")),
    )

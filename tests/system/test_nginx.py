"""nginx as in production before the running system: what passes, what does not, what is logged."""

import asyncio
import base64
import json
import re
import secrets
from collections.abc import AsyncIterator
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from aiohttp import ClientSession, FormData

from shared.jobs import UNFINISHED
from standalone.api import Api
from standalone.demo import make_demo_film
from tests.nginx_front import CONTROL_NAME, EDGE_NAME, Front

pytestmark = pytest.mark.system

PATIENCE_S: Final = 30
SIZE_BYTES: Final = 3 * 1024 * 1024
TUS: Final = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
async def video_id(admin: ClientSession) -> AsyncIterator[str]:
    """A video for a test's own use."""
    video = await Api(admin).create_video(title="nginx", description="", visibility="members")
    yield video.id
    async with admin.delete(f"/api/v1/videos/{video.id}") as response:
        assert response.status == HTTPStatus.NO_CONTENT


async def test_upload_is_handed_on_while_it_is_sent(
    front: Front, admin: ClientSession, video_id: str
) -> None:
    content = secrets.token_bytes(SIZE_BYTES)
    half = len(content) // 2
    creation = {
        **TUS,
        # longer than what is sent: nothing is transcoded
        "Upload-Length": str(2 * SIZE_BYTES),
        "Upload-Metadata": f"video_id {_base64(video_id)}",
    }
    async with admin.post("/api/v1/uploads", headers=creation) as response:
        upload = response.headers["Location"]

    async def send_in_two_parts() -> AsyncIterator[bytes]:
        yield content[:half]
        await front.control.wait_until(lambda sent: content[half - 1024 : half] in sent)
        yield content[half:]

    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    async with (
        asyncio.timeout(PATIENCE_S),
        admin.patch(upload, data=send_in_two_parts(), headers=headers) as response,
    ):
        assert response.status == HTTPStatus.NO_CONTENT
        assert response.headers["Upload-Offset"] == str(SIZE_BYTES)


async def test_form_with_a_large_file_passes(admin: ClientSession, video_id: str) -> None:
    form = FormData()
    form.add_field("file", BytesIO(secrets.token_bytes(SIZE_BYTES)), filename="noise.mp4")
    async with admin.post(f"/api/v1/videos/{video_id}/source", data=form) as response:
        assert response.status == HTTPStatus.CREATED


async def test_large_body_elsewhere_is_refused(admin: ClientSession) -> None:
    content = BytesIO(b'{"title": "' + b"x" * SIZE_BYTES + b'"}')
    async with admin.post("/api/v1/videos", data=content) as response:
        assert response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        assert (await response.json(content_type=None))["code"] == "too_large"


async def test_event_arrives_while_the_job_goes_on(
    admin: ClientSession, video_id: str, tmp_path: Path
) -> None:
    make_demo_film(tmp_path / "film.mp4", seconds=20)
    api = Api(admin)
    await api.upload_source(video_id, "film.mp4", (tmp_path / "film.mp4").read_bytes())
    job = (await api.get_video(video_id)).newest_job
    assert job
    async with (
        asyncio.timeout(PATIENCE_S),
        admin.get(f"/api/v1/jobs/{job.id}/events") as response,
    ):
        assert response.content_type == "text/event-stream"
        event = await response.content.readuntil(b"\n\n")
        assert json.loads(_data_of(event))["id"] == job.id
        now = (await api.get_video(video_id)).newest_job
        assert now
        assert now.state in UNFINISHED


async def test_pages_and_static_files_pass(visitor: ClientSession) -> None:
    async with visitor.get("/") as response:
        assert response.status == HTTPStatus.OK
        assert "Content-Encoding" not in response.headers
        assert "Content-Security-Policy" in response.headers
    async with visitor.get("/static/web/mark.svg") as response:
        assert response.status == HTTPStatus.OK


async def test_media_is_not_asked_of_the_control_plane(
    front: Front, visitor: ClientSession, playback_path: str
) -> None:
    async with visitor.get(playback_path) as response:
        assert response.status == HTTPStatus.NOT_FOUND
    assert not front.control.sent


async def test_control_plane_is_not_asked_at_the_edge_s_name(
    front: Front, player: ClientSession
) -> None:
    for path in ("/", "/admin/", "/api/v1/videos", "/readyz", "/metrics"):
        async with player.get(path) as response:
            assert response.status == HTTPStatus.NOT_FOUND
    assert not front.control.sent
    assert not front.edge.sent


FORGED: Final = {
    "Upgrade": "websocket",
    "Connection": "Upgrade, HTTP2-Settings",
    "HTTP2-Settings": "AAMAAABkAAQCAAAAAAIAAAAA",
    "Forwarded": "for=192.0.2.1",
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Proto": "gopher",
}


@pytest.mark.parametrize("name", [CONTROL_NAME, EDGE_NAME])
async def test_upstream_is_told_the_truth_and_nothing_hop_by_hop(front: Front, name: str) -> None:
    async with aiohttp.request(
        "GET", f"http://{name}:{front.port}/livez", headers=FORGED
    ) as response:
        assert response.status == HTTPStatus.OK
    relay = front.control if name == CONTROL_NAME else front.edge
    head = bytes(relay.sent).decode().lower()
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
    assert fields["x-forwarded-for"] == "127.0.0.1"
    assert fields["x-forwarded-proto"] == "http"
    assert fields["host"] == f"{name}:{front.port}"
    assert not {"upgrade", "connection", "http2-settings", "forwarded"} & set(fields)


async def test_no_token_and_no_password_is_logged(
    front: Front, admin: ClientSession, player: ClientSession, playback_path: str
) -> None:
    _, _, token, rest = playback_path.split("/", 3)
    entrances = (playback_path, f"/v1/a/{rest}?token={token}")
    for path in entrances:
        async with player.get(path) as response:
            assert response.status == HTTPStatus.OK
    async with player.get(
        f"/v1/a/{rest}", headers={"Authorization": f"Bearer {token}"}
    ) as response:
        assert response.status == HTTPStatus.OK
    await front.read_log(lines=1 + 2 + 1 + 1)
    logs = front.read_logs()
    assert not [part for part in token.split(".") if part in logs]
    assert admin.headers["Authorization"].removeprefix("Bearer ") not in logs
    assert not re.search(r"eyJ[\w-]+\.", logs)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _data_of(event: bytes) -> str:
    lines = event.decode().splitlines()
    return "".join(line.removeprefix("data: ") for line in lines if line.startswith("data:"))

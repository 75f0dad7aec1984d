"""A small catalogue behind the control plane's routes, for tests of what talks to them."""

import uuid
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web
from aiohttp.test_utils import TestServer

from standalone.api import Api, open_api

PASSWORD = "right"

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Catalogue:
    """Videos and their jobs. A job that begins ends at once, in the state `outcome`."""

    outcome: str = "ready"
    videos: dict[str, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[str, bytearray] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)

    async def log_in(self, request: web.Request) -> web.Response:
        given = await request.json()
        if given != {"email": "admin@test", "password": PASSWORD}:
            return problem(400, "email_password_mismatch")
        return web.json_response({"meta": {"access_token": "token"}})

    async def create_video(self, request: web.Request) -> web.Response:
        video = {"id": str(uuid.uuid4()), "newest_job": None, **await request.json()}
        self.videos[video["id"]] = video
        return web.json_response(video, status=201)

    async def show_video(self, request: web.Request) -> web.Response:
        video = self.videos.get(request.match_info["video_id"])
        return web.json_response(video) if video else problem(404, "not_found")

    async def create_upload(self, request: web.Request) -> web.Response:
        facts = dict(pair.split() for pair in request.headers["Upload-Metadata"].split(","))
        video_id = b64decode(facts["video_id"]).decode()
        self.uploads[video_id] = bytearray()
        location = f"/api/v1/uploads/{video_id}?size={request.headers['Upload-Length']}"
        return web.Response(status=201, headers={"Location": location})

    async def receive(self, request: web.Request) -> web.Response:
        video_id = request.match_info["upload_id"]
        received = self.uploads[video_id]
        if int(request.headers["Upload-Offset"]) != len(received):
            return problem(409, "offset_mismatch")
        received += await request.read()
        if len(received) == int(request.query["size"]):
            self.begin_job(video_id)
        return web.Response(status=204)

    def begin_job(self, video_id: str) -> None:
        job = {"id": f"job-{video_id}", "state": self.outcome, "fraction": 1.0}
        self.videos[video_id]["newest_job"] = job

    async def publish(self, request: web.Request) -> web.Response:
        self.published.append(request.match_info["video_id"])
        return web.json_response({})

    async def retry(self, request: web.Request) -> web.Response:
        job_id = request.match_info["job_id"]
        self.retried.append(job_id)
        self.begin_job(job_id.removeprefix("job-"))
        return web.json_response({})

    async def show_job(self, request: web.Request) -> web.Response:
        video = self.videos[request.match_info["job_id"].removeprefix("job-")]
        failure = {"reason": "corrupt", "message": "The file is damaged."}
        return web.json_response({**video["newest_job"], "restarts": 0, "failure": failure})


def problem(status: int, code: str) -> web.Response:
    return web.json_response(
        {"code": code, "detail": "No."}, status=status, content_type="application/problem+json"
    )


@asynccontextmanager
async def serve_catalogue(catalogue: Catalogue) -> AsyncIterator[Api]:
    """The catalogue's API, for somebody who has not logged in yet."""
    app = web.Application()
    app.add_routes(
        [
            web.post("/api/v1/auth/login", catalogue.log_in),
            web.post("/api/v1/videos", catalogue.create_video),
            web.get("/api/v1/videos/{video_id}", catalogue.show_video),
            web.post("/api/v1/videos/{video_id}/publish", catalogue.publish),
            web.post("/api/v1/uploads", catalogue.create_upload),
            web.patch("/api/v1/uploads/{upload_id}", catalogue.receive),
            web.get("/api/v1/jobs/{job_id}", catalogue.show_job),
            web.post("/api/v1/jobs/{job_id}/retry", catalogue.retry),
        ]
    )
    async with TestServer(app) as server, open_api(str(server.make_url("/"))) as api:
        yield api

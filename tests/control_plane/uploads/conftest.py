"""Fixtures for tests of uploads: the real ASGI application behind a real uvicorn."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.uploads.models import Upload
from control_plane.uploads.selectors import access_upload
from tests.control_plane.conftest import MakeUser
from tests.control_plane.serving import Address, Headers, open_session, serve_here
from tests.control_plane.uploads.clients import Answer, call

Begin: TypeAlias = Callable[..., Upload]


@pytest.fixture(autouse=True)
def _committing(transactional_db: None) -> None:
    """What a test writes must be there for the server."""


@pytest.fixture(scope="session")
def server() -> Iterator[Address]:
    """Where the control plane is served."""
    with serve_here() as address:
        yield address


@pytest.fixture
def creator(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR)


@pytest.fixture
def video(creator: User) -> Video:
    return Video.objects.create(owner=creator, title="A film")


@pytest.fixture
def session(creator: User) -> Headers:
    """What a page of the creator's sends with every request."""
    return log_in(creator)


@pytest.fixture
def begin(server: Address, session: Headers, creator: User, video: Video) -> Begin:
    """Begins an upload through the API."""

    def make(size: int) -> Upload:
        answer = create(server, session, video, size)
        assert answer.status == 201
        upload_id = answer.headers["Location"].rpartition("/")[2]
        return access_upload(creator, upload_id)

    return make


def log_in(user: User) -> Headers:
    return {**open_session(user), "Tus-Resumable": "1.0.0"}


def create(server: Address, headers: Headers, video: Video, size: int | str) -> Answer:
    metadata = {"video_id": str(video.pk), "filename": "film.mp4"}
    return call(
        server,
        "POST",
        "/api/v1/uploads",
        {**headers, "Upload-Length": str(size), "Upload-Metadata": describe(metadata)},
    )


def describe(metadata: dict[str, str]) -> str:
    """The Upload-Metadata header."""
    return ",".join(
        f"{key} {b64encode(value.encode()).decode()}" for key, value in metadata.items()
    )

"""Tests for control_plane/uploads/admin.py."""

import pytest
from django.test import Client
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.uploads.models import Upload
from control_plane.uploads.services import create_upload
from control_plane.uploads.spool import spool_path
from tests.control_plane.conftest import MakeUser

UPLOADS = "/admin/uploads/upload/"


@pytest.fixture
def upload(video: Video, creator: User) -> Upload:
    return create_upload(
        video, owner=creator, size_bytes=1000, file_name="film.mp4", now=timezone.now()
    )


def test_uploads_are_shown_with_what_has_arrived(
    client: Client, make_user: MakeUser, upload: Upload
) -> None:
    client.force_login(make_user(Role.ADMIN))
    spool_path(upload.pk).write_bytes(bytes(777))
    assert b"777" in client.get(UPLOADS).content
    assert b"777" in client.get(f"{UPLOADS}{upload.pk}/change/").content


@pytest.mark.parametrize("page", ["add/", "{upload}/delete/"])
def test_uploads_are_neither_made_nor_deleted_by_hand(
    client: Client, make_user: MakeUser, upload: Upload, page: str
) -> None:
    client.force_login(make_user(Role.ADMIN))
    assert client.get(UPLOADS + page.format(upload=upload.pk)).status_code == 403

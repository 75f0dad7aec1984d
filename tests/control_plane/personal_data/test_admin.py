"""People deleted in the admin go with all that is theirs."""

import pytest
from django.test import Client

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Course, Leftover, Video
from shared.paths import originals_prefix
from tests.control_plane.conftest import MakeUser, MakeVideo

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(make_user: MakeUser, client: Client) -> User:
    """Who uses `client`."""
    admin = make_user(Role.ADMIN)
    client.force_login(admin)
    return admin


def delete(client: Client, user: User) -> int:
    path = f"/admin/accounts/user/{user.pk}/delete/"
    return client.post(path, {"post": "yes"}).status_code


@pytest.mark.usefixtures("admin")
def test_their_films_and_courses_go_too(
    client: Client, make_user: MakeUser, make_video: MakeVideo
) -> None:
    owner = make_user(Role.CREATOR)
    film = make_video(owner, title="A film of theirs")
    Course.objects.create(owner=owner, title="A course of theirs", slug="theirs")
    page = client.get(f"/admin/accounts/user/{owner.pk}/delete/").content.decode()
    assert "A film of theirs" in page
    assert "A course of theirs" in page
    assert delete(client, owner) == 302
    assert not User.objects.filter(pk=owner.pk).exists()
    assert not Video.objects.exists()
    assert Leftover.objects.filter(place=originals_prefix(str(film.pk))).exists()


def test_the_last_administrator_stays(client: Client, admin: User) -> None:
    assert delete(client, admin) == 200
    assert User.objects.filter(pk=admin.pk).exists()

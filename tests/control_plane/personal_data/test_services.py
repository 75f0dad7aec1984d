"""The end of an account."""

from datetime import UTC, datetime

import pytest

from control_plane.accounts.invitations import create_invitation
from control_plane.accounts.models import Application, Invitation, Role, User
from control_plane.catalogue.models import Course, Leftover, Video
from control_plane.entitlements.models import Grant, Plan, Subscription
from control_plane.entitlements.services import grant_access
from control_plane.errors import Refused
from control_plane.personal_data.services import delete_account
from control_plane.revocations.models import Revocation
from shared.paths import originals_prefix
from tests.control_plane.accounts.journeys import make_applicant
from tests.control_plane.conftest import MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_films_go_with_their_owner_and_leave_nothing_in_the_store(
    make_user: MakeUser, make_video: MakeVideo
) -> None:
    owner, other = make_user(Role.CREATOR), make_user(Role.CREATOR)
    film, kept = make_video(owner), make_video(other)
    delete_account(owner, now=NOW)
    assert list(Video.objects.all()) == [kept]
    assert Leftover.objects.filter(place=originals_prefix(str(film.pk))).exists()
    assert not User.objects.filter(pk=owner.pk).exists()


def test_edges_hear_of_the_viewer_and_of_the_films(
    make_user: MakeUser, make_video: MakeVideo
) -> None:
    owner = make_user(Role.CREATOR)
    film, owner_id = make_video(owner), str(owner.pk)
    delete_account(owner, now=NOW)
    revoked = set(Revocation.objects.values_list("scope", "subject"))
    assert {("viewer", owner_id), ("video", str(film.pk))} <= revoked


def test_what_was_granted_to_an_address_goes_with_it(
    make_user: MakeUser, make_video: MakeVideo
) -> None:
    creator, viewer = make_user(Role.CREATOR), make_user()
    grant_access(viewer.email, make_video(creator).id, by=creator, expires_at=None)
    delete_account(viewer, now=NOW)
    assert not Grant.objects.exists()


def test_how_somebody_came_goes_with_them(make_user: MakeUser) -> None:
    admin, viewer = make_user(Role.ADMIN), make_user()
    rows = [
        create_invitation(by=admin, request=None, now=NOW, email=email)[0]
        for email in ("", "asked-again@example.org", "somebody-else@example.org")
    ]
    used, sent, kept = rows
    Invitation.objects.filter(pk=used.pk).update(used_by=viewer)
    Invitation.objects.filter(pk=sent.pk).update(email=viewer.email)
    make_applicant(viewer)
    delete_account(viewer, now=NOW)
    assert list(Invitation.objects.all()) == [kept]
    assert not Application.objects.exists()


def test_an_invitation_outlives_whoever_made_it(make_user: MakeUser) -> None:
    inviter, _ = make_user(Role.ADMIN), make_user(Role.ADMIN)
    create_invitation(by=inviter, request=None, now=NOW)
    delete_account(inviter, now=NOW)
    assert Invitation.objects.get().invited_by is None


def test_the_last_administrator_stays(make_user: MakeUser) -> None:
    first, second = make_user(Role.ADMIN), make_user(Role.ADMIN)
    delete_account(first, now=NOW)
    with pytest.raises(Refused, match="last_admin"):
        delete_account(second, now=NOW)
    assert User.objects.filter(pk=second.pk).exists()


def test_courses_go_with_their_owner_though_people_subscribe_to_them(make_user: MakeUser) -> None:
    owner = make_user(Role.CREATOR)
    course = Course.objects.create(owner=owner, title="A course")
    plan = Plan.objects.create(name="The course", course=course)
    Subscription.objects.create(user=make_user(), plan=plan, starts_at=NOW)
    delete_account(owner, now=NOW)
    assert not Course.objects.exists()
    assert not Subscription.objects.exists()

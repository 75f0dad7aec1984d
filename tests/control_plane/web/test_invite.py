"""Tests for control_plane/web/invite.py, and for lists of who is invited and who waits."""

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from control_plane.accounts.models import Application, Invitation, Role, User
from control_plane.accounts.permission_names import Permission
from control_plane.activity.models import Activity, Kind
from control_plane.permission_grants.models import PermissionGrant
from tests.control_plane.accounts.journeys import invite, make_applicant, read_token, sign_up
from tests.control_plane.conftest import MakeUser

pytestmark = pytest.mark.django_db

INVITE = "/admin/invite"
INVITATIONS = "/admin/accounts/invitation/"
APPLICATIONS = "/admin/accounts/application/"


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def act(client: Client, path: str, action: str, *rows: Invitation | Application) -> str:
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    answer = client.post(path, chosen, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_several_are_invited_at_once_and_it_is_said_of_each_what_became_of_it(
    client: Client, make_user: MakeUser
) -> None:
    make_user(email="taken@example.org")
    addresses = "ada@example.org, bob@example.org\nADA@example.org\ntaken@example.org"
    page = client.post(INVITE, {"addresses": addresses, "role": "creator", "days": "3"})
    text = page.content.decode()
    assert [message.to for message in mail.outbox] == [["ada@example.org"], ["bob@example.org"]]
    assert text.count("Invited.") == 2
    assert "Somebody with this address has an account." in text
    assert {one.role for one in Invitation.objects.all()} == {"creator"}


def test_without_an_address_a_link_is_shown_once(client: Client) -> None:
    page = client.post(INVITE, {"addresses": "", "role": "viewer", "days": "3"})
    assert "no-store" in page.headers["Cache-Control"]
    link = page.content.decode().partition("<code>")[2].partition("</code>")[0]
    assert sign_up(invitation=read_token(link)).status_code == 401
    assert Invitation.objects.get().used_at is not None


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({"addresses": "ada@example.org, nobody"}, "No addresses: nobody."),
        ({"addresses": " ".join(f"a{n}@example.org" for n in range(51))}, "At most 50"),
        ({"role": "owner"}, "Select a valid choice"),
        ({"days": "0"}, "greater than or equal to 1"),
    ],
    ids=["address", "many", "role", "days"],
)
def test_what_will_not_do_invites_nobody(facts: dict[str, str], fault: str, client: Client) -> None:
    page = client.post(INVITE, {"addresses": "", "role": "viewer", "days": "3", **facts})
    assert page.status_code == 400
    assert fault in page.content.decode()
    assert not Invitation.objects.exists()


def test_the_page_is_for_administrators(make_user: MakeUser) -> None:
    client = Client()
    assert client.get(INVITE).status_code == 302
    client.force_login(make_user(Role.CREATOR))
    assert client.get(INVITE, follow=True).status_code == 403


@pytest.mark.parametrize("path", [INVITE, INVITATIONS, APPLICATIONS])
def test_no_permission_of_any_name_opens_the_door_to_others(path: str, make_user: MakeUser) -> None:
    user, client = make_user(), Client()
    for permission in Permission:
        PermissionGrant.objects.create(user=user, permission=permission, granted_at=timezone.now())
    client.force_login(user)
    body = {"addresses": "", "role": "admin", "days": "3"}
    assert client.get("/admin/").status_code == 200
    assert client.get(path).status_code == client.post(path, body).status_code == 403
    assert not Invitation.objects.exists()


def test_the_list_leads_to_the_page(client: Client) -> None:
    assert client.get(INVITATIONS).status_code == 200
    path = reverse("admin:accounts_invitation_invite")
    assert client.get(path).headers["Location"] == INVITE


def test_invitations_are_revoked_in_the_list(client: Client, admin: User) -> None:
    token = invite(admin)
    page = act(client, INVITATIONS, "revoke", Invitation.objects.get())
    assert "1 revoked." in page
    assert sign_up(invitation=token).json()["code"] == "invitation_invalid"
    assert Activity.objects.filter(user=admin, kind=Kind.INVITATION_REVOKED).count() == 1


@pytest.mark.parametrize("condition", ["open", "used", "over", "", "made-up"])
def test_invitations_are_narrowed_by_condition(condition: str, client: Client, admin: User) -> None:
    invite(admin, "ada@example.org")
    page = client.get(INVITATIONS, {"condition": condition}).content.decode()
    assert ("ada@example.org" in page) is (condition in ("open", "", "made-up"))


@pytest.mark.parametrize(
    ("action", "state", "is_active"),
    [("approve", "approved", True), ("decline", "declined", False)],
)
def test_who_waits_is_let_in_or_declined_in_the_list(
    action: str, state: str, is_active: bool, client: Client, make_user: MakeUser
) -> None:
    applicant = make_applicant(make_user())
    page = act(client, APPLICATIONS, action, applicant)
    assert "Done." in page
    applicant.refresh_from_db()
    assert (applicant.state, applicant.user.is_active) == (state, is_active)
    again = act(client, APPLICATIONS, action, applicant)
    assert "It was decided already." in again


def test_the_first_page_tells_how_many_wait(client: Client, make_user: MakeUser) -> None:
    for _ in range(3):
        make_applicant(make_user())
    page = client.get("/admin/").content.decode()
    assert "<strong>3</strong> <span>Waiting to be let in</span>" in page
    assert f"{APPLICATIONS}?state__exact=waiting" in page
    assert client.get(APPLICATIONS, {"state__exact": "waiting"}).status_code == 200


def test_users_who_wait_are_found_among_all(client: Client, make_user: MakeUser) -> None:
    make_applicant(make_user(email="waits@example.org"))
    make_user(email="is-in@example.org")
    page = client.get("/admin/accounts/user/", {"application__state__exact": "waiting"})
    assert [user.email for user in page.context["cl"].result_list] == ["waits@example.org"]


@pytest.mark.parametrize("path", [INVITATIONS, APPLICATIONS])
def test_a_list_takes_as_many_queries_for_many_rows(
    path: str, client: Client, admin: User, make_user: MakeUser
) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            invite(admin)
            make_applicant(make_user())
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1]

"""Tests for control_plane/accounts/invitation_api.py: administrators invite."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from control_plane.accounts.invitations import create_invitation, forget_invitations
from control_plane.accounts.models import Invitation, Role, User
from control_plane.activity.models import Activity, Kind
from tests.control_plane.accounts.journeys import EMAIL, read_token, sign_up
from tests.control_plane.conftest import LogIn, MakeUser

pytestmark = pytest.mark.django_db

PATH = "/api/v1/invitations"


@pytest.fixture
def inviter(make_user: MakeUser) -> User:
    return make_user(Role.ADMIN)


@pytest.fixture
def client(inviter: User, log_in: LogIn) -> APIClient:
    return log_in(inviter)


def make(inviter: User, **facts: Any) -> Invitation:
    invitation, _ = create_invitation(by=inviter, request=None, now=timezone.now(), **facts)
    return invitation


def test_who_is_invited_by_address_gets_a_mail_whose_link_nobody_else_sees(
    client: APIClient, inviter: User
) -> None:
    answer = client.post(PATH, {"email": EMAIL.upper(), "role": "creator"})
    assert answer.status_code == 201
    body, (message,) = answer.json(), mail.outbox
    assert (body["email"], body["role"], body["link"]) == (EMAIL, "creator", None)
    assert body["invited_by"] == str(inviter.pk)
    assert message.to == [EMAIL]
    token = read_token(str(message.body))
    assert isinstance(message, EmailMultiAlternatives)
    assert f'href="http://testserver/signup?invitation={token}"' in str(message.alternatives[0][0])
    assert token not in str(client.get(f"{PATH}/{body['id']}").json())
    assert sign_up(invitation=token).status_code == 200
    assert client.get(f"{PATH}/{body['id']}").json()["used_at"] is not None


def test_without_an_address_the_link_is_shown_once_and_mailed_to_nobody(client: APIClient) -> None:
    made = client.post(PATH, {}).json()
    assert mail.outbox == []
    assert "link" not in client.get(f"{PATH}/{made['id']}").json()
    assert sign_up(invitation=read_token(made["link"])).status_code == 401
    assert User.objects.filter(email=EMAIL).exists()


def test_the_token_is_nowhere_in_the_database(client: APIClient) -> None:
    token = read_token(client.post(PATH, {}).json()["link"])
    assert token not in str(list(Invitation.objects.values()))


def test_an_invitation_sent_twice_with_one_key_is_made_and_mailed_once(client: APIClient) -> None:
    first, second = (
        client.post(PATH, {"email": EMAIL}, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )
    assert first.json() == second.json()
    assert Invitation.objects.count() == len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"role": "owner"}, "role"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
    ],
    ids=str,
)
def test_an_invitation_that_will_not_do_is_refused(
    body: dict[str, str], field: str, client: APIClient
) -> None:
    answer = client.post(PATH, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == field


def test_who_has_an_account_needs_none(client: APIClient, make_user: MakeUser) -> None:
    make_user(email=EMAIL)
    answer = client.post(PATH, {"email": EMAIL})
    assert (answer.status_code, answer.json()["code"]) == (409, "account_exists")
    assert not Invitation.objects.exists()


def test_where_no_mail_goes_out_there_is_no_invitation(
    client: APIClient, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.raise_request_exception = False
    answer = client.post(PATH, {"email": EMAIL})
    assert (answer.status_code, answer.json()["code"]) == (503, "mail_failed")
    assert not Invitation.objects.exists()
    assert not Activity.objects.exists()


def test_what_is_revoked_is_taken_up_by_nobody(client: APIClient, inviter: User) -> None:
    made = client.post(PATH, {}).json()
    for _ in range(2):
        assert client.delete(f"{PATH}/{made['id']}").status_code == 204
    assert sign_up(invitation=read_token(made["link"])).json()["code"] == "invitation_invalid"
    kinds = Activity.objects.filter(user=inviter).values_list("kind", "detail")
    assert set(kinds) == {(Kind.INVITED, made["id"]), (Kind.INVITATION_REVOKED, made["id"])}
    assert len(kinds) == 2


def test_invitations_are_found_by_their_condition_and_address(
    client: APIClient, inviter: User
) -> None:
    now = timezone.now()
    rows = {
        "open": make(inviter, email="open@example.org"),
        "used": make(inviter, email="used@example.org"),
        "over": make(inviter, email="over@example.org", expires_at=now),
    }
    Invitation.objects.filter(pk=rows["used"].pk).update(used_at=now)
    for name, invitation in rows.items():
        for query in (f"condition={name}", f"search={name.upper()}@"):
            found = client.get(f"{PATH}?{query}").json()["results"]
            assert [one["id"] for one in found] == [str(invitation.pk)]


@pytest.mark.parametrize("count", [1, 5])
def test_a_list_takes_one_query(
    count: int,
    client: APIClient,
    inviter: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        make(inviter)
    with django_assert_num_queries(1):
        assert len(client.get(PATH).json()["results"]) == count


def test_whoever_never_came_is_forgotten_and_whoever_did_is_not(inviter: User) -> None:
    now = timezone.now()
    for kind in ("never came", "came", "may come"):
        ends_at = now + timedelta(days=1) if kind == "may come" else now - timedelta(days=31)
        invitation = make(inviter, expires_at=ends_at)
        Invitation.objects.filter(pk=invitation.pk).update(
            used_by=inviter if kind == "came" else None
        )
    forget_invitations(now=now)
    assert Invitation.objects.count() == 2
    assert Invitation.objects.filter(used_by=inviter).exists()

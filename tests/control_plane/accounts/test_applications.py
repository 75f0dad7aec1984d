"""Tests for control_plane/accounts/applications.py: who waits is announced, and decided of."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from control_plane.accounts.applications import (
    ANNOUNCED_EVERY,
    State,
    announce_applications,
    decide,
    list_applications,
)
from control_plane.accounts.models import Application, Role, User
from control_plane.activity.models import Activity, Kind
from control_plane.config import SignUpMode
from control_plane.errors import Refused
from tests.control_plane.accounts.journeys import (
    EMAIL,
    PASSWORD,
    make_applicant,
    set_mode,
    sign_up,
    try_log_in,
    verify_email,
)
from tests.control_plane.at_once import AT_ONCE, all_at_once
from tests.control_plane.conftest import LogIn, MakeUser

pytestmark = pytest.mark.django_db

PATH = "/api/v1/applications"


@pytest.fixture
def client(admin: User, log_in: LogIn) -> APIClient:
    return log_in(admin)


@pytest.fixture
def applicant(make_user: MakeUser) -> Application:
    return make_applicant(make_user(email=EMAIL))


def test_somebody_is_let_in_and_told_so(client: APIClient, settings: Settings) -> None:
    set_mode(settings, SignUpMode.APPROVAL)
    sign_up()
    assert client.get(PATH).json()["results"] == []
    verify_email()
    (waiting,) = client.get(f"{PATH}?state=waiting").json()["results"]
    assert waiting["email"] == EMAIL
    assert try_log_in().json()["code"] == "approval_pending"
    assert client.post(f"{PATH}/{waiting['user']}/approve").status_code == 204
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([EMAIL], "You may log in now")
    assert "http://testserver/login" in str(mail.outbox[-1].body)
    assert try_log_in().status_code == 200


def test_whoever_is_declined_is_told_so_and_answered_like_a_stranger(
    client: APIClient, applicant: Application
) -> None:
    assert client.post(f"{PATH}/{applicant.pk}/decline").status_code == 204
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([EMAIL], "Your wish for an account")
    right, wrong = try_log_in(), try_log_in(password="wrong horse battery")
    assert (right.status_code, right.json()) == (wrong.status_code, wrong.json())
    assert not User.objects.get(email=EMAIL).is_active


def test_whoever_was_declined_may_be_let_in_after_all(
    client: APIClient, applicant: Application
) -> None:
    for step in ("decline", "approve"):
        assert client.post(f"{PATH}/{applicant.pk}/{step}").status_code == 204
    assert try_log_in(EMAIL, PASSWORD).status_code == 200


def test_whoever_was_declined_and_is_restored_is_in(
    client: APIClient, applicant: Application
) -> None:
    client.post(f"{PATH}/{applicant.pk}/decline")
    client.patch(f"/api/v1/users/{applicant.pk}", {"is_active": True})
    assert try_log_in().status_code == 200


@pytest.mark.parametrize(
    ("first", "then"), [("approve", "approve"), ("approve", "decline"), ("decline", "decline")]
)
def test_what_is_decided_stays_decided(
    first: str, then: str, client: APIClient, applicant: Application
) -> None:
    client.post(f"{PATH}/{applicant.pk}/{first}")
    answer = client.post(f"{PATH}/{applicant.pk}/{then}")
    assert (answer.status_code, answer.json()["code"]) == (409, "application_decided")
    assert len(mail.outbox) == 1


def test_nothing_is_decided_of_who_has_not_confirmed_the_address(
    client: APIClient, applicant: Application
) -> None:
    EmailAddress.objects.update(verified=False)
    assert client.post(f"{PATH}/{applicant.pk}/approve").status_code == 404


def test_it_is_kept_who_decided_and_the_holder_is_not_told(
    admin: User, client: APIClient, applicant: Application
) -> None:
    client.post(f"{PATH}/{applicant.pk}/approve")
    applicant.refresh_from_db()
    assert (applicant.decided_by, applicant.state) == (admin, State.APPROVED)
    activity = Activity.objects.get(user=applicant.user)
    assert (activity.kind, activity.by, activity.is_own) == (
        Kind.APPLICATION_APPROVED,
        admin,
        False,
    )


def test_where_the_mail_does_not_go_out_nothing_is_decided(
    client: APIClient, applicant: Application, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.raise_request_exception = False
    answer = client.post(f"{PATH}/{applicant.pk}/decline")
    assert (answer.status_code, answer.json()["code"]) == (503, "mail_failed")
    applicant.refresh_from_db()
    assert applicant.state == State.WAITING
    assert User.objects.get(email=EMAIL).is_active


@pytest.mark.parametrize("count", [1, 5])
def test_a_list_takes_one_query(
    count: int,
    client: APIClient,
    make_user: MakeUser,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        make_applicant(make_user())
    with django_assert_num_queries(1):
        assert len(client.get(PATH).json()["results"]) == count


@pytest.mark.usefixtures("admin")
def test_administrators_hear_of_many_in_one_mail_an_hour(make_user: MakeUser) -> None:
    other, now = make_user(Role.ADMIN), timezone.now()
    for _ in range(3):
        make_applicant(make_user())
    announce_applications(now=now)
    assert {message.to[0] for message in mail.outbox} == set(
        User.objects.filter(role=Role.ADMIN).values_list("email", flat=True)
    )
    assert other.email in {message.to[0] for message in mail.outbox}
    assert {message.subject for message in mail.outbox} == {"3 people wait to be let in"}
    mail.outbox.clear()
    make_applicant(make_user())
    announce_applications(now=now + ANNOUNCED_EVERY - timedelta(seconds=1))
    assert mail.outbox == []
    announce_applications(now=now + ANNOUNCED_EVERY)
    assert {message.subject for message in mail.outbox} == {"4 people wait to be let in"}


def test_nobody_is_told_of_who_has_not_confirmed_the_address_or_waits_no_more(
    admin: User, make_user: MakeUser
) -> None:
    unconfirmed, decided = make_applicant(make_user()), make_applicant(make_user())
    EmailAddress.objects.filter(user=unconfirmed.user).update(verified=False)
    decide(decided, State.APPROVED, by=admin, request=None, now=timezone.now())
    mail.outbox.clear()
    announce_applications(now=timezone.now())
    assert mail.outbox == []


def test_where_no_mail_was_taken_it_is_tried_again(
    admin: User, applicant: Application, settings: Settings
) -> None:
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    announce_applications(now=timezone.now())
    applicant.refresh_from_db()
    assert applicant.announced_at is None
    settings.EMAIL_BACKEND = works
    announce_applications(now=timezone.now())
    assert [message.to for message in mail.outbox] == [[admin.email]]
    assert mail.outbox[0].subject == "Somebody waits to be let in"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_decide_at_once_one_does(admin: User, applicant: Application) -> None:
    choices = [State.APPROVED, State.DECLINED] * (AT_ONCE // 2)

    def choose() -> Application.State | None:
        state = choices.pop()
        mine = list_applications().get(pk=applicant.pk)
        try:
            decide(mine, state, by=admin, request=None, now=timezone.now())
        except Refused:
            return None
        return state

    done = [state for state in all_at_once(choose) if state is not None]
    applicant.refresh_from_db()
    assert (done.count(State.APPROVED), done.count(State.DECLINED)) in [(1, 0), (1, 1)]
    assert len(mail.outbox) == len(done)
    assert (applicant.state, applicant.user.is_active) == (State.APPROVED, True)

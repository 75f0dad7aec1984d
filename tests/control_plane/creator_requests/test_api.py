"""A viewer asks to become a creator, and somebody decides."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.activity.models import Activity, Kind
from control_plane.config import Creators
from control_plane.creator_requests.models import CreatorRequest
from tests.control_plane.conftest import LogIn, MakeUser

pytestmark = pytest.mark.django_db

MINE = "/api/v1/me/creator-request"
ALL = "/api/v1/creator-requests"
WHY = {"message": "I film birds & <bees>."}


@pytest.fixture
def user(make_user: MakeUser) -> User:
    return make_user()


@pytest.fixture
def client(user: User, log_in: LogIn) -> APIClient:
    return log_in(user)


@pytest.fixture
def deciding(admin: User, log_in: LogIn) -> APIClient:
    return log_in(admin)


def set_mode(settings: Settings, mode: Creators) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"creators": mode})


def decide(client: APIClient, verb: str, **body: Any) -> Any:
    row = CreatorRequest.objects.latest("id")
    return client.post(f"{ALL}/{row.pk}/{verb}", body)


def list_kinds(user: User) -> list[str]:
    return list(Activity.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def role_of(user: User) -> str:
    user.refresh_from_db()
    return user.role


def test_a_viewer_asks_and_sees_that_it_waits(client: APIClient, user: User) -> None:
    assert client.get(MINE).status_code == 404
    answer = client.post(MINE, WHY)
    assert answer.status_code == 201
    assert answer.json() == client.get(MINE).json()
    told = answer.json()
    assert (told["state"], told["message"]) == ("pending", WHY["message"])
    assert (told["decided_at"], told["reason"], told["may_ask_at"]) == (None, "", None)
    assert role_of(user) == Role.VIEWER
    assert list_kinds(user) == [Kind.CREATOR_ASKED]


@pytest.mark.parametrize("message", ["", "   ", None, "x" * 2001])
def test_whoever_asks_says_why(message: str | None, client: APIClient) -> None:
    answer = client.post(MINE, {"message": message})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "message")


def test_the_state_is_not_the_users_to_choose(client: APIClient) -> None:
    chosen = {**WHY, "state": "approved", "reason": "Me!", "decided_at": "2020-01-01T00:00:00Z"}
    assert client.post(MINE, chosen).json()["state"] == "pending"


def test_nobody_asks_twice(client: APIClient) -> None:
    client.post(MINE, WHY)
    answer = client.post(MINE, WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "creator_request_pending")


def test_a_repeated_call_with_a_key_is_answered_the_same(client: APIClient) -> None:
    answers = [client.post(MINE, WHY, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert CreatorRequest.objects.count() == 1


@pytest.mark.parametrize("role", [Role.CREATOR, Role.ADMIN])
def test_whoever_is_a_creator_has_nothing_to_ask(
    role: Role, make_user: MakeUser, log_in: LogIn
) -> None:
    answer = log_in(make_user(role)).post(MINE, WHY)
    assert (answer.status_code, answer.json()["code"]) == (409, "creator_already")


def test_a_request_is_withdrawn_and_made_again(client: APIClient, user: User) -> None:
    client.post(MINE, WHY)
    assert client.delete(MINE).status_code == 204
    assert client.get(MINE).json()["state"] == "withdrawn"
    assert client.delete(MINE).status_code == 404
    assert client.post(MINE, WHY).status_code == 201
    kinds = [Kind.CREATOR_ASKED, Kind.CREATOR_WITHDRAWN, Kind.CREATOR_ASKED]
    assert list_kinds(user) == kinds


def test_whoever_is_approved_is_a_creator(
    client: APIClient, deciding: APIClient, user: User, admin: User
) -> None:
    client.post(MINE, WHY)
    answer = decide(deciding, "approve")
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["decided_by"]) == ("approved", str(admin.pk))
    assert role_of(user) == Role.CREATOR
    assert client.get(MINE).json()["state"] == "approved"
    kept = Activity.objects.get(kind=Kind.CREATOR_APPROVED)
    assert (kept.user, kept.by) == (user, admin)


def test_whoever_is_declined_sees_why_and_waits(
    client: APIClient, deciding: APIClient, user: User, settings: Settings
) -> None:
    client.post(MINE, WHY)
    answer = decide(deciding, "decline", reason="Too many birds.")
    assert (answer.status_code, answer.json()["state"]) == (200, "declined")
    told = client.get(MINE).json()
    assert (told["reason"], role_of(user)) == ("Too many birds.", Role.VIEWER)
    again = client.post(MINE, WHY)
    assert (again.status_code, again.json()["code"]) == (409, "creator_request_too_soon")
    assert told["may_ask_at"][:19] == again.json()["may_ask_at"][:19]
    wait = timedelta(days=settings.CONFIG.creator_wait_days)
    CreatorRequest.objects.update(decided_at=timezone.now() - wait)
    assert client.post(MINE, WHY).status_code == 201


def test_a_reason_is_needed(client: APIClient, deciding: APIClient) -> None:
    client.post(MINE, WHY)
    answer = decide(deciding, "decline", reason="")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "reason")
    assert client.get(MINE).json()["state"] == "pending"


@pytest.mark.parametrize("first", ["approve", "decline", "withdraw"])
def test_what_is_decided_stays_decided(
    first: str, client: APIClient, deciding: APIClient, user: User
) -> None:
    client.post(MINE, WHY)
    client.delete(MINE) if first == "withdraw" else decide(deciding, first, reason="No.")
    before, role = CreatorRequest.objects.values().get(), role_of(user)
    for verb in ("approve", "decline"):
        answer = decide(deciding, verb, reason="Other.")
        assert (answer.status_code, answer.json()["code"]) == (409, "creator_request_decided")
    assert (CreatorRequest.objects.values().get(), role_of(user)) == (before, role)


def test_nobody_is_made_less_by_an_approval(
    client: APIClient, deciding: APIClient, user: User
) -> None:
    client.post(MINE, WHY)
    User.objects.filter(pk=user.pk).update(role=Role.ADMIN)
    decide(deciding, "approve")
    assert role_of(user) == Role.ADMIN


def test_whoever_is_made_a_creator_by_hand_waits_no_longer(
    client: APIClient, deciding: APIClient, user: User, admin: User
) -> None:
    client.post(MINE, WHY)
    deciding.patch(f"/api/v1/users/{user.pk}", {"role": "creator"})
    row = CreatorRequest.objects.get()
    assert (row.state, row.decided_by) == ("approved", admin)


def test_where_everybody_may_be_a_creator_asking_is_enough(
    client: APIClient, user: User, settings: Settings
) -> None:
    client.post(MINE, WHY)
    set_mode(settings, Creators.EVERYONE)
    answer = client.post(MINE, WHY)
    assert (answer.status_code, answer.json()["state"]) == (201, "approved")
    assert role_of(user) == Role.CREATOR
    row = CreatorRequest.objects.get()
    assert (row.decided_by, list_kinds(user)[-1]) == (None, Kind.CREATOR_APPROVED)


def test_a_newcomer_is_a_creator_at_once_where_everybody_may_be(
    client: APIClient, user: User, settings: Settings
) -> None:
    set_mode(settings, Creators.EVERYONE)
    assert client.post(MINE, WHY).json()["state"] == "approved"
    assert role_of(user) == Role.CREATOR
    assert list_kinds(user) == [Kind.CREATOR_ASKED, Kind.CREATOR_APPROVED]


def test_where_creators_are_appointed_nobody_asks(client: APIClient, settings: Settings) -> None:
    set_mode(settings, Creators.APPOINTED)
    answer = client.post(MINE, WHY)
    assert (answer.status_code, answer.json()["code"]) == (403, "creator_requests_closed")
    assert not CreatorRequest.objects.exists()


@pytest.mark.parametrize("mode", list(Creators))
def test_programs_are_told_who_becomes_a_creator(mode: Creators, settings: Settings) -> None:
    set_mode(settings, mode)
    assert Client().get("/api/v1/info").json()["creators"] == mode.value


def test_requests_are_listed_by_state_and_by_user(
    client: APIClient, deciding: APIClient, make_user: MakeUser, log_in: LogIn, user: User
) -> None:
    client.post(MINE, WHY)
    decide(deciding, "decline", reason="No.")
    log_in(make_user()).post(MINE, WHY)
    assert len(deciding.get(ALL).json()["results"]) == 2
    (declined,) = deciding.get(ALL, {"state": "declined"}).json()["results"]
    assert (declined["email"], declined["message"]) == (user.email, WHY["message"])
    (his,) = deciding.get(ALL, {"user": str(user.pk)}).json()["results"]
    assert his == deciding.get(f"{ALL}/{his['id']}").json() == declined


def test_a_list_takes_one_query_however_long_it_is(
    deciding: APIClient, make_user: MakeUser
) -> None:
    counts = []
    for more in (1, 5):
        for _ in range(more):
            CreatorRequest.objects.create(user=make_user(), message="x", asked_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            deciding.get(ALL)
        counts.append(len(queries))
    assert counts == [1, 1]


def sent() -> list[tuple[list[str], str, str]]:
    """To whom, what about, and what, as text; each has the same as HTML."""
    told = []
    for message in mail.outbox:
        assert isinstance(message, EmailMultiAlternatives)
        html, kind = message.alternatives[0]
        assert kind == "text/html"
        assert "<bees>" not in str(html)
        told.append((message.to, str(message.subject), str(message.body)))
    return told


def test_who_decides_is_told_who_asks(
    client: APIClient,
    admin: User,
    user: User,
    make_user: MakeUser,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    holder, *others = [make_user() for _ in range(3)]
    moment = timezone.now()
    for one, permission, until in (
        (holder, "decide_creators", None),
        (holder, "end_sessions", None),
        (others[0], "decide_creators", moment),
        (others[1], "end_sessions", None),
    ):
        one.permission_grants.create(permission=permission, granted_at=moment, until=until)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(MINE, WHY)
    first, second = sorted(sent())
    assert (first[0], second[0]) == ([admin.email], [holder.email])
    _, subject, body = first
    assert subject == "Somebody asks to become a creator"
    assert user.email in body
    assert WHY["message"] in body
    row = CreatorRequest.objects.get()
    assert f"http://testserver/admin/creator_requests/creatorrequest/{row.pk}/change/" in body


def test_asking_over_and_over_fills_no_letter_box(
    client: APIClient,
    admin: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            client.post(MINE, WHY)
            client.delete(MINE)
    assert [to for to, _, _ in sent()] == [[admin.email]]


@pytest.mark.parametrize(
    ("verb", "subject", "text"),
    [
        ("approve", "You are a creator now", "you may put films in"),
        ("decline", "Your request to become a creator", "Too many birds."),
    ],
)
def test_the_one_who_asked_is_told_by_mail(
    verb: str,
    subject: str,
    text: str,
    client: APIClient,
    deciding: APIClient,
    user: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client.post(MINE, WHY)
    with django_capture_on_commit_callbacks(execute=True):
        decide(deciding, verb, reason="Too many birds.")
    ((to, about, body),) = sent()
    assert (to, about) == ([user.email], subject)
    assert text in body
    assert "http://testserver/account" in body


def test_a_mail_server_that_is_away_undoes_no_decision(
    client: APIClient,
    deciding: APIClient,
    user: User,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client.post(MINE, WHY)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        assert decide(deciding, "approve").status_code == 200
    assert role_of(user) == Role.CREATOR

"""The account page lets viewers ask to become creators, and tells what came of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from control_plane.accounts.models import Role, User
from control_plane.config import Creators
from control_plane.creator_requests.models import CreatorRequest
from tests.control_plane.conftest import MakeUser

pytestmark = pytest.mark.django_db

TITLE, FORM, WITHDRAW = "Become a creator", "data-creator>", "data-withdraw>"


@pytest.fixture
def user(make_user: MakeUser) -> User:
    return make_user()


def see(user: User) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get("/account")
    assert answer.status_code == 200
    return answer.content.decode()


def decide(user: User, state: str, *, days_ago: int = 0) -> CreatorRequest:
    moment = timezone.now() - timedelta(days=days_ago)
    decided_at = None if state == "pending" else moment
    return CreatorRequest.objects.create(
        user=user,
        message="Films.",
        asked_at=moment,
        state=state,
        decided_at=decided_at,
        reason="Too many <birds>." if state == "declined" else "",
    )


@pytest.mark.parametrize("state", [None, "withdrawn", "approved"])
def test_a_viewer_may_ask(state: str | None, user: User) -> None:
    if state is not None:
        decide(user, state)
    page = see(user)
    assert FORM in page
    assert WITHDRAW not in page
    assert "An administrator decides who may." in page


def test_whoever_has_asked_waits_or_withdraws(user: User) -> None:
    decide(user, "pending")
    page = see(user)
    assert WITHDRAW in page
    assert FORM not in page


def test_whoever_was_declined_sees_why_and_from_when_on_they_may_ask(user: User) -> None:
    row = decide(user, "declined")
    page = see(user)
    assert FORM not in page
    assert "Too many &lt;birds&gt;." in page
    assert row.may_ask_at is not None
    assert f"from {row.may_ask_at:%-d %B %Y} on" in page


def test_whoever_was_declined_long_ago_may_ask(user: User, settings: Settings) -> None:
    decide(user, "declined", days_ago=settings.CONFIG.creator_wait_days)
    page = see(user)
    assert FORM in page
    assert "Too many &lt;birds&gt;." in page


def test_where_everybody_may_be_a_creator_nobody_is_told_to_wait(
    user: User, settings: Settings
) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"creators": Creators.EVERYONE})
    decide(user, "pending")
    page = see(user)
    assert FORM in page
    assert "An administrator decides" not in page


@pytest.mark.parametrize("role", [Role.CREATOR, Role.ADMIN])
def test_creators_have_nothing_to_ask(role: Role, make_user: MakeUser) -> None:
    assert TITLE not in see(make_user(role))


def test_where_creators_are_appointed_nobody_asks(user: User, settings: Settings) -> None:
    settings.CONFIG = settings.CONFIG.model_copy(update={"creators": Creators.APPOINTED})
    assert TITLE not in see(user)

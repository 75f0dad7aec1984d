"""What several do at once about one request, each on a connection of its own."""

from collections.abc import Callable

import pytest
from django.test import RequestFactory
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.creator_requests.models import CreatorRequest
from control_plane.creator_requests.services import approve, ask, decline, withdraw
from control_plane.errors import Refused
from tests.control_plane.at_once import AT_ONCE, all_at_once
from tests.control_plane.conftest import MakeUser

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
REQUEST = RequestFactory().post("/")


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except Refused as refusal:
        return refusal.problem.code
    return "done"


def test_of_many_requests_at_once_one_is_kept(make_user: MakeUser) -> None:
    user = make_user()
    answers = all_at_once(lambda: outcome(lambda: ask(user, "Me.", now=NOW, request=REQUEST)))
    assert sorted(answers) == ["creator_request_pending"] * (AT_ONCE - 1) + ["done"]
    assert CreatorRequest.objects.count() == 1


def test_of_many_decisions_at_once_one_counts(make_user: MakeUser) -> None:
    user, admin = make_user(), make_user(Role.ADMIN)
    row = ask(user, "Me.", now=NOW, request=REQUEST)
    deeds: list[Callable[[], object]] = [
        lambda: approve(row, by=admin, now=NOW, request=REQUEST),
        lambda: decline(row, "No.", by=admin, now=NOW, request=REQUEST),
        lambda: withdraw(user, now=NOW, request=REQUEST),
    ] * 3
    answers = all_at_once(lambda: outcome(deeds.pop()), times=len(deeds))
    assert answers.count("done") == 1
    state = CreatorRequest.objects.get().state
    assert (User.objects.get(pk=user.pk).role == Role.CREATOR) == (state == "approved")

"""Requests are decided in the admin, one or many at a time."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.activity.models import Activity, Kind
from control_plane.creator_requests.models import CreatorRequest
from tests.control_plane.conftest import MakeUser

pytestmark = pytest.mark.django_db

LIST = "/admin/creator_requests/creatorrequest/"


@pytest.fixture
def client(make_user: MakeUser) -> Client:
    client = Client()
    client.force_login(make_user(Role.ADMIN))
    return client


def make_request(user: User) -> CreatorRequest:
    return CreatorRequest.objects.create(user=user, message="Films.", asked_at=timezone.now())


def list_states() -> list[str]:
    return list(CreatorRequest.objects.order_by("id").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("action", "state", "role"),
    [("approve_all", "approved", "creator"), ("decline_all", "declined", "viewer")],
)
def test_many_are_decided_at_once(
    action: str, state: str, role: str, client: Client, make_user: MakeUser
) -> None:
    rows = [make_request(make_user()) for _ in range(2)]
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    client.post(LIST, {**chosen, "reason": "Not now."})
    assert list_states() == [state, state]
    assert {user.role for user in User.objects.exclude(role=Role.ADMIN)} == {role}
    reason = "Not now." if state == "declined" else ""
    assert {row.reason for row in CreatorRequest.objects.all()} == {reason}
    assert Activity.objects.filter(kind=Kind.ADMINISTERED).count() == 2


def test_what_is_decided_already_is_named(client: Client, make_user: MakeUser) -> None:
    row = make_request(make_user())
    chosen = {"action": "approve_all", "_selected_action": [str(row.pk)]}
    client.post(LIST, chosen)
    page = client.post(LIST, chosen, follow=True).content.decode()
    assert "It was decided, or withdrawn, meanwhile." in page


def test_one_is_approved_by_a_form_and_not_by_a_link(client: Client, make_user: MakeUser) -> None:
    row = make_request(make_user())
    page = f"{LIST}{row.pk}/approve_one/"
    assert client.get(page).status_code == 200
    assert list_states() == ["pending"]
    assert client.post(page, {"_form_submitted": "True"}).headers["HX-Redirect"] == LIST
    assert list_states() == ["approved"]


def test_one_is_declined_with_a_reason(client: Client, make_user: MakeUser) -> None:
    row = make_request(make_user())
    page = f"{LIST}{row.pk}/decline_one/"
    client.post(page, {"_form_submitted": "True", "reason": ""})
    assert list_states() == ["pending"]
    client.post(page, {"_form_submitted": "True", "reason": "Not now."})
    assert list_states() == ["declined"]


def test_the_first_page_tells_how_many_wait(client: Client, make_user: MakeUser) -> None:
    make_request(make_user())
    page = " ".join(client.get("/admin/").content.decode().split())
    assert f'<a href="{LIST}?state=pending"><strong>1</strong>' in page
    assert client.get(f"{LIST}?state=pending").status_code == 200


@pytest.mark.parametrize("way", ["action", "form"])
def test_whoever_is_made_a_creator_on_the_users_page_waits_no_longer(
    way: str, client: Client, make_user: MakeUser
) -> None:
    user = make_user()
    make_request(user)
    users = "/admin/accounts/user/"
    if way == "action":
        client.post(users, {"action": "make_creators", "_selected_action": [str(user.pk)]})
    else:
        page = client.get(f"{users}{user.pk}/change/")
        forms = page.context["inline_admin_formsets"]
        management = {
            f"{one.formset.prefix}-{count}_FORMS": "0"
            for one in forms
            for count in ("TOTAL", "INITIAL")
        }
        facts = {"email": user.email, "role": "creator", "is_active": "on"}
        assert client.post(f"{users}{user.pk}/change/", {**facts, **management}).status_code == 302
    assert list_states() == ["approved"]


def test_the_list_costs_the_same_however_long_it_is(client: Client, make_user: MakeUser) -> None:
    counts = []
    for more in (1, 4):
        for _ in range(more):
            make_request(make_user())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]

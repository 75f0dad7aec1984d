"""What is done in the admin is kept, with where it came from."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from control_plane.accounts.models import User
from control_plane.activity.models import Activity, Kind
from control_plane.activity.services import note_administration
from control_plane.catalogue.models import Category
from tests.control_plane.conftest import MakeUser

pytestmark = pytest.mark.django_db

CATEGORIES = "/admin/catalogue/category/"
USERS = "/admin/accounts/user/"
NO_CHILDREN = {"children-TOTAL_FORMS": "0", "children-INITIAL_FORMS": "0"}
FACTS = {"name": "Nature", "slug": "nature", "position": "0", "parent": ""}


@pytest.fixture
def client(admin: User) -> Client:
    client = Client(REMOTE_ADDR="203.0.113.7", headers={"User-Agent": "Firefox"})
    client.force_login(admin)
    return client


def list_details() -> list[str]:
    """The oldest first; of the admin alone."""
    kept = Activity.objects.filter(kind=Kind.ADMINISTERED).order_by("id")
    return list(kept.values_list("detail", flat=True))


def test_what_is_added_changed_and_deleted_is_kept_with_who_where_and_when(
    client: Client, admin: User
) -> None:
    client.post(f"{CATEGORIES}add/", {**FACTS, **NO_CHILDREN})
    category = Category.objects.get()
    change = {**FACTS, "name": "Wild nature", **NO_CHILDREN}
    client.post(f"{CATEGORIES}{category.pk}/change/", change)
    client.post(f"{CATEGORIES}{category.pk}/delete/", {"post": "yes"})
    thing = f"Catalogue | category {category.pk}"
    assert list_details() == [
        f"Addition, {thing}",
        f"Change, {thing}: Changed Name.",
        f"Deletion, {thing}",
    ]
    kept = Activity.objects.latest("id")
    entry = LogEntry.objects.latest("id")
    assert (kept.user, kept.address, kept.user_agent) == (admin, "203.0.113.7", "Firefox")
    assert (kept.entry, kept.at) == (entry, entry.action_time)


def test_many_deleted_at_once_are_each_kept(client: Client) -> None:
    gone = [Category.objects.create(name=name, slug=name) for name in ("a", "b", "c")]
    chosen = [str(one.pk) for one in gone]
    action = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    client.post(CATEGORIES, action)
    assert len(list_details()) == len(gone)


@pytest.mark.parametrize("action", ["suspend", "restore", "make_creators", "log_out"])
def test_an_action_on_people_is_kept(action: str, client: Client, make_user: MakeUser) -> None:
    user = make_user()
    client.post(USERS, {"action": action, "_selected_action": [str(user.pk)]})
    (detail,) = list_details()
    assert str(user.pk) in detail


def test_somebody_who_is_deleted_leaves_no_address(client: Client, make_user: MakeUser) -> None:
    user = make_user()
    email = user.email
    client.post(f"{USERS}{user.pk}/delete/", {"post": "yes"})
    assert len(list_details()) == 1
    client.get(USERS)  # shows once that it was done
    assert email not in client.get("/admin/activity/activity/").content.decode()
    assert email not in str(list(LogEntry.objects.values()))


def test_looking_at_pages_is_not_kept(client: Client) -> None:
    client.get(USERS)
    assert list_details() == []


def test_what_two_requests_find_is_kept_once(admin: User) -> None:
    request = RequestFactory().post(USERS)
    LogEntry.objects.log_actions(admin.pk, [admin], 2, "Changed.")
    since = timezone.now() - timedelta(minutes=1)
    for _ in range(2):
        note_administration(admin, request, since=since)
    assert len(list_details()) == 1


def test_the_page_costs_the_same_however_long_it_is(client: Client) -> None:
    counts = []
    for slug in ("one", "two"):
        client.post(f"{CATEGORIES}add/", {**FACTS, "slug": slug, **NO_CHILDREN})
        with CaptureQueriesContext(connection) as queries:
            assert "Added" in client.get("/admin/activity/activity/").content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]

"""Tests for control_plane/entitlements/admin.py: lists, and what taking away ends."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from control_plane.accounts.models import User
from control_plane.catalogue.models import Category, Course, Playlist, Video
from control_plane.entitlements.models import (
    Decision,
    Grant,
    Group,
    Membership,
    PlaceRule,
    Plan,
    ShareLink,
    Subscription,
)
from control_plane.entitlements.share_links import create_share_link
from control_plane.playback.services import start_playback
from control_plane.revocations.models import Revocation
from tests.control_plane.conftest import MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def add(admin: User, make_user: MakeUser, make_video: MakeVideo) -> Callable[[str, int], object]:
    """Adds a row of a model, with relations of its own."""

    def add(name: str, number: int) -> object:
        video, slug = make_video(admin), f"shelf-{number}"
        course = Course.objects.create(owner=admin, title=slug)
        category = Category.objects.create(name=slug, slug=slug)
        makers: dict[str, Callable[[], object]] = {
            "catalogue/category": lambda: Category.objects.create(
                name="Sub", slug=f"sub-{number}", parent=category
            ),
            "catalogue/course": lambda: course.lectures.create(video=video, position=0),
            "catalogue/playlist": lambda: Playlist.objects.create(owner=make_user(), title=slug),
            "entitlements/grant": lambda: Grant.objects.create(user=make_user(), course=course),
            "entitlements/group": lambda: Membership.objects.create(
                user=make_user(), group=Group.objects.create(name=slug)
            ),
            "entitlements/plan": lambda: Plan.objects.create(name=slug, category=category),
            "entitlements/subscription": lambda: Subscription.objects.create(
                user=make_user(), plan=Plan.objects.create(name=slug), starts_at=NOW
            ),
            "entitlements/sharelink": lambda: create_share_link(video.pk, by=make_user()),
            "entitlements/placerule": lambda: PlaceRule.objects.create(
                video=video, kind="any", action="block"
            ),
            "entitlements/decision": lambda: Decision.objects.create(
                decision_id=f"{number:016x}", at=NOW, code="draft", why="x", video_id=video.pk
            ),
        }
        return makers[name]()

    return add


LISTS = [
    "catalogue/category",
    "catalogue/course",
    "catalogue/playlist",
    "entitlements/grant",
    "entitlements/group",
    "entitlements/plan",
    "entitlements/subscription",
    "entitlements/sharelink",
    "entitlements/placerule",
    "entitlements/decision",
]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_as_many_queries_for_one_row_as_for_many(
    name: str, client: Client, add: Callable[[str, int], object]
) -> None:
    counts = []
    for numbers in (range(1), range(1, 6)):
        for number in numbers:
            add(name, number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/{name}/?q=a").status_code == 200
            assert client.get(f"/admin/{name}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", [*LISTS[:7], "entitlements/placerule"])
def test_what_may_be_added_has_a_form(name: str, client: Client) -> None:
    assert client.get(f"/admin/{name}/add/").status_code == 200


@pytest.mark.parametrize("name", ["entitlements/sharelink", "entitlements/decision"])
def test_what_is_only_looked_at_has_none(name: str, client: Client) -> None:
    assert client.get(f"/admin/{name}/add/").status_code == 403


@pytest.fixture
def video(admin: User, make_video: MakeVideo) -> Video:
    return make_video(admin, visibility="entitled")


@pytest.fixture
def watcher(video: Video, make_user: MakeUser) -> User:
    """Somebody in a group that the video is granted to, who watches it."""
    watcher, group = make_user(), Group.objects.create(name="Friends")
    Membership.objects.create(user=watcher, group=group)
    Grant.objects.create(group=group, video=video)
    start_playback(watcher, video.pk, now=NOW)
    return watcher


def choose(client: Client, name: str, action: str, *rows: object) -> None:
    chosen = [str(row) for row in rows]
    answer = client.post(
        f"/admin/entitlements/{name}/",
        {"action": action, "_selected_action": chosen, "post": "yes"},
    )
    assert answer.status_code == 302


@pytest.mark.usefixtures("watcher")
def test_whoever_leaves_a_group_stops_watching(client: Client) -> None:
    group, member = Group.objects.get(), Membership.objects.get()
    form = {
        "name": "Friends",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": str(member.pk),
        "memberships-0-user": str(member.user_id),
        "memberships-0-group": str(group.pk),
        "memberships-0-DELETE": "on",
    }
    answer = client.post(f"/admin/entitlements/group/{group.pk}/change/", form)
    assert answer.status_code == 302
    assert not Membership.objects.exists()
    assert Revocation.objects.count() == 1


@pytest.mark.usefixtures("watcher")
def test_with_a_group_goes_what_it_was_granted(client: Client) -> None:
    choose(client, "group", "delete_selected", Group.objects.get().pk)
    assert not Grant.objects.exists()
    assert Revocation.objects.count() == 1


@pytest.mark.parametrize("action", ["end", "delete_selected"])
def test_a_subscription_is_ended_in_the_admin(
    action: str, client: Client, video: Video, make_user: MakeUser
) -> None:
    user, plan = make_user(), Plan.objects.create(name="All")
    row = Subscription.objects.create(user=user, plan=plan, starts_at=NOW - timedelta(days=1))
    start_playback(user, video.pk, now=NOW)
    choose(client, "subscription", action, row.pk)
    assert Revocation.objects.count() == 1


def test_share_links_are_revoked_in_the_admin(client: Client, admin: User, video: Video) -> None:
    links = [create_share_link(video.pk, by=admin)[0] for _ in range(2)]
    choose(client, "sharelink", "revoke", *(link.pk for link in links))
    assert not ShareLink.objects.filter(revoked_at=None).exists()
    assert {row.subject for row in Revocation.objects.all()} == {link.subject for link in links}
    logged = LogEntry.objects.filter(user=admin, change_message="Revoked.")
    assert {entry.object_id for entry in logged} == {str(link.pk) for link in links}


@pytest.mark.parametrize(
    ("kind", "value", "is_good"),
    [
        ("country", "DE", True),
        ("country", "Germany", False),
        ("network", "192.0.2.0/24", True),
        ("network", "192.0.2.7/24", False),
        ("any", "", True),
        ("any", "DE", False),
    ],
)
def test_a_rule_on_places_says_what_its_kind_can(
    kind: str, value: str, is_good: bool, client: Client
) -> None:
    form = {"position": "0", "kind": kind, "value": value, "action": "block"}
    client.post("/admin/entitlements/placerule/add/", form)
    assert PlaceRule.objects.exists() is is_good


def test_a_user_is_granted_on_their_own_page(
    client: Client, video: Video, make_user: MakeUser
) -> None:
    user = make_user()
    page = client.get(f"/admin/accounts/user/{user.pk}/change/")
    inlines = [one.formset.prefix for one in page.context["inline_admin_formsets"]]
    form = {f"{prefix}-{count}_FORMS": "0" for prefix in inlines for count in ("TOTAL", "INITIAL")}
    first = page.context["adminform"].form
    form |= {name: first.initial.get(name) or "" for name in first.fields}
    form |= {"is_active": "on", "grants-TOTAL_FORMS": "1", "grants-0-video": str(video.pk)}
    answer = client.post(f"/admin/accounts/user/{user.pk}/change/", form)
    assert answer.status_code == 302, answer.context["errors"]
    assert Grant.objects.get().user == user

"""Permissions in the admin: granted and revoked there, and what their holders see of it."""

import pytest
from django.contrib.admin import site
from django.test import Client
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.accounts.permission_names import Permission
from control_plane.activity.models import Activity, Kind
from control_plane.permission_grants.models import PermissionGrant
from tests.control_plane.conftest import MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

LIST = "/admin/permission_grants/permissiongrant/"
# The lists that each opens.
OPENED = {
    Permission.MANAGE_VIDEOS: {
        "catalogue/video",
        "catalogue/course",
        "transcodes/transcodejob",
        "playback/takedown",
    },
    Permission.MANAGE_CATEGORIES: {"catalogue/category"},
    Permission.MANAGE_ENTITLEMENTS: {
        "entitlements/grant",
        "entitlements/plan",
        "entitlements/subscription",
        "entitlements/sharelink",
    },
    Permission.MANAGE_ISSUERS: {"issuers/issuer"},
    Permission.SEE_REFUSALS: {"refusals/refusal", "entitlements/decision"},
    Permission.END_SESSIONS: {"playback/playbacksession"},
    Permission.DECIDE_CREATORS: {"creator_requests/creatorrequest"},
}


@pytest.fixture
def user(make_user: MakeUser) -> User:
    return make_user()


@pytest.fixture
def client(make_user: MakeUser) -> Client:
    client = Client()
    client.force_login(make_user(Role.ADMIN))
    return client


def enter(user: User, *permissions: Permission) -> Client:
    for one in permissions:
        PermissionGrant.objects.create(user=user, permission=one, granted_at=timezone.now())
    client = Client()
    client.force_login(user)
    return client


def list_pages() -> set[str]:
    return {f"{model._meta.app_label}/{model._meta.model_name}" for model in site._registry}


@pytest.mark.parametrize("permission", list(Permission))
def test_a_permission_opens_its_pages_and_no_other(permission: Permission, user: User) -> None:
    client = enter(user, permission)
    answers = {page: client.get(f"/admin/{page}/").status_code for page in list_pages()}
    assert {page for page, status in answers.items() if status == 200} == OPENED[permission]
    assert set(answers.values()) <= {200, 403}


@pytest.mark.parametrize("permission", list(Permission))
def test_the_first_page_shows_what_one_may_see(
    permission: Permission, user: User, make_user: MakeUser, make_video: MakeVideo
) -> None:
    make_video(make_user(Role.CREATOR), title="A secret film").jobs.create()
    answer = enter(user, permission).get("/admin/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert ("A secret film" in page) is (permission is Permission.MANAGE_VIDEOS)
    linked = {name for name in list_pages() if f'"/admin/{name}/"' in page}
    assert linked <= OPENED[permission]
    assert linked


@pytest.mark.parametrize("path", ["upload", "search/?s=a", "auth/", "accounts/user/add/"])
def test_other_pages_of_the_admin_stay_shut(path: str, user: User) -> None:
    client = enter(user, *Permission)
    assert client.get(f"/admin/{path}").status_code in (403, 404)
    assert client.get("/admin/accounts/user/").status_code == 403
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize("permission", list(Permission))
def test_why_somebody_was_refused_is_told_to_who_may_see_refusals(
    permission: Permission, user: User
) -> None:
    status = enter(user, permission).get("/admin/why").status_code
    assert status == (200 if permission is Permission.SEE_REFUSALS else 403)


def test_people_are_found_by_nobody_but_administrators(user: User) -> None:
    page = "/admin/autocomplete/?app_label=entitlements&model_name=grant&field_name=user&term=a"
    assert enter(user, *Permission).get(page).status_code == 403


def test_whoever_holds_nothing_any_more_is_shut_out(user: User) -> None:
    client = enter(user, Permission.MANAGE_CATEGORIES)
    assert client.get("/admin/").status_code == 200
    PermissionGrant.objects.update(until=timezone.now())
    assert client.get("/admin/catalogue/category/", follow=True).status_code == 403


def test_a_holder_does_what_was_permitted(user: User) -> None:
    client = enter(user, Permission.MANAGE_CATEGORIES)
    inline = {"children-TOTAL_FORMS": "0", "children-INITIAL_FORMS": "0"}
    facts = {"name": "Nature", "slug": "nature", "position": "0", "parent": ""}
    assert client.post("/admin/catalogue/category/add/", {**facts, **inline}).status_code == 302
    kept = Activity.objects.get(user=user)
    assert kept.kind == Kind.ADMINISTERED


def test_a_permission_is_granted_in_its_list(client: Client, user: User) -> None:
    form = {"user": str(user.pk), "permission": "see_refusals", "until_0": "", "until_1": ""}
    assert client.post(f"{LIST}add/", form).status_code == 302
    granted = PermissionGrant.objects.get()
    assert granted.granted_by is not None
    assert (granted.user, granted.granted_by.role) == (user, Role.ADMIN)


def test_permissions_are_revoked_in_their_list(client: Client, user: User) -> None:
    enter(user, Permission.SEE_REFUSALS, Permission.END_SESSIONS)
    chosen = [str(one.pk) for one in PermissionGrant.objects.all()]
    client.post(LIST, {"action": "revoke", "_selected_action": chosen})
    assert not PermissionGrant.objects.filter(revoked_at=None).exists()
    assert Activity.objects.filter(user=user, kind=Kind.PERMISSION_REVOKED).count() == 2
    assert client.get(f"{LIST}?live=no").status_code == 200


def post_user(client: Client, user: User, **changes: str) -> None:
    page = f"/admin/accounts/user/{user.pk}/change/"
    formsets = client.get(page).context["inline_admin_formsets"]
    counts = {
        f"{one.formset.prefix}-{count}_FORMS": "0"
        for one in formsets
        for count in ("TOTAL", "INITIAL")
    }
    facts = {"email": user.email, "role": user.role, "is_active": "on"}
    assert client.post(page, {**facts, **counts, **changes}).status_code == 302


def test_a_permission_is_granted_and_revoked_on_the_page_of_its_holder(
    client: Client, user: User
) -> None:
    name = "permission_grants"
    row = {f"{name}-0-permission": "end_sessions", f"{name}-0-user": str(user.pk)}
    post_user(client, user, **{f"{name}-TOTAL_FORMS": "1", **row})
    granted = PermissionGrant.objects.get()
    assert (granted.user, granted.permission) == (user, "end_sessions")
    counts = {f"{name}-TOTAL_FORMS": "1", f"{name}-INITIAL_FORMS": "1"}
    gone = {f"{name}-0-id": str(granted.pk), f"{name}-0-DELETE": "on"}
    post_user(client, user, **counts, **row, **gone)
    granted.refresh_from_db()
    assert granted.revoked_at is not None

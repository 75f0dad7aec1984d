"""Tests for the admin: who gets in and how, and that its lists stay quick."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.accounts.services import ensure_admin
from control_plane.entitlements.models import Grant
from control_plane.entitlements.services import grant_access
from control_plane.issuers.models import Issuer
from control_plane.playback.services import start_playback
from control_plane.revocations.models import Revocation
from control_plane.signing.models import SigningKey
from control_plane.signing.rotation import SPREAD_S, ensure_keys, rotate_keys
from tests.control_plane.accounts.journeys import EMAIL, PASSWORD
from tests.control_plane.conftest import MakeUser, MakeVideo
from tests.control_plane.issuers.sites import make_issuer
from tests.control_plane.refusals.records import keep_refusal

pytestmark = pytest.mark.django_db

AddRow: TypeAlias = Callable[[], object]

LISTS = [
    "accounts/user",
    "entitlements/grant",
    "issuers/issuer",
    "playback/playbacksession",
    "signing/signingkey",
    "refusals/refusal",
]
ROTATE = "/admin/signing/signingkey/rotate/"


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def add_row(
    request: pytest.FixtureRequest, admin: User, make_user: MakeUser, make_video: MakeVideo
) -> AddRow:
    """Adds a row to the list that a test names, each with relations of its own."""

    def add_grant() -> None:
        grant_access(make_user(), make_video(admin).id, by=admin, expires_at=None)

    def add_site() -> None:
        make_issuer(Issuer.objects.count() + 1).save()

    def add_session() -> None:
        start_playback(make_user(Role.ADMIN), make_video(make_user()).id, now=timezone.now())

    def add_key() -> None:
        rotate_keys(now=timezone.now(), force=True)

    rows: dict[str, AddRow] = dict(
        zip(
            LISTS, (make_user, add_grant, add_site, add_session, add_key, keep_refusal), strict=True
        )
    )
    return rows[request.getfixturevalue("name")]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["", "?q=example"], ids=["all", "searched"])
def test_a_list_takes_as_many_queries_for_one_row_as_for_many(
    name: str, query: str, client: Client, add_row: AddRow
) -> None:
    counts = []
    for more in (1, 4):
        for _ in range(more):
            add_row()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/{name}/{query}").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", LISTS[:3])
def test_what_may_be_added_has_a_form(name: str, client: Client) -> None:
    assert client.get(f"/admin/{name}/add/").status_code == 200


@pytest.mark.parametrize("name", LISTS[3:])
def test_what_is_only_looked_at_has_none(name: str, client: Client) -> None:
    assert client.get(f"/admin/{name}/add/").status_code == 403


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CREATOR])
@pytest.mark.parametrize("name", LISTS)
def test_nobody_but_administrators_gets_in(name: str, role: Role, make_user: MakeUser) -> None:
    client = Client()
    client.force_login(make_user(role))
    answer = client.get(f"/admin/{name}/", follow=True)
    assert answer.status_code == 403


def test_a_visitor_is_sent_to_the_one_page_to_log_in() -> None:
    answer = Client().get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login?next=%2Fadmin%2F"


def test_the_admin_has_no_log_in_of_its_own_that_would_not_lock() -> None:
    ensure_admin(email=EMAIL, password=PASSWORD)
    client = Client()
    client.post("/admin/login/", {"username": EMAIL, "password": PASSWORD})
    assert "sessionid" not in client.cookies


def test_many_failures_lock_the_way_into_the_admin() -> None:
    ensure_admin(email=EMAIL, password=PASSWORD)
    client = Client()
    for password in [*["wrong"] * 5, PASSWORD]:
        client.post(
            "/api/v1/browser/auth/login",
            {"email": EMAIL, "password": password},
            content_type="application/json",
        )
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/login")


def test_a_user_made_in_the_admin_cannot_log_in_without_a_password(client: Client) -> None:
    answer = client.post(
        "/admin/accounts/user/add/",
        {
            "email": EMAIL.upper(),
            "display_name": "",
            "role": "creator",
            "is_active": "on",
            "emailaddress_set-TOTAL_FORMS": "0",
            "emailaddress_set-INITIAL_FORMS": "0",
            "socialaccount_set-TOTAL_FORMS": "0",
            "socialaccount_set-INITIAL_FORMS": "0",
        },
    )
    assert answer.status_code == 302
    user = User.objects.get(email=EMAIL)
    assert (user.role, user.has_usable_password()) == ("creator", False)


def test_a_grant_made_in_the_admin_names_who_made_it(
    client: Client, admin: User, make_user: MakeUser, make_video: MakeVideo
) -> None:
    video, viewer = make_video(admin), make_user()
    form = {"video": video.id, "user": viewer.id, "email": "", "note": ""}
    assert client.post("/admin/entitlements/grant/add/", form).status_code == 302
    assert Grant.objects.get().granted_by == admin


def test_a_grant_to_nobody_or_to_two_is_refused(
    client: Client, make_video: MakeVideo, admin: User
) -> None:
    video = make_video(admin)
    for user, email in (("", ""), (admin.id, EMAIL)):
        form = {"video": video.id, "user": user, "email": email, "note": ""}
        answer = client.post("/admin/entitlements/grant/add/", form)
        assert b"Name a user, an e-mail address or a group" in answer.content
    assert not Grant.objects.exists()


def test_private_keys_are_not_shown(client: Client) -> None:
    ensure_keys(now=timezone.now())
    for key in SigningKey.objects.all():
        page = client.get(f"/admin/signing/signingkey/{key.kid}/change/").content
        assert key.kid.encode() in page
        assert bytes(key.encrypted_private) not in page


def test_keys_are_rotated_by_a_form_and_not_by_a_link(client: Client) -> None:
    ensure_keys(now=timezone.now() - timedelta(seconds=2 * SPREAD_S))
    following = SigningKey.objects.get(stage="next").kid
    assert client.get(ROTATE).status_code == 200
    assert SigningKey.objects.get(stage="next").kid == following
    answer = client.post(ROTATE, {"_form_submitted": "True"})
    assert answer.headers["HX-Redirect"] == "/admin/signing/signingkey/"
    assert SigningKey.objects.get(stage="current").kid == following


def test_a_compromised_key_is_replaced_by_a_form_and_not_by_a_link(client: Client) -> None:
    ensure_keys(now=timezone.now())
    kid = SigningKey.objects.get(stage="current").kid
    page = f"/admin/signing/signingkey/{kid}/replace/"
    assert client.get(page).status_code == 200
    assert SigningKey.objects.filter(kid=kid).exists()
    client.post(page, {"_form_submitted": "True"})
    assert not SigningKey.objects.filter(kid=kid).exists()
    assert Revocation.objects.get().subject == kid


def test_a_rotation_too_soon_is_refused(client: Client) -> None:
    ensure_keys(now=timezone.now())
    before = SigningKey.objects.get(stage="current").kid
    client.post(ROTATE, {"_form_submitted": "True"})
    assert SigningKey.objects.get(stage="current").kid == before
    assert b"may not know it yet" in client.get("/admin/signing/signingkey/").content


def test_only_administrators_rotate(make_user: MakeUser) -> None:
    client = Client()
    client.force_login(make_user(Role.CREATOR))
    ensure_keys(now=timezone.now() - timedelta(seconds=2 * SPREAD_S))
    before = SigningKey.objects.get(stage="current").kid
    client.post(ROTATE, {"_form_submitted": "True"})
    assert SigningKey.objects.get(stage="current").kid == before

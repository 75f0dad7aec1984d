"""Tests for reading refusals and for forgetting them: selectors, services, API and admin."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from control_plane.accounts.models import Role
from control_plane.errors import NotFound
from control_plane.refusals.models import Refusal
from control_plane.refusals.selectors import access_refusal, find_refusal, list_refusals
from control_plane.refusals.services import KEPT_FOR, forget_old
from control_plane.refusals.tasks import sweep
from shared.events.refusals import RefusalCode
from tests.control_plane.conftest import LogIn, MakeUser
from tests.control_plane.refusals.records import keep_refusal

pytestmark = pytest.mark.django_db

LATER = "2026-01-02T00:00:00Z"


@pytest.fixture
def admin(make_user: MakeUser, log_in: LogIn) -> APIClient:
    return log_in(make_user(Role.ADMIN))


def test_a_refusal_is_found_by_its_decision_id() -> None:
    kept = keep_refusal()
    assert find_refusal(kept.pk) == kept == access_refusal(kept.pk)


def test_one_that_is_not_kept_is_not_found() -> None:
    keep_refusal()
    assert find_refusal("0" * 16) is None
    with pytest.raises(NotFound, match="30 days"):
        access_refusal("0" * 16)


def test_lists_begin_with_the_newest_and_may_be_narrowed() -> None:
    first = keep_refusal(code=RefusalCode.REVOKED, subject="another viewer")
    second = keep_refusal(at=LATER, video_id="another video")
    assert list(list_refusals()) == [second, first]
    assert list(list_refusals(code=RefusalCode.REVOKED)) == [first]
    assert list(list_refusals(video_id="another video")) == [second]
    assert list(list_refusals(subject="another viewer")) == [first]
    assert not list_refusals(code=RefusalCode.REVOKED, subject="a viewer")


def test_refusals_are_kept_for_thirty_days() -> None:
    keep_refusal()
    now = Refusal.objects.get().kept_at
    forget_old(now=now + KEPT_FOR - timedelta(seconds=1))
    assert Refusal.objects.exists()
    forget_old(now=now + KEPT_FOR)
    assert not Refusal.objects.exists()


def test_the_periodic_sweep_goes_by_our_own_clock() -> None:
    old, new = keep_refusal(at="2100-01-01T00:00:00Z"), keep_refusal()
    Refusal.objects.filter(pk=old.pk).update(kept_at=timezone.now() - KEPT_FOR)
    sweep()
    assert Refusal.objects.get() == new


def test_the_api_tells_what_the_person_was_told_and_why(admin: APIClient) -> None:
    kept = keep_refusal()
    body = admin.get(f"/api/v1/refusals/{kept.pk}").json()
    assert body["decision_id"] == kept.pk
    assert (body["code"], body["title"]) == ("token_expired", "The playback token has expired.")
    assert body["rules"][-1] == {"rule": "clock", "passed": False}


@pytest.mark.parametrize("decision_id", ["0" * 16, "unknown", "%00"])
def test_the_api_does_not_find_what_is_not_kept(admin: APIClient, decision_id: str) -> None:
    answer = admin.get(f"/api/v1/refusals/{decision_id}")
    assert answer.json()["code"] == "not_found"


def test_the_api_lists_page_by_page(admin: APIClient) -> None:
    kept = [keep_refusal(at=f"2026-01-0{day}T00:00:00Z") for day in (1, 2, 3)]
    page = admin.get("/api/v1/refusals?page_size=2").json()
    rest = admin.get(page["next"]).json()
    listed = [one["decision_id"] for one in [*page["results"], *rest["results"]]]
    assert listed == [one.pk for one in reversed(kept)]


@pytest.mark.parametrize(
    ("query", "count"),
    [("code=revoked", 1), ("code=token_invalid", 0), ("video=v", 1), ("subject=s", 1)],
)
def test_the_api_narrows_lists(admin: APIClient, query: str, count: int) -> None:
    keep_refusal(code=RefusalCode.REVOKED, video_id="v", subject="s")
    keep_refusal()
    assert len(admin.get(f"/api/v1/refusals?{query}").json()["results"]) == count


def test_a_code_that_is_none_is_refused(admin: APIClient) -> None:
    assert admin.get("/api/v1/refusals?code=none").status_code == 400


def test_the_admin_finds_a_refusal_and_shows_its_trace(make_user: MakeUser) -> None:
    kept, other = keep_refusal(), keep_refusal()
    client = Client()
    client.force_login(make_user(Role.ADMIN))
    found = client.get(f"/admin/refusals/refusal/?q={kept.pk}").content.decode()
    assert kept.pk in found
    assert other.pk not in found
    page = client.get(f"/admin/refusals/refusal/{kept.pk}/change/").content.decode()
    assert "token ✓  clock ✗" in page
    assert "The playback token has expired." in page

"""Tests for control_plane/entitlements/subscriptions.py and share_links.py, and what ends them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.entitlements.decisions import Rule
from control_plane.entitlements.models import Decision, Grant, Plan, ShareLink, Subscription
from control_plane.entitlements.selectors import judge, share_viewer, user_viewer
from control_plane.entitlements.share_links import create_share_link, open_share_link
from control_plane.entitlements.subscriptions import cancel, end_now, subscribe
from control_plane.entitlements.tasks import sweep
from control_plane.errors import NotFound, Refused
from control_plane.playback.models import PlaybackSession
from control_plane.playback.services import start_playback
from control_plane.revocations.models import Revocation
from tests.control_plane.conftest import LogIn, MakeUser, MakeVideo

pytestmark = pytest.mark.django_db

NOW = timezone.now()
DAY = timedelta(days=1)


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR)


@pytest.fixture
def user(make_user: MakeUser) -> User:
    return make_user()


@pytest.fixture
def video(owner: User, make_video: MakeVideo) -> Video:
    return make_video(owner, visibility="entitled")


def make_plan(**facts: Any) -> Plan:
    return Plan.objects.create(**{"name": "All", "is_open": True, "period_days": 30, **facts})


def may_watch(user: User, video: Video, now: datetime) -> bool:
    return judge(user_viewer(user), video, now=now).allowed


def test_a_subscription_goes_on_until_it_is_cancelled_and_then_to_its_periods_end(
    user: User, video: Video
) -> None:
    row, _ = subscribe(user, make_plan(), now=NOW)
    assert may_watch(user, video, NOW + 400 * DAY)
    cancel(row, now=NOW + 70 * DAY)
    assert may_watch(user, video, NOW + 89 * DAY)
    assert not may_watch(user, video, NOW + 90 * DAY)


def test_whoever_cancelled_may_go_on_before_the_end(user: User) -> None:
    plan = make_plan()
    cancel(subscribe(user, plan, now=NOW)[0], now=NOW)
    row, is_new = subscribe(user, plan, now=NOW + DAY)
    assert (is_new, row.ends_at, row.cancelled_at, row.starts_at) == (True, None, None, NOW)


def test_the_first_time_is_a_trial_and_the_second_is_not(user: User, video: Video) -> None:
    plan = make_plan(trial_days=7)
    row, _ = subscribe(user, plan, now=NOW)
    assert (row.is_trial, row.ends_at) == (True, NOW + 7 * DAY)
    assert not may_watch(user, video, NOW + 7 * DAY)
    again, is_new = subscribe(user, plan, now=NOW + 8 * DAY)
    assert (again.pk, is_new, again.is_trial, again.ends_at) == (row.pk, True, False, None)


def test_a_closed_plan_gives_its_trial_once_and_no_more(user: User) -> None:
    plan = make_plan(trial_days=7, is_open=False)
    subscribe(user, plan, now=NOW)
    with pytest.raises(Refused, match="plan_closed"):
        subscribe(user, plan, now=NOW + 8 * DAY)
    with pytest.raises(Refused, match="plan_closed"):
        subscribe(user, make_plan(name="Closed", is_open=False), now=NOW)


def test_what_is_watched_by_a_subscription_ends_with_it(user: User, video: Video) -> None:
    row, _ = subscribe(user, make_plan(), now=NOW)
    session_id = start_playback(user, video.pk, now=NOW).session_id
    end_now(row, now=NOW)
    assert Revocation.objects.get().subject == str(session_id)


def test_another_subscription_lets_it_go_on(user: User, video: Video) -> None:
    row, _ = subscribe(user, make_plan(), now=NOW)
    subscribe(user, make_plan(name="Too"), now=NOW)
    start_playback(user, video.pk, now=NOW)
    end_now(row, now=NOW)
    assert not Revocation.objects.exists()


def test_limits_of_a_plan_are_kept_with_the_session(user: User, video: Video) -> None:
    subscribe(user, make_plan(max_height=480, max_streams=2), now=NOW)
    start_playback(user, video.pk, now=NOW)
    session = PlaybackSession.objects.get()
    assert (session.max_height, session.max_streams) == (480, 2)
    assert session.decision["rule"] == "subscription"


def test_a_rental_ends_so_long_after_its_first_play(user: User, video: Video) -> None:
    Grant.objects.create(user=user, video=video, window_s=3600, expires_at=NOW + 30 * DAY)
    assert may_watch(user, video, NOW + 20 * DAY)
    start = NOW + DAY
    playback = start_playback(user, video.pk, now=start)
    assert playback.expires_at <= start + timedelta(hours=1)
    start_playback(user, video.pk, now=start + timedelta(minutes=30))
    assert may_watch(user, video, start + timedelta(minutes=59))
    assert not may_watch(user, video, start + timedelta(hours=1))


def test_looking_at_a_rental_does_not_begin_it(user: User, video: Video) -> None:
    Grant.objects.create(user=user, video=video, window_s=3600)
    may_watch(user, video, NOW)
    assert Grant.objects.get().first_played_at is None


@pytest.fixture
def client(owner: User, log_in: LogIn) -> APIClient:
    return log_in(owner)


def make_link(client: APIClient, video: Video, **limits: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/share-links", {"video": str(video.pk), **limits})
    assert answer.status_code == 201, answer.content
    link: dict[str, Any] = answer.json()
    return link


def test_a_share_link_shows_its_secret_once_and_keeps_no_more_than_a_digest(
    client: APIClient, video: Video
) -> None:
    made = make_link(client, video, passphrase="open sesame", max_plays=3, max_height=480)
    (listed,) = client.get("/api/v1/share-links").json()["results"]
    assert "secret" not in listed
    assert (listed["has_passphrase"], listed["max_plays"], listed["plays"]) == (True, 3, 0)
    kept = repr(vars(ShareLink.objects.get()))
    assert made["secret"] not in kept
    assert "open sesame" not in kept


def test_a_link_opens_with_its_passphrase_alone(client: APIClient, video: Video) -> None:
    secret = make_link(client, video, passphrase="open sesame")["secret"]
    link = open_share_link(secret, "open sesame", now=NOW)
    verdict = judge(share_viewer(link), link.video, now=NOW)
    assert verdict.rule is Rule.SHARE_LINK
    for wrong in ("", "open", "open sesame "):
        with pytest.raises(Refused, match="passphrase_wrong"):
            open_share_link(secret, wrong, now=NOW)
    with pytest.raises(NotFound):
        open_share_link("made up", "open sesame", now=NOW)


@pytest.mark.parametrize(
    "facts",
    [{"expires_at": NOW}, {"revoked_at": NOW}, {"max_plays": 2, "plays": 2}],
    ids=["ended", "revoked", "used up"],
)
def test_a_link_that_is_over_opens_nothing(facts: Any, owner: User, video: Video) -> None:
    link, secret = create_share_link(video.pk, by=owner)
    ShareLink.objects.filter(pk=link.pk).update(**facts)
    with pytest.raises(Refused, match="share_link_over"):
        open_share_link(secret, "", now=NOW)


def test_revoking_a_link_ends_all_that_is_watched_by_it_at_once(
    client: APIClient, video: Video
) -> None:
    link_id = make_link(client, video)["id"]
    for _ in range(2):
        assert client.delete(f"/api/v1/share-links/{link_id}").status_code == 204
    revocation = Revocation.objects.get()
    assert (revocation.scope, revocation.subject) == ("viewer", f"share:{link_id}")


def test_a_refusal_is_kept_for_thirty_days(user: User, video: Video, log_in: LogIn) -> None:
    answer = log_in(user).post(f"/api/v1/videos/{video.pk}/playback").json()
    kept = Decision.objects.get(pk=answer["decision_id"])
    assert (kept.user_id, kept.video_id, kept.code) == (user.pk, video.pk, "not_entitled")
    Decision.objects.update(at=timezone.now() - timedelta(days=29, hours=23))
    sweep()
    assert Decision.objects.exists()
    Decision.objects.update(at=timezone.now() - timedelta(days=30, hours=1))
    sweep()
    assert not Decision.objects.exists()


def test_a_refusal_is_kept_also_of_a_call_with_an_idempotency_key(
    user: User, video: Video, log_in: LogIn
) -> None:
    path = f"/api/v1/videos/{video.pk}/playback"
    answer = log_in(user).post(path, headers={"Idempotency-Key": "once"}).json()
    assert Decision.objects.filter(pk=answer["decision_id"]).exists()


def test_an_administrator_reads_a_decision(
    user: User, video: Video, log_in: LogIn, make_user: MakeUser
) -> None:
    refused = log_in(user).post(f"/api/v1/videos/{video.pk}/playback").json()
    client = log_in(make_user(Role.ADMIN))
    told = client.get(f"/api/v1/decisions/{refused['decision_id']}").json()
    assert {step["rule"] for step in told["trace"]} >= {"preview", "grant", "subscription"}


def test_subscribing_through_the_api_twice_is_done_once(user: User, log_in: LogIn) -> None:
    plan, client = make_plan(), log_in(user)
    body = {"plan": str(plan.pk)}
    statuses = [client.post("/api/v1/subscriptions", body).status_code for _ in range(2)]
    assert statuses == [201, 200]
    row = Subscription.objects.get()
    ended = client.delete(f"/api/v1/subscriptions/{row.pk}").json()
    assert ended["ends_at"] is not None

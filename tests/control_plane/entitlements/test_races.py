"""What two do at once, each over a connection of its own, comes out right."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Video
from control_plane.catalogue.services import publish_video
from control_plane.entitlements.admission import admit
from control_plane.entitlements.decisions import Viewer
from control_plane.entitlements.models import Grant, Plan, ShareLink, Subscription
from control_plane.entitlements.selectors import judge, share_viewer, user_viewer
from control_plane.entitlements.services import take_back
from control_plane.entitlements.share_links import create_share_link
from control_plane.entitlements.subscriptions import subscribe
from control_plane.playback.models import PlaybackSession
from control_plane.playback.services import start_playback
from control_plane.revocations.models import Revocation
from tests.control_plane.at_once import AT_ONCE, all_at_once
from tests.control_plane.conftest import MakeUser, MakeVideo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(Role.CREATOR)


@pytest.fixture
def video(owner: User, make_video: MakeVideo) -> Video:
    return make_video(owner, visibility="entitled")


@pytest.mark.parametrize("trial_days", [0, 7], ids=["full", "trial"])
def test_subscribing_twice_at_once_makes_one_subscription(
    trial_days: int, make_user: MakeUser
) -> None:
    plan = Plan.objects.create(name="All", is_open=True, trial_days=trial_days)
    user, now = make_user(), timezone.now()
    answers = all_at_once(lambda: subscribe(user, plan, now=now))
    assert [is_new for _, is_new in answers].count(True) == 1
    assert len({row.pk for row, _ in answers}) == Subscription.objects.count() == 1
    assert Subscription.objects.get().is_trial is bool(trial_days)


def test_publishing_twice_at_once_publishes_once(owner: User, make_video: MakeVideo) -> None:
    video = make_video(owner, published_at=None)
    drafts = [Video.objects.get(pk=video.pk) for _ in range(AT_ONCE)]

    def publish() -> object:
        mine = drafts.pop()
        publish_video(mine, now=timezone.now())
        return mine.published_at

    moments = set(all_at_once(publish))
    assert moments == {Video.objects.get().published_at}


def admitted(viewer: Viewer, video: Video) -> bool:
    with transaction.atomic():
        return admit(viewer, video, now=timezone.now()).allowed


@pytest.mark.parametrize("max_plays", [1, 3])
def test_the_last_play_of_a_share_link_is_taken_once(
    max_plays: int, owner: User, video: Video
) -> None:
    link, _ = create_share_link(video.pk, by=owner, max_plays=max_plays)
    answers = all_at_once(lambda: admitted(share_viewer(link), video))
    assert answers.count(True) == max_plays
    assert ShareLink.objects.get().plays == max_plays


def test_a_rental_that_is_begun_twice_at_once_has_one_beginning(
    video: Video, make_user: MakeUser
) -> None:
    user = make_user()
    Grant.objects.create(user=user, video=video, window_s=3600)

    def begin() -> object:
        with transaction.atomic():
            return admit(user_viewer(user), video, now=timezone.now()).until

    ends, grant = set(all_at_once(begin)), Grant.objects.get()
    assert grant.first_played_at is not None
    assert ends == {grant.expires_at} == {grant.first_played_at + timedelta(hours=1)}


def test_what_is_issued_while_the_grant_is_taken_back_is_ended_or_refused(
    video: Video, make_user: MakeUser
) -> None:
    """The one who takes back waits for the one who issues, and then finds the session."""
    user = make_user()
    grant = Grant.objects.create(user=user, video=video)
    is_admitted, may_go_on = Event(), Event()

    def issue() -> None:
        try:
            with transaction.atomic():
                start_playback(user, video.pk, now=timezone.now())
                is_admitted.set()
                assert may_go_on.wait(30)
        finally:
            connection.close()

    def take() -> None:
        try:
            take_back(Grant.objects.get(pk=grant.pk), now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        issuing = pool.submit(issue)
        assert is_admitted.wait(30)
        taking = pool.submit(take)
        await_lock_wait()
        may_go_on.set()
        issuing.result(30)
        taking.result(30)
    (session,) = PlaybackSession.objects.all()
    assert Revocation.objects.get().subject == str(session.pk)
    assert not admitted(user_viewer(user), video)


def await_lock_wait() -> None:
    """Until somebody waits for a row that another holds."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    deadline = timezone.now() + timedelta(seconds=30)
    while timezone.now() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits: the grant was not held")


def test_a_grant_that_was_taken_back_in_between_is_judged_anew(
    video: Video, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged good, then taken back before it could be held."""
    user = make_user()
    Grant.objects.create(user=user, video=video)

    def judge_and_lose(viewer: Viewer, video: Video, **moment: object) -> object:
        verdict = judge(viewer, video, **moment)  # type: ignore[arg-type]
        Grant.objects.all().delete()
        return verdict

    monkeypatch.setattr("control_plane.entitlements.admission.judge", judge_and_lose)
    assert not admitted(user_viewer(user), video)


def test_a_grant_that_ends_while_it_is_issued_ends_the_url_with_it(
    video: Video, make_user: MakeUser
) -> None:
    user, now = make_user(), timezone.now()
    ends_at = (now + timedelta(seconds=2)).replace(microsecond=0)
    Grant.objects.create(user=user, video=video, expires_at=ends_at)
    playbacks = all_at_once(lambda: start_playback(user, video.pk, now=now), times=4)
    assert {playback.expires_at for playback in playbacks} == {ends_at}

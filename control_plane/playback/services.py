"""Beginning to watch, going on, and stopping."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from control_plane.accounts.models import User
from control_plane.catalogue.models import Lecture
from control_plane.entitlements.admission import admit, keep_refusal
from control_plane.entitlements.decisions import Verdict, Viewer
from control_plane.entitlements.models import SHARE_SUBJECT, ShareLink
from control_plane.entitlements.places import NOWHERE, Place
from control_plane.entitlements.selectors import judge, share_viewer, user_viewer
from control_plane.entitlements.share_links import open_share_link
from control_plane.errors import Refused, require
from control_plane.playback.films import Film, PlayedAsset, find_film
from control_plane.playback.issuing import Playback, issue_urls
from control_plane.playback.keeping import keep_session
from control_plane.playback.lifetimes import (
    LONGEST_S,
    SHORTEST_S,
    choose_end,
    choose_renewed_end,
    choose_start_by,
)
from control_plane.playback.models import PlaybackSession, TakeDown
from control_plane.revocations.services import revoke_session, revoke_viewer

_LIMITS: Final = ("rule", "decision", "max_height", "max_streams", "origins")
_RENEWED: Final = ("renewed_at", "start_by", "expires_at")


def start_playback(
    user: User | None,
    video_id: UUID,
    *,
    now: datetime,
    valid_for_s: int | None = None,
    place: Place = NOWHERE,
) -> Playback:
    """Let somebody watch: a session is kept and its URL signed.

    Raises `NotFound` and `Refused` as `keep_refusal` makes them, and `not_ready` for a video
    that has no asset yet.
    """
    viewer = user_viewer(user, place)
    return _start(viewer, video_id, user=user, now=now, valid_for_s=valid_for_s)


def start_lecture(
    user: User | None,
    lecture_id: UUID,
    *,
    now: datetime,
    valid_for_s: int | None = None,
    place: Place = NOWHERE,
) -> Playback:
    """The same for a lecture, which is watched as its video is."""
    lecture = require(Lecture.objects.filter(pk=lecture_id).first(), "No such lecture.")
    return start_playback(user, lecture.video_id, now=now, valid_for_s=valid_for_s, place=place)


def start_shared(
    secret: str,
    passphrase: str,
    *,
    now: datetime,
    valid_for_s: int | None = None,
    place: Place = NOWHERE,
) -> Playback:
    """The same for whoever has a share link, whoever that is. Raises as `open_share_link` does."""
    link = open_share_link(secret, passphrase, now=now)
    viewer = share_viewer(link, place)
    return _start(viewer, link.video_id, subject=link.subject, now=now, valid_for_s=valid_for_s)


def renew_playback(session: PlaybackSession, *, now: datetime, place: Place = NOWHERE) -> Playback:
    """Another URL of the same session and, while it is there, the same asset: what plays goes on
    where it is. Whether its viewer may still watch is judged anew."""
    _check_running(session, now)
    viewer = _find_viewer(session, place)
    verdict = judge(viewer, session.video, now=now)
    if not verdict.allowed:
        raise keep_refusal(viewer, session.video, verdict, now=now)
    asset = _require_asset(session.asset or session.video.asset)
    now = now.replace(microsecond=0)
    session.expires_at = choose_renewed_end(
        session.issued_at, now, asset.duration_ms, verdict=verdict
    )
    session.renewed_at, session.start_by = now, None
    _limit(session, verdict)
    session.save(update_fields=[*_RENEWED, *_LIMITS])
    is_draft = session.video.published_at is None
    return issue_urls(session, asset, now=now, is_draft=is_draft)


def _check_running(session: PlaybackSession, now: datetime) -> None:
    """A session of `selectors.list_sessions`; a day after it began there is nothing to renew."""
    is_old = now >= session.issued_at + timedelta(seconds=LONGEST_S - SHORTEST_S)
    if session.is_ended or is_old:
        raise Refused("session_over", status=HTTPStatus.CONFLICT, detail="Begin a new one.")


def _find_viewer(session: PlaybackSession, place: Place) -> Viewer:
    """Who a session is of. What its share link allows of plays was counted when it began."""
    if not session.subject.startswith(SHARE_SUBJECT):
        return user_viewer(session.user, place)
    link = ShareLink.objects.filter(pk=session.subject.removeprefix(SHARE_SUBJECT)).first()
    if link is None:
        raise Refused("session_over", status=HTTPStatus.CONFLICT, detail="Its link is gone.")
    link.max_plays = None
    return share_viewer(link, place)


def end_session(session: PlaybackSession, *, now: datetime) -> None:
    """End one session at every edge; what is over stays over."""
    revoke_session(str(session.pk), now=now)


def end_all_sessions(user: User, *, now: datetime) -> None:
    """End all that a user watches; what is begun from the next second on is good."""
    revoke_viewer(str(user.pk), now=now)


def _start(
    viewer: Viewer,
    video_id: UUID,
    *,
    now: datetime,
    valid_for_s: int | None,
    user: User | None = None,
    subject: str | None = None,
) -> Playback:
    film = require(find_film(video_id), "No such video.")
    with transaction.atomic():
        verdict = admit(viewer, film, now=now)
        if verdict.allowed:
            _check_not_taken_down(film)
            asset = _require_asset(film.asset)
            session = _begin(film, asset, verdict, now=now, valid_for_s=valid_for_s)
            session.user = user
            session.subject = subject or (str(user.pk) if user else f"anonymous:{session.pk}")
            keep_session(session)
            return issue_urls(session, asset, now=session.issued_at, is_draft=film.is_draft)
    raise keep_refusal(viewer, film, verdict, now=now)


def _check_not_taken_down(film: Film) -> None:
    """Only drafts are."""
    if film.is_draft and TakeDown.objects.filter(video_id=film.id).exists():
        raise Refused("taken_down", status=HTTPStatus.GONE, detail="It was taken down.")


def _begin(
    film: Film, asset: PlayedAsset, verdict: Verdict, *, now: datetime, valid_for_s: int | None
) -> PlaybackSession:
    """A session that is not kept yet, of nobody."""
    issued_at = now.replace(microsecond=0)  # tokens know whole seconds
    ends_at = choose_end(issued_at, asset.duration_ms, verdict=verdict, wanted_s=valid_for_s)
    session = PlaybackSession(
        video_id=film.id,
        asset_id=asset.id,
        rule=verdict.rule,
        issued_at=issued_at,
        expires_at=ends_at,
        start_by=choose_start_by(
            issued_at, ends_at, verdict=verdict, within_s=settings.CONFIG.start_within_s
        ),
    )
    _limit(session, verdict)
    return session


def _limit(session: PlaybackSession, verdict: Verdict) -> None:
    """Keep with the session what was decided, and how far it goes."""
    session.rule = verdict.rule
    session.decision = verdict.describe()
    session.max_height, session.max_streams = verdict.max_height, verdict.max_streams
    session.origins = sorted(verdict.origins)


def _require_asset(asset: PlayedAsset | None) -> PlayedAsset:
    if asset is None:
        detail = "The video is not ready to be watched yet."
        raise Refused("not_ready", status=HTTPStatus.CONFLICT, detail=detail)
    return asset

"""Letting somebody watch: the verdict, held until the session that it allows is kept.

What allows it is a row that may be taken back, or used up, by somebody else meanwhile. So the row
is locked, or used, in the transaction that keeps the session: whoever takes it back afterwards
finds that session and ends it.
"""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from control_plane.entitlements.decisions import Kind, Opening, Rule, Verdict, Viewer
from control_plane.entitlements.models import Decision, Grant, ShareLink
from control_plane.entitlements.selectors import Video, judge, share_viewer
from control_plane.errors import NotFound, Refused

_ATTEMPTS: Final = 3
_STATUS: Final = {
    Rule.LOGIN_REQUIRED: HTTPStatus.UNAUTHORIZED,
    Rule.SHARE_LINK_OVER: HTTPStatus.GONE,
}
# FOR SHARE: many may watch by a row at once, but nobody may change it meanwhile
_LOCKS: Final = {
    Kind.GRANT: """
SELECT 1 FROM entitlements_grant
WHERE id = %s AND expires_at IS NOT DISTINCT FROM %s FOR SHARE
""",
    Kind.SUBSCRIPTION: """
SELECT 1 FROM entitlements_subscription
WHERE id = %s AND ends_at IS NOT DISTINCT FROM %s FOR SHARE
""",
}


def admit(viewer: Viewer, video: Video, *, now: datetime) -> Verdict:
    """The verdict. Where it allows, what allows it is held until the transaction ends, a rental is
    begun and a play of a share link is taken."""
    verdict = judge(viewer, video, now=now)
    for _ in range(_ATTEMPTS):
        held = _hold(viewer, verdict, now=now)
        if held is not None:
            return held
        viewer = _look_again(viewer)
        verdict = judge(viewer, video, now=now)
    return verdict if not verdict.allowed else _give_up(verdict)


def keep_refusal(viewer: Viewer, video: Video, verdict: Verdict, *, now: datetime) -> Refused:
    """The refusal to raise, once its trace is kept; outside of what raising it rolls back."""
    decision = Decision.objects.create(
        decision_id=secrets.token_hex(8),
        at=now,
        code=verdict.rule.value,
        why=verdict.why[:512],
        trace=verdict.describe_trace(),
        user_id=viewer.user_id,
        share_link_id=None if viewer.share is None else viewer.share.id,
        video_id=video.id,
        address=viewer.place.address,
        country=viewer.place.country,
    )
    extra = {"decision_id": decision.decision_id}
    if verdict.rule is Rule.DRAFT:
        return NotFound("No such video.", extra=extra)
    status = _STATUS.get(verdict.rule, HTTPStatus.FORBIDDEN)
    return Refused(verdict.rule.value, status=status, detail=verdict.why, extra=extra)


def _hold(viewer: Viewer, verdict: Verdict, *, now: datetime) -> Verdict | None:
    """The verdict, for good; None where what allows it has changed since it was looked at."""
    if not verdict.allowed:
        return verdict
    if verdict.rule is Rule.SHARE_LINK and viewer.share is not None:
        return verdict if _take_play(viewer.share.id, now=now) else None
    if verdict.opening is None or verdict.opening.kind not in _LOCKS:
        return verdict
    if verdict.opening.window_s is not None:
        return _begin_rental(verdict, verdict.opening, verdict.opening.window_s, now=now)
    return verdict if _lock(verdict.opening) else None


def _lock(opening: Opening) -> bool:
    """Whether the row is still there, with the same end."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCKS[opening.kind], [opening.id, opening.kept_until])
        return cursor.fetchone() is not None


def _begin_rental(
    verdict: Verdict, opening: Opening, window_s: int, *, now: datetime
) -> Verdict | None:
    ends_at = now + timedelta(seconds=window_s)
    if opening.kept_until is not None:
        ends_at = min(ends_at, opening.kept_until)
    rental = Grant.objects.filter(pk=opening.id, first_played_at=None)
    if not rental.update(first_played_at=now, expires_at=ends_at):
        return None
    return replace(verdict, until=ends_at if verdict.until is None else min(ends_at, verdict.until))


def _take_play(link_id: UUID, *, now: datetime) -> bool:
    good = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
    left = Q(max_plays=None) | Q(plays__lt=F("max_plays"))
    links = ShareLink.objects.filter(good, left, pk=link_id)
    return bool(links.update(plays=F("plays") + 1))


def _look_again(viewer: Viewer) -> Viewer:
    if viewer.share is None:
        return viewer
    link = ShareLink.objects.filter(pk=viewer.share.id).first()
    return viewer if link is None else share_viewer(link, viewer.place)


def _give_up(verdict: Verdict) -> Verdict:
    why = "What lets this viewer watch is being changed. Try again."
    return replace(verdict, allowed=False, rule=Rule.NOT_ENTITLED, why=why)

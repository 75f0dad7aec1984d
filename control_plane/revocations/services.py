"""Revoking, and taking it back. Each call is a row and an outbox entry in one transaction.

Whatever is revoked twice stays one row, whose lock keeps the entries about it in their order.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from pydantic import TypeAdapter, ValidationError

from control_plane.ids import make_uuid7
from control_plane.revocations.models import OutboxEntry, Revocation
from control_plane.revocations.relay import send_after_commit
from shared.events import revocations as events
from shared.events.revocations import RevocationScope
from shared.paths import check_id
from shared.tokens import LISTING_SUBJECT, MAX_TOKEN_LIFE, Name

# Whose subjects are named by whoever signs.
OF_AN_ISSUER: Final = frozenset({RevocationScope.SESSION, RevocationScope.VIEWER})

_LIFE: Final = timedelta(seconds=MAX_TOKEN_LIFE)
# Whoever has a key can date new tokens as they like, so an edge that could not fetch a newer key
# set for days must still know of it.
_LIFE_OF_KEYS: Final = timedelta(days=30)

_NAME: Final[TypeAdapter[str]] = TypeAdapter(Name)

_UPSERT: Final = """
INSERT INTO revocations_revocation AS kept
    (id, scope, issuer, subject, issued_before, revoked_at, expires_at)
VALUES (%(id)s, %(scope)s, %(issuer)s, %(subject)s, %(issued_before)s, %(now)s, %(expires_at)s)
ON CONFLICT (scope, issuer, subject) DO UPDATE
SET issued_before = CASE
        WHEN kept.issued_before IS NOT NULL AND excluded.issued_before IS NOT NULL
        THEN GREATEST(kept.issued_before, excluded.issued_before)
    END,
    revoked_at = excluded.revoked_at, expires_at = GREATEST(kept.expires_at, excluded.expires_at)
RETURNING *
"""


class RevocationInvalid(ValueError):
    """Something that cannot be revoked, or not so."""


def revoke_session(session_id: str, *, now: datetime, issuer: str | None = None) -> None:
    """End a playback session; of this site unless another `issuer` is named."""
    _check_listing(session_id)
    _revoke(RevocationScope.SESSION, session_id, issuer=issuer or settings.CONFIG.issuer, now=now)


def revoke_viewer(subject: str, *, now: datetime, issuer: str | None = None) -> None:
    """End all that a viewer was handed until now; what is issued from the next second on is good.

    `subject` is a user's id, or `anonymous:` and a session's.
    """
    _check_listing(subject)
    _revoke(
        RevocationScope.VIEWER,
        subject,
        issuer=issuer or settings.CONFIG.issuer,
        issued_before=_next_second(now),
        now=now,
    )


def revoke_video(video_id: str, *, now: datetime) -> None:
    """End everybody's watching of a video, its poster too, until this is lifted."""
    _revoke(RevocationScope.VIDEO, check_id(video_id), now=now)


def end_watching(video_id: str, *, now: datetime) -> None:
    """The same, but for what is issued from the next second on: who may watch it still, may."""
    _revoke(RevocationScope.VIDEO, check_id(video_id), issued_before=_next_second(now), now=now)


def revoke_asset(asset_id: str, *, now: datetime) -> None:
    """End everybody's watching of one transcode of a video."""
    _revoke(RevocationScope.ASSET, check_id(asset_id), now=now)


def revoke_key(kid: str, *, now: datetime) -> None:
    """Let no token pass that this key has signed, or will."""
    _revoke(RevocationScope.KEY, kid, now=now, life=_LIFE_OF_KEYS)


@transaction.atomic
def lift_revocation(scope: RevocationScope, subject: str, *, issuer: str | None = None) -> bool:
    """Take a revocation back; whether there was one."""
    if issuer is None and scope in OF_AN_ISSUER:
        issuer = settings.CONFIG.issuer
    rows = Revocation.objects.select_for_update()
    row = rows.filter(scope=scope, subject=subject, issuer=issuer or "").first()
    if row is None:
        return False
    _tell(row, lifted=True)
    row.delete()
    return True


def forget_expired(*, now: datetime) -> None:
    """Forget revocations that no living token could meet any more."""
    Revocation.objects.filter(expires_at__lte=now).delete()


def _next_second(now: datetime) -> int:
    """Tokens know whole seconds, so one of this second may have been issued before now."""
    return int(now.timestamp()) + 1


def _check_listing(subject: str) -> None:
    if subject == LISTING_SUBJECT:
        raise RevocationInvalid("the tokens of listings are everybody's: revoke the video")


def _check_name(name: str) -> None:
    try:
        _NAME.validate_python(name)
    except ValidationError as error:
        raise RevocationInvalid("a name has 1 to 128 characters, none of control") from error


@transaction.atomic
def _revoke(
    scope: RevocationScope,
    subject: str,
    *,
    now: datetime,
    issuer: str = "",
    issued_before: int | None = None,
    life: timedelta = _LIFE,
) -> None:
    _check_name(subject)
    if scope in OF_AN_ISSUER:
        _check_name(issuer)
    values: dict[str, Any] = {
        "id": make_uuid7(),
        "scope": scope,
        "issuer": issuer,
        "subject": subject,
        "issued_before": issued_before,
        "now": now,
        "expires_at": now + life,
    }
    (row,) = Revocation.objects.raw(_UPSERT, values)
    _tell(row)


def _tell(row: Revocation, *, lifted: bool = False) -> None:
    record = events.Revocation(
        id=str(row.pk),
        scope=RevocationScope(row.scope),
        subject=row.subject,
        issuer=row.issuer or None,
        issued_before=row.issued_before,
        revoked_at=row.revoked_at.timestamp(),
        expires_at=int(row.expires_at.timestamp()),
        lifted=lifted,
    )
    OutboxEntry.objects.create(record=record.render())
    send_after_commit()

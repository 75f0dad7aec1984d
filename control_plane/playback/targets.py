"""What an operator means to revoke: looked up, so that a slip of the pen revokes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.conf import settings

from control_plane.accounts.models import User
from control_plane.catalogue.models import Asset, Video
from control_plane.issuers.documents import read_keys
from control_plane.issuers.models import Issuer
from control_plane.playback.models import PlaybackSession
from control_plane.revocations.services import (
    OF_AN_ISSUER,
    lift_revocation,
    revoke_asset,
    revoke_key,
    revoke_session,
    revoke_video,
    revoke_viewer,
)
from control_plane.signing.models import SigningKey
from shared.events.revocations import RevocationScope
from shared.keyring import Stage

_ANONYMOUS: Final = "anonymous:"


class TargetUnclear(ValueError):
    """What was named cannot be revoked, or not so; the text says what to do instead."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to revoke. `issuer` is None but for sessions and viewers; what is not `known` may
    have been deleted."""

    scope: RevocationScope
    subject: str
    issuer: str | None
    known: bool = True


def find_target(scope: RevocationScope, text: str, *, issuer: str | None = None) -> Target:
    """What is named by an id or, for a viewer, by an e-mail address; raise `TargetUnclear`."""
    if scope not in OF_AN_ISSUER:
        if issuer is not None:
            raise TargetUnclear("Only sessions and viewers have an issuer.")
        return _FINDERS[scope](text)
    own = settings.CONFIG.issuer
    if issuer is None or issuer == own:
        return _FINDERS[scope](text)
    sites = list(Issuer.objects.values_list("issuer", flat=True))
    if issuer not in sites:
        raise TargetUnclear(f"No site signs as {issuer}. Known are: {', '.join([own, *sites])}.")
    return Target(scope, text, issuer)


def revoke_target(target: Target, *, now: datetime) -> None:
    revoke: dict[RevocationScope, Callable[..., None]] = {
        RevocationScope.SESSION: partial(revoke_session, issuer=target.issuer),
        RevocationScope.VIEWER: partial(revoke_viewer, issuer=target.issuer),
        RevocationScope.VIDEO: revoke_video,
        RevocationScope.ASSET: revoke_asset,
        RevocationScope.KEY: revoke_key,
    }
    revoke[target.scope](target.subject, now=now)


def lift_target(target: Target) -> bool:
    """Take it back; whether it was revoked."""
    return lift_revocation(target.scope, target.subject, issuer=target.issuer)


def _find_session(text: str) -> Target:
    session_id = _read_id(text, "a session")
    known = PlaybackSession.objects.filter(pk=session_id).exists()
    return Target(RevocationScope.SESSION, str(session_id), settings.CONFIG.issuer, known)


def _find_viewer(text: str) -> Target:
    if text.startswith(_ANONYMOUS):
        session = _find_session(text.removeprefix(_ANONYMOUS))
        return Target(
            RevocationScope.VIEWER, _ANONYMOUS + session.subject, session.issuer, session.known
        )
    if "@" in text:
        user = User.objects.filter(email__iexact=text).first()
        if user is None:
            raise TargetUnclear(f"Nobody has the address {text}.")
        return Target(RevocationScope.VIEWER, str(user.pk), settings.CONFIG.issuer)
    user_id = _read_id(text, "a viewer")
    known = User.objects.filter(pk=user_id).exists()
    return Target(RevocationScope.VIEWER, str(user_id), settings.CONFIG.issuer, known)


def _find_video(text: str) -> Target:
    video_id = _read_id(text, "a video")
    known = Video.objects.filter(pk=video_id).exists()
    return Target(RevocationScope.VIDEO, str(video_id), None, known)


def _find_asset(text: str) -> Target:
    asset_id = _read_id(text, "an asset")
    known = Asset.objects.filter(pk=asset_id).exists()
    return Target(RevocationScope.ASSET, str(asset_id), None, known)


def _find_key(kid: str) -> Target:
    ours = SigningKey.objects.filter(kid=kid).first()
    if ours is not None and ours.stage != Stage.RETIRED:
        hint = "`rotate_keys --compromised` replaces the one that signs, and revokes it."
        raise TargetUnclear(f"This site signs with that key, or will next: {hint}")
    theirs = any(kid in read_keys(issuer) for issuer in Issuer.objects.all())
    return Target(RevocationScope.KEY, kid, None, known=ours is not None or theirs)


_FINDERS: Final[dict[RevocationScope, Callable[[str], Target]]] = {
    RevocationScope.SESSION: _find_session,
    RevocationScope.VIEWER: _find_viewer,
    RevocationScope.VIDEO: _find_video,
    RevocationScope.ASSET: _find_asset,
    RevocationScope.KEY: _find_key,
}


def _read_id(text: str, whose: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise TargetUnclear(f"The id of {whose} is a UUID, not {text!r}.") from error

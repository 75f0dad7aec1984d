"""Links that open a video to whoever has them.

The secret in the address has 128 random bits; the database holds its digest only, so that nobody
who reads the database can watch.
"""

import hashlib
import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import QuerySet

from control_plane.accounts.models import User
from control_plane.accounts.permission_names import Permission
from control_plane.accounts.permissions import may
from control_plane.entitlements.decisions import find_share_fault
from control_plane.entitlements.models import ShareLink
from control_plane.errors import Refused, require
from control_plane.revocations.services import revoke_viewer


def digest_secret(secret: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_share_link(
    video_id: UUID, *, by: User, passphrase: str = "", **limits: Any
) -> tuple[ShareLink, str]:
    """A new link and its secret, which cannot be had again."""
    secret = secrets.token_urlsafe(16)
    link = ShareLink.objects.create(
        video_id=video_id,
        digest=digest_secret(secret),
        passphrase_hash=make_password(passphrase) if passphrase else "",
        created_by=by,
        **limits,
    )
    return link, secret


def list_share_links(user: User) -> QuerySet[ShareLink]:
    """Those of a user's own videos; all for who manages everybody's."""
    links = ShareLink.objects.select_related("video")
    is_manager = may(user, Permission.MANAGE_ENTITLEMENTS)
    return links if is_manager else links.filter(video__owner_id=user.id)


def access_share_link(user: User, link_id: UUID) -> ShareLink:
    """One of `list_share_links`; raises `NotFound` for all others."""
    return require(list_share_links(user).filter(pk=link_id).first(), "No such share link.")


def open_share_link(secret: str, passphrase: str, *, now: datetime) -> ShareLink:
    """The link whose secret this is. Raises `NotFound`, and `Refused` when the
    passphrase is wrong or the link opens nothing any more."""
    links = ShareLink.objects.filter(digest=digest_secret(secret))
    link = require(links.first(), "No such share link.")
    if link.passphrase_hash and not check_password(passphrase, link.passphrase_hash):
        detail = "The passphrase is wrong." if passphrase else "The link asks for a passphrase."
        raise Refused("passphrase_wrong", status=HTTPStatus.FORBIDDEN, detail=detail)
    fault = find_share_fault(link, now=now)
    if fault:
        raise Refused("share_link_over", status=HTTPStatus.GONE, detail=fault)
    return link


@transaction.atomic
def revoke_share_link(link: ShareLink, *, now: datetime) -> None:
    """Let a link open nothing any more, and end all that is watched by it."""
    locked = ShareLink.objects.select_for_update().get(pk=link.pk)
    if locked.revoked_at is None:
        locked.revoked_at = now
        locked.save(update_fields=["revoked_at"])
        revoke_viewer(locked.subject, now=now)
    link.revoked_at = locked.revoked_at

"""What administrators may let others do, by name, and which pages of the admin go with it.

Roles, accounts, permissions, invitations and signing keys stay with administrators: whoever may
give those may give themselves everything.
"""

from collections.abc import Iterable
from typing import Final

from django.db.models import TextChoices


class Permission(TextChoices):
    """One thing that somebody may be let do."""

    MANAGE_VIDEOS = (
        "manage_videos",
        "See, change, publish, take down and delete any video or course",
    )
    MANAGE_CATEGORIES = "manage_categories", "Add, change and delete categories"
    MANAGE_ENTITLEMENTS = "manage_entitlements", "Give and take any grant, subscription, share link"
    MANAGE_ISSUERS = "manage_issuers", "Register other sites, and what they may sign for"
    SEE_REFUSALS = "see_refusals", "See who was refused what, and why"
    END_SESSIONS = "end_sessions", "See what is watched, end it, and log people out"
    DECIDE_CREATORS = "decide_creators", "Approve and decline requests to become a creator"


def _all(app: str, *models: str) -> set[str]:
    return {
        f"{app}.{verb}_{model}" for model in models for verb in ("view", "add", "change", "delete")
    }


# Django's names of what may be done on the pages of the admin.
_PAGES: Final[dict[str, set[str]]] = {
    Permission.MANAGE_VIDEOS: _all("catalogue", "video", "asset", "course", "lecture")
    | {"transcodes.view_transcodejob", "transcodes.view_transcodechunk", "playback.view_takedown"},
    Permission.MANAGE_CATEGORIES: _all("catalogue", "category"),
    Permission.MANAGE_ENTITLEMENTS: _all("entitlements", "grant", "plan", "subscription")
    | {"entitlements.view_sharelink"},
    Permission.MANAGE_ISSUERS: _all("issuers", "issuer"),
    Permission.SEE_REFUSALS: {"refusals.view_refusal", "entitlements.view_decision"},
    Permission.END_SESSIONS: {"playback.view_playbacksession"},
    Permission.DECIDE_CREATORS: {"creator_requests.view_creatorrequest"},
}


def list_page_permissions(held: Iterable[str]) -> set[str]:
    """What whoever holds these may do on the pages of the admin."""
    return {page for one in held for page in _PAGES.get(one, ())}


def list_permissions() -> list[tuple[str, str]]:
    """Called by columns, so that a new permission changes nothing in the database."""
    return Permission.choices

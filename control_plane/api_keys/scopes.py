"""What a key may be made for, and which scope an address needs.

What is not listed here, such as all that concerns accounts and keys, no key opens.
"""

import re
from typing import Final

from django.db.models import TextChoices
from rest_framework.permissions import SAFE_METHODS


class Scope(TextChoices):
    """What a key may do. To write is no leave to read."""

    CATALOGUE_READ = "catalogue:read", "See videos, courses, playlists and categories"
    CATALOGUE_WRITE = "catalogue:write", "Change videos, courses, playlists and categories"
    UPLOADS_READ = "uploads:read", "See uploads"
    UPLOADS_WRITE = "uploads:write", "Upload films"
    TRANSCODES_READ = "transcodes:read", "See transcode jobs"
    TRANSCODES_WRITE = "transcodes:write", "Start, cancel and retry transcode jobs"
    ENTITLEMENTS_READ = "entitlements:read", "See grants, plans, subscriptions and share links"
    ENTITLEMENTS_WRITE = "entitlements:write", "Change grants, subscriptions and share links"
    PLAYBACK_WRITE = "playback:write", "Begin and renew playback"


# The first that matches the rest of an address counts.
_FAMILIES: Final = tuple(
    (re.compile(rf"/api/v1/(?:{places})"), family)
    for places, family in (
        (r"(?:videos|lectures|share-links)/[^/]+/playback$", "playback"),
        (r"sessions/[^/]+/renewal$", "playback"),
        (r"videos/[^/]+/(?:transcode|plan)$", "transcodes"),
        (r"jobs(?:/|$)", "transcodes"),
        (r"videos/[^/]+/source$", "uploads"),
        (r"uploads(?:/|$)", "uploads"),
        (r"videos/[^/]+/take-down$", ""),
        (r"(?:videos|courses|lectures|playlists|categories)(?:/|$)", "catalogue"),
        (r"(?:grants|plans|subscriptions|share-links)(?:/|$)", "entitlements"),
    )
)


def find_scope(method: str, path: str) -> str | None:
    """The scope that a call needs; None where no key helps."""
    family = next((family for places, family in _FAMILIES if places.match(path)), "")
    scope = f"{family}:{'read' if method in SAFE_METHODS else 'write'}"
    # where a resumable upload stands is asked by whoever uploads
    if method == "HEAD" and family == "uploads":
        return Scope.UPLOADS_WRITE
    return scope if scope in Scope.values else None

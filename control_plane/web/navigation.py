"""The admin's side bar."""

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

# title, icon, name of the route
Entry = tuple[str, str, str]

_GROUPS: Final[tuple[tuple[str, tuple[Entry, ...]], ...]] = (
    (
        "",
        (
            ("Overview", "dashboard", "admin:index"),
            ("Upload films", "upload", "web:admin-upload"),
        ),
    ),
    (
        "Films",
        (
            ("Videos", "movie", "admin:catalogue_video_changelist"),
            ("Transcode jobs", "autorenew", "admin:transcodes_transcodejob_changelist"),
            ("Uploads", "cloud_upload", "admin:uploads_upload_changelist"),
        ),
    ),
    (
        "People",
        (
            ("Users", "group", "admin:accounts_user_changelist"),
            ("Grants", "key", "admin:entitlements_grant_changelist"),
            ("Refusals", "block", "admin:refusals_refusal_changelist"),
            ("Playback sessions", "play_circle", "admin:playback_playbacksession_changelist"),
            ("Taken down", "visibility_off", "admin:playback_takedown_changelist"),
        ),
    ),
    (
        "Site",
        (
            ("Signing keys", "verified_user", "admin:signing_signingkey_changelist"),
            ("Other sites", "handshake", "admin:issuers_issuer_changelist"),
        ),
    ),
)


def list_admin_pages(_request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links, as the admin's theme wants them."""
    return [
        {
            "title": title,
            "separator": bool(title),
            "items": [
                {"title": name, "icon": icon, "link": reverse(route)}
                for name, icon, route in entries
            ],
        }
        for title, entries in _GROUPS
    ]

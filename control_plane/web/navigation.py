"""The admin's side bar."""

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from control_plane.accounts.callers import require_caller
from control_plane.accounts.models import User

# title, icon, name of the route
Entry = tuple[str, str, str]

_FIRST_PAGE: Final = "admin:index"

_GROUPS: Final[tuple[tuple[str, tuple[Entry, ...]], ...]] = (
    (
        "",
        (
            ("Overview", "dashboard", _FIRST_PAGE),
            ("Upload films", "upload", "web:admin-upload"),
        ),
    ),
    (
        "Films",
        (
            ("Videos", "movie", "admin:catalogue_video_changelist"),
            ("Categories", "category", "admin:catalogue_category_changelist"),
            ("Courses", "school", "admin:catalogue_course_changelist"),
            ("Playlists", "playlist_play", "admin:catalogue_playlist_changelist"),
            ("Transcode jobs", "autorenew", "admin:transcodes_transcodejob_changelist"),
            ("Uploads", "cloud_upload", "admin:uploads_upload_changelist"),
        ),
    ),
    (
        "People",
        (
            ("Users", "group", "admin:accounts_user_changelist"),
            ("Creator requests", "how_to_reg", "admin:creator_requests_creatorrequest_changelist"),
            ("Who waits", "hourglass_top", "admin:accounts_application_changelist"),
            ("Invitations", "mail", "admin:accounts_invitation_changelist"),
            ("Permissions", "badge", "admin:permission_grants_permissiongrant_changelist"),
            ("Groups", "groups", "admin:entitlements_group_changelist"),
            ("Activity", "history", "admin:activity_activity_changelist"),
            ("API keys", "vpn_key", "admin:api_keys_apikey_changelist"),
            ("Playback sessions", "play_circle", "admin:playback_playbacksession_changelist"),
            ("Taken down", "visibility_off", "admin:playback_takedown_changelist"),
        ),
    ),
    (
        "Who may watch",
        (
            ("Why was this refused?", "help", "web:admin-why"),
            ("Grants", "key", "admin:entitlements_grant_changelist"),
            ("Plans", "sell", "admin:entitlements_plan_changelist"),
            ("Subscriptions", "card_membership", "admin:entitlements_subscription_changelist"),
            ("Share links", "link", "admin:entitlements_sharelink_changelist"),
            ("Places", "public", "admin:entitlements_placerule_changelist"),
            ("Refusals at edges", "block", "admin:refusals_refusal_changelist"),
            ("Refused URLs", "do_not_disturb_on", "admin:entitlements_decision_changelist"),
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

# Pages of no single model, and what one has to be let see for them.
_OWN_PAGES: Final = {
    "web:admin-upload": "uploads.add_upload",
    "web:admin-why": "refusals.view_refusal",
}


def list_admin_pages(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links, as the admin's theme wants them: to what the caller may see."""
    caller = require_caller(request)
    return [
        {
            "title": title,
            "separator": bool(title),
            "items": [
                {"title": name, "icon": icon, "link": reverse(route)}
                for name, icon, route in entries
                if _may_see(caller, route)
            ],
        }
        for title, entries in _GROUPS
    ]


def _may_see(caller: User, route: str) -> bool:
    """Routes of lists are named after the model."""
    if route == _FIRST_PAGE:
        return True
    if route in _OWN_PAGES:
        return caller.has_perm(_OWN_PAGES[route])
    app, model = route.removeprefix("admin:").removesuffix("_changelist").rsplit("_", 1)
    return caller.has_perm(f"{app}.view_{model}")

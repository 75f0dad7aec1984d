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

"""Every table that holds something of a person, and what of it is theirs to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Model, QuerySet

from control_plane.accounts.models import Application, Invitation, User
from control_plane.activity.models import Activity
from control_plane.api_keys.models import ApiKey
from control_plane.catalogue.models import Course, Playlist, Video
from control_plane.creator_requests.models import CreatorRequest
from control_plane.entitlements.models import Grant, Membership, Subscription
from control_plane.permission_grants.models import PermissionGrant
from control_plane.playback.models import PlaybackSession
from control_plane.uploads.models import Upload


@dataclass(frozen=True, slots=True)
class Holding:
    """A table, and the column by which a row of it belongs to somebody. Of rows that are not
    `is_own`, `foreign` columns tell of somebody else."""

    model: type[Model]
    owner: str = "user"
    foreign: frozenset[str] = frozenset()

    def find(self, user: User) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{self.owner: user.pk}).order_by("pk")


HOLDINGS: Final[Mapping[str, Holding]] = {
    "account": Holding(User, owner="pk"),
    "addresses": Holding(EmailAddress),
    "application": Holding(Application),
    "invitation": Holding(Invitation, owner="used_by"),
    "accounts_elsewhere": Holding(SocialAccount),
    "log_ins": Holding(UserSession),
    "second_factors": Holding(Authenticator),
    "activity": Holding(Activity, foreign=frozenset({"by_id", "address", "user_agent"})),
    "api_keys": Holding(ApiKey),
    "creator_requests": Holding(CreatorRequest),
    "permissions": Holding(PermissionGrant),
    "videos": Holding(Video, owner="owner"),
    "courses": Holding(Course, owner="owner"),
    "playlists": Holding(Playlist, owner="owner"),
    "uploads": Holding(Upload, owner="owner"),
    "grants": Holding(Grant),
    "memberships": Holding(Membership),
    "subscriptions": Holding(Subscription),
    "playback": Holding(PlaybackSession),
}

# Nobody needs them but the server, and whoever reads them over a shoulder.
_SECRETS: Final = {"password", "session_key", "digest", "data"}  # the last of second factors

# Administrators, whom nobody is told of who was let in or decided of by them.
_DECIDERS: Final = {"decided_by_id", "invited_by_id"}


def describe_holdings(user: User) -> dict[str, list[dict[str, Any]]]:
    """All rows of each table, with the values of their columns."""
    return {
        name: [_describe(row, foreign=holding.foreign) for row in holding.find(user)]
        for name, holding in HOLDINGS.items()
    }


def _describe(row: Model, *, foreign: frozenset[str]) -> dict[str, Any]:
    hidden = _SECRETS | _DECIDERS | (frozenset() if getattr(row, "is_own", True) else foreign)
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in hidden
    }

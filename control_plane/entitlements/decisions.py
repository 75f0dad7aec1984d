"""May this viewer watch this video now, by which rule, and why: pure, from facts alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from control_plane.entitlements.models import Visibility


class Rule(StrEnum):
    """What settled a question. Those that refuse are codes of problems, but for a draft's."""

    PREVIEW = "preview"
    FREE = "free"
    MEMBERS = "members"
    GRANT = "grant"
    DRAFT = "draft"
    LOGIN_REQUIRED = "login_required"
    NOT_ENTITLED = "not_entitled"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who wants to watch; `user_id` is None for a visitor."""

    user_id: UUID | None = None
    is_admin: bool = False


class VideoFacts(Protocol):
    """What must be known of a video."""

    @property
    def owner_id(self) -> UUID: ...
    @property
    def visibility(self) -> str: ...
    @property
    def published_at(self) -> datetime | None: ...


class GrantFacts(Protocol):
    """What must be known of a grant of this video to this viewer."""

    @property
    def expires_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer; `why` is a sentence for people, `until` when it ends, if that is known."""

    allowed: bool
    rule: Rule
    why: str
    until: datetime | None = None


def decide(
    viewer: Viewer, video: VideoFacts, grants: Iterable[GrantFacts], *, now: datetime
) -> Verdict:
    """The first rule that settles it; `grants` are looked at only where they matter."""
    if viewer.is_admin or viewer.user_id == video.owner_id:
        return Verdict(True, Rule.PREVIEW, "The owner and administrators may always watch.")
    if video.published_at is None or video.published_at > now:
        return Verdict(False, Rule.DRAFT, "The video is not published.")
    if video.visibility == Visibility.FREE:
        return Verdict(True, Rule.FREE, "The video is free for everybody.")
    if viewer.user_id is None:
        return Verdict(False, Rule.LOGIN_REQUIRED, "Log in to watch this video.")
    if video.visibility == Visibility.MEMBERS:
        return Verdict(True, Rule.MEMBERS, "The video is for everybody who is logged in.")
    return _decide_by_grants([grant.expires_at for grant in grants], now)


def _decide_by_grants(ends: list[datetime | None], now: datetime) -> Verdict:
    """The grant that lasts longest counts."""
    good = [end for end in ends if end is None or end > now]
    if not good:
        return Verdict(False, Rule.NOT_ENTITLED, "The video was not granted to this viewer.")
    until = None if None in good else max(end for end in good if end is not None)
    return Verdict(True, Rule.GRANT, "The video was granted to this viewer.", until)

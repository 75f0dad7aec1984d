"""Who calls, and the things that paths and bodies name."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from control_plane.accounts.invitations import create_invitation
from control_plane.accounts.models import Role, User
from control_plane.accounts.permission_names import Permission
from control_plane.api_keys.services import create_key
from control_plane.creator_requests.models import CreatorRequest
from control_plane.entitlements.models import Plan
from control_plane.entitlements.services import grant_access
from control_plane.entitlements.share_links import create_share_link
from control_plane.entitlements.subscriptions import subscribe
from control_plane.permission_grants.models import PermissionGrant
from control_plane.playback.services import start_playback
from control_plane.signing.models import SigningKey
from control_plane.signing.rotation import SPREAD_S, ensure_keys
from control_plane.transcodes.models import TranscodeJob
from tests.control_plane.accounts.journeys import make_applicant
from tests.control_plane.conftest import LONG_AGO, MakeUser, MakeVideo
from tests.control_plane.issuers.sites import make_issuer
from tests.control_plane.operations.table import CALLERS
from tests.control_plane.refusals.records import keep_refusal


@dataclass(frozen=True, slots=True)
class Stage:
    """Who calls, and what the placeholders of paths, bodies and headers stand for."""

    callers: dict[str, User | None]
    names: dict[str, str]

    def fill(self, texts: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: text.format_map(self.names) if isinstance(text, str) else text
            for name, text in texts.items()
        }


def set_stage(make_user: MakeUser, make_video: MakeVideo) -> Stage:
    """Six callers, a film of the creator's, and one of everything that belongs to it."""
    roles = (None, Role.VIEWER, Role.VIEWER, Role.CREATOR, Role.CREATOR, Role.ADMIN)
    users = [None if role is None else make_user(role) for role in roles]
    _, viewer, _, creator, _, admin = users
    assert viewer is not None
    assert creator is not None
    assert admin is not None
    video = make_video(creator, visibility="entitled")
    grant, _ = grant_access(viewer, video.id, by=creator, expires_at=None)
    job = TranscodeJob.objects.create(video=video, state="failed", failure_reason="internal")
    caption = video.captions.create(language="en", name="English", cues=1)
    course = creator.courses.create(title="A course")
    lecture = course.lectures.create(video=video, position=0)
    playlist = creator.playlists.create(title="A playlist")
    item = playlist.items.create(video=video, position=0)
    site = make_issuer(100)
    site.save()
    ensure_keys(now=timezone.now() - timedelta(seconds=2 * SPREAD_S))
    plan = Plan.objects.create(name="Everything", is_open=True)
    subscription, _ = subscribe(viewer, plan, now=timezone.now())
    link, secret = create_share_link(video.id, by=creator)
    key, _ = create_key(viewer, name="A machine", scopes=[])
    asked = CreatorRequest.objects.create(user=viewer, message="Films.", asked_at=timezone.now())
    invitation, _ = create_invitation(by=admin, request=None, now=timezone.now())
    allowed = PermissionGrant.objects.create(
        user=viewer, permission=Permission.SEE_REFUSALS, granted_at=LONG_AGO, until=LONG_AGO
    )
    names = {
        "permission_grant_id": str(allowed.id),
        "invitation_id": str(invitation.pk),
        "applicant_id": str(make_applicant(make_user()).pk),
        "request_id": str(asked.id),
        "key_id": str(key.id),
        "plan_id": str(plan.id),
        "subscription_id": str(subscription.id),
        "link_id": str(link.id),
        "secret": secret,
        "user_id": str(viewer.id),
        "session_id": str(start_playback(viewer, video.id, now=timezone.now()).session_id),
        "issuer_id": str(site.pk),
        "kid": SigningKey.objects.get(stage="current").kid,
        "slug": "never-given",
        "course_id": str(course.id),
        "lecture_id": str(lecture.id),
        "playlist_id": str(playlist.id),
        "item_id": str(item.id),
        "caption_id": str(caption.id),
        "video_id": str(video.id),
        "job_id": str(job.id),
        "video_id_b64": b64encode(str(video.id).encode()).decode(),
        "grant_id": str(grant.id),
        "decision_id": keep_refusal().pk,
    }
    return Stage(dict(zip(CALLERS, users, strict=True)), names)

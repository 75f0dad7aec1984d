"""Taking videos down: out of every list and off every edge, until an administrator lifts it."""

from datetime import datetime

from django.db import transaction

from control_plane.accounts.models import User
from control_plane.catalogue.models import Video
from control_plane.catalogue.services import unpublish_video
from control_plane.playback.models import TakeDown
from control_plane.revocations.services import lift_revocation, revoke_video
from shared.events.revocations import RevocationScope


@transaction.atomic
def take_down(video: Video, *, by: User, now: datetime, reason: str = "") -> None:
    """End all that is watched of a video, of every asset of it and by everybody. It is a draft that
    cannot be published; doing so again changes nothing but the reason."""
    TakeDown.objects.update_or_create(
        video=video, defaults={"reason": reason}, create_defaults=_facts(by, now, reason)
    )
    unpublish_video(video, now=now)
    revoke_video(str(video.pk), now=now)


@transaction.atomic
def lift_take_down(video: Video) -> None:
    """Let a video be watched by its owner, and published, again."""
    TakeDown.objects.filter(video=video).delete()
    lift_revocation(RevocationScope.VIDEO, str(video.pk))


def _facts(by: User, now: datetime, reason: str) -> dict[str, object]:
    return {"by": by, "at": now, "reason": reason}

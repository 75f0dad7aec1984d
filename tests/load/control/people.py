"""Viewers who are logged in, and a film of somebody else's that was granted to each."""

from uuid import uuid4

from allauth.account.models import EmailAddress
from django.utils import timezone

from control_plane.accounts.models import Role, User
from control_plane.catalogue.models import Asset, Video
from control_plane.entitlements.models import Grant
from tests.control_plane.accounts.journeys import PASSWORD, log_in

VIEWERS = 16
HOUR_MS = 3_600_000


def make_film(owner: User, *, visibility: str) -> Video:
    video = Video.objects.create(
        owner=owner, title="A film", visibility=visibility, published_at=timezone.now()
    )
    video.asset = Asset.objects.create(
        id=uuid4(), video=video, duration_ms=HOUR_MS, size_bytes=1, heights=[360, 720]
    )
    video.save()
    return video


def make_viewers(video: Video) -> list[str]:
    """Their access tokens."""
    tokens = []
    for number in range(VIEWERS):
        email = f"viewer-{number}@example.org"
        user = User.objects.create_user(email, PASSWORD)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        Grant.objects.create(user=user, video=video)
        tokens.append(log_in(email).access)
    return tokens


def make_owner() -> User:
    return User.objects.create_user("owner@example.org", PASSWORD, role=Role.CREATOR)

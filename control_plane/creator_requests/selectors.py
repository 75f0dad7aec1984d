"""Reads of requests to become a creator."""

from uuid import UUID

from django.db.models import QuerySet

from control_plane.accounts.models import User
from control_plane.creator_requests.models import CreatorRequest
from control_plane.errors import require


def list_requests() -> QuerySet[CreatorRequest]:
    """Everybody's, with who asked."""
    return CreatorRequest.objects.select_related("user").order_by("-id")


def access_request(request_id: UUID) -> CreatorRequest:
    """Anybody's; raises `NotFound`."""
    return require(list_requests().filter(pk=request_id).first(), "No such request.")


def find_newest(user: User) -> CreatorRequest | None:
    """What a user asked last."""
    return CreatorRequest.objects.filter(user=user).order_by("-id").first()

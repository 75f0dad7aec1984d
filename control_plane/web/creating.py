"""What the account page says of becoming a creator."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from control_plane.accounts.models import User
from control_plane.config import Creators
from control_plane.creator_requests.models import RequestState
from control_plane.creator_requests.selectors import find_newest


def describe_creating(user: User) -> dict[str, Any]:
    """For the page's context: what was asked last, and whether it can be asked (again) now. Nothing
    for who is a creator, and where nobody may ask."""
    mode = settings.CONFIG.creators
    if user.may_create or mode is Creators.APPOINTED:
        return {}
    newest = find_newest(user)
    may_ask_at = None if newest is None else newest.may_ask_at
    is_free = mode is Creators.EVERYONE
    is_pending = not is_free and newest is not None and newest.state == RequestState.PENDING
    waits = may_ask_at is not None and may_ask_at > timezone.now()
    return {
        "creating": {
            "newest": newest,
            "is_pending": is_pending,
            "may_ask": not is_pending and not waits,
            "is_free": is_free,
        }
    }

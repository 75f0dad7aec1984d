"""Reads of keys for their holders. Apart from `services`, which is imported while `errors` is."""

from uuid import UUID

from control_plane.accounts.models import User
from control_plane.api_keys.models import ApiKey
from control_plane.errors import NotFound


def access_key(user: User, key_id: UUID) -> ApiKey:
    """One of a user's own keys; raises `NotFound` for all others."""
    key = ApiKey.objects.filter(user=user, pk=key_id).first()
    if key is None:
        raise NotFound("No such key.")
    return key

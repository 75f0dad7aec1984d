"""Reads of keys for their holders. Apart from `services`, which is imported while `errors` is."""

from uuid import UUID

from control_plane.accounts.models import User
from control_plane.api_keys.models import ApiKey
from control_plane.errors import require


def access_key(user: User, key_id: UUID) -> ApiKey:
    """One of a user's own keys; raises `NotFound` for all others."""
    return require(ApiKey.objects.filter(user=user, pk=key_id).first(), "No such key.")

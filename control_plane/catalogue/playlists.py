"""Playlists: who may see which, and what their owners do with them."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from control_plane.accounts.models import User
from control_plane.catalogue.models import Playlist, PlaylistItem, Video
from control_plane.catalogue.order import find_end, reorder
from control_plane.entitlements.selectors import reachable_videos, visible_videos
from control_plane.errors import NotFound, Refused


def list_playlists(user: User | None) -> QuerySet[Playlist]:
    """Public ones and a user's own; all for an administrator."""
    playlists = Playlist.objects.select_related("owner").order_by("-id")
    if user is not None and user.is_staff:
        return playlists
    listed = Q(privacy=Playlist.Privacy.PUBLIC)
    return playlists.filter(listed if user is None else listed | Q(owner=user))


def access_playlist(user: User | None, playlist_id: UUID) -> Playlist:
    """A playlist that this user may look at; raises `NotFound` for any other."""
    found = Playlist.objects.select_related("owner").filter(pk=playlist_id).first()
    is_shown = found is not None and (
        found.privacy != Playlist.Privacy.PRIVATE or _may_change(user, found)
    )
    if found is None or not is_shown:
        raise NotFound("No such playlist.")
    return found


def access_own_playlist(user: User, playlist_id: UUID) -> Playlist:
    """A playlist that this user may change; raises `NotFound` for any other."""
    playlist = access_playlist(user, playlist_id)
    if not _may_change(user, playlist):
        raise NotFound("No such playlist.")
    return playlist


def list_items(playlist: Playlist, user: User | None, *, now: datetime) -> QuerySet[PlaylistItem]:
    """What of a playlist this user may see, in its order: its own privacy opens nothing."""
    seen = Video.objects.filter(visible_videos(user, now=now))
    items = PlaylistItem.objects.filter(playlist=playlist, video__in=seen)
    return items.select_related("video__asset", "video__owner", "video__category")


def create_playlist(owner: User, **facts: Any) -> Playlist:
    """Make an empty one."""
    return Playlist.objects.create(owner=owner, **facts)


def change_playlist(playlist: Playlist, **facts: Any) -> None:
    """Change these facts and no other."""
    for name, value in facts.items():
        setattr(playlist, name, value)
    playlist.save(update_fields=[*facts, "updated_at"])


@transaction.atomic
def add_item(playlist: Playlist, video_id: UUID, *, by: User, now: datetime) -> PlaylistItem:
    """Put a video at the end. Raises `NotFound` unless they may see it, and `Refused` when it
    stands there already."""
    _lock(playlist)
    reachable = Video.objects.filter(reachable_videos(by, now=now), pk=video_id)
    if not reachable.exists():
        raise NotFound("No such video.")
    items = PlaylistItem.objects.filter(playlist=playlist)
    if items.filter(video_id=video_id).exists():
        detail = "The video stands in this playlist already."
        raise Refused("item_twice", status=HTTPStatus.CONFLICT, detail=detail)
    return PlaylistItem.objects.create(
        playlist=playlist, video_id=video_id, position=find_end(items)
    )


def remove_item(playlist: Playlist, item_id: UUID) -> None:
    """Take a video off; raises `NotFound` when it does not stand there."""
    removed, _ = PlaylistItem.objects.filter(playlist=playlist, pk=item_id).delete()
    if not removed:
        raise NotFound("No such item.")


@transaction.atomic
def order_items(playlist: Playlist, wanted: Sequence[UUID], *, by: User, now: datetime) -> None:
    """Put all items that they see in this order; raises `Refused` when others are there."""
    _lock(playlist)
    reorder(list_items(playlist, by, now=now), wanted)


def _may_change(user: User | None, playlist: Playlist) -> bool:
    return user is not None and (user.is_staff or user.pk == playlist.owner_id)


def _lock(playlist: Playlist) -> None:
    Playlist.objects.select_for_update(no_key=True).get(pk=playlist.pk)

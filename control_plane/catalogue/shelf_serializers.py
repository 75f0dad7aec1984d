"""How categories and playlists are shown and what may be said about them."""

from typing import Any

from rest_framework import serializers

from control_plane.catalogue.models import Category, Playlist, PlaylistItem
from control_plane.catalogue.serializers import OwnerSerializer, VideoSerializer


class CategorySerializer(serializers.ModelSerializer[Category]):
    """A category; `parent` is the slug of what it is a part of."""

    parent = serializers.SlugRelatedField(  # type: ignore[assignment]
        slug_field="slug",
        queryset=Category.objects.filter(parent=None),
        allow_null=True,
        required=False,
    )

    class Meta:
        model = Category
        fields = ("id", "slug", "name", "parent", "position")
        read_only_fields = ("id",)

    def validate_parent(self, parent: Category | None) -> Category | None:
        """There are two floors: what is divided is a part of nothing."""
        mine = self.instance
        if parent is None or not isinstance(mine, Category):
            return parent
        if parent.pk == mine.pk or mine.children.exists():
            raise serializers.ValidationError("A category that is divided has no parent.")
        return parent


class PlaylistSerializer(serializers.ModelSerializer[Playlist]):
    """A playlist, without what stands in it."""

    owner = OwnerSerializer(read_only=True)

    class Meta:
        model = Playlist
        fields = ("id", "title", "description", "privacy", "owner", "created_at", "updated_at")
        read_only_fields = ("id", "owner", "created_at", "updated_at")


class PlaylistItemSerializer(serializers.ModelSerializer[PlaylistItem]):
    """A video at its place in a playlist."""

    video = VideoSerializer(read_only=True)

    class Meta:
        model = PlaylistItem
        fields = ("id", "position", "video")
        read_only_fields = fields


class ItemInput(serializers.Serializer[Any]):
    """A video that is put into a playlist."""

    video = serializers.UUIDField()

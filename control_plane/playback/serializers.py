"""Playback and its sessions over HTTP."""

from typing import Any, ClassVar

from rest_framework import serializers

from control_plane.accounts.models import User
from control_plane.catalogue.models import Video
from control_plane.playback.lifetimes import LONGEST_S, SHORTEST_S
from control_plane.playback.models import PlaybackSession
from shared.paths import Kind


class PlaybackRequestSerializer(serializers.Serializer[Any]):
    """What a player may ask for; nothing is needed."""

    valid_for_s = serializers.IntegerField(
        required=False,
        min_value=SHORTEST_S,
        max_value=LONGEST_S,
        help_text="How long the URL shall be good. More than usual is only for the owner.",
    )


class PlaybackSerializer(serializers.Serializer[Any]):
    """A signed URL, what it opens and until when."""

    url = serializers.URLField(help_text="The multivariant playlist.")
    expires_at = serializers.DateTimeField()
    session_id = serializers.UUIDField()
    kinds = serializers.ListField(child=serializers.ChoiceField([kind.value for kind in Kind]))
    poster_url = serializers.URLField(allow_null=True)
    storyboard_url = serializers.URLField(allow_null=True, help_text="WebVTT with pictures.")


class WatchedVideoSerializer(serializers.ModelSerializer[Video]):
    """The video of a session."""

    class Meta:
        model = Video
        fields: ClassVar = ["id", "title"]


class SessionSerializer(serializers.ModelSerializer[PlaybackSession]):
    """A session of the caller's own."""

    video = WatchedVideoSerializer()

    class Meta:
        model = PlaybackSession
        fields: ClassVar = ["id", "video", "rule", "issued_at", "expires_at"]


class WatcherSerializer(serializers.ModelSerializer[User]):
    """Whose session it is; for administrators."""

    class Meta:
        model = User
        fields: ClassVar = ["id", "email", "display_name"]


class AnySessionSerializer(SessionSerializer):
    """A session of anybody's; visitors have no user."""

    user = WatcherSerializer(allow_null=True)

    class Meta(SessionSerializer.Meta):
        fields: ClassVar = ["id", "user", "video", "rule", "issued_at", "expires_at"]

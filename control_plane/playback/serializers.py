"""Playback and its sessions over HTTP."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from rest_framework import serializers

from control_plane.accounts.models import User
from control_plane.catalogue.models import Video
from control_plane.playback.lifetimes import LONGEST_S, SHORTEST_S
from control_plane.playback.models import PlaybackSession
from shared.paths import Kind, parse_media_path


class PlaybackRequestSerializer(serializers.Serializer[Any]):
    """What a player may ask for; nothing is needed."""

    valid_for_s = serializers.IntegerField(
        required=False,
        min_value=SHORTEST_S,
        max_value=LONGEST_S,
        help_text="How long the URL shall be good. More than usual is only for the owner.",
    )


class SharedRequestSerializer(PlaybackRequestSerializer):
    """The same for a share link."""

    passphrase = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200, trim_whitespace=False
    )


class PlaybackSerializer(serializers.Serializer[Any]):
    """A signed URL, what it opens and until when."""

    url = serializers.URLField(help_text="The multivariant playlist.")
    start_by = serializers.DateTimeField(
        allow_null=True, help_text="What has not begun to play by then does not begin."
    )
    expires_at = serializers.DateTimeField()
    session_id = serializers.UUIDField()
    kinds = serializers.ListField(child=serializers.ChoiceField([kind.value for kind in Kind]))
    poster_url = serializers.URLField(help_text="Of sound alone, its cover.")
    storyboard_url = serializers.URLField(allow_null=True, help_text="WebVTT with pictures.")


class RenewalRequestSerializer(serializers.Serializer[Any]):
    """What shows whose a session is, where nobody is logged in."""

    url = serializers.CharField(
        required=False,
        max_length=4096,
        help_text="The playback URL of this session, though it may have expired.",
    )

    def validate_url(self, url: str) -> str:
        """Its token."""
        media = parse_media_path(_read_path(url))
        if media is None or media.token is None:
            raise serializers.ValidationError("This is no playback URL.")
        return media.token


def _read_path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:  # such as brackets that are no address
        return ""


class TakeDownSerializer(serializers.Serializer[Any]):
    """Why a video is taken down; for other administrators."""

    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class WatchedVideoSerializer(serializers.ModelSerializer[Video]):
    """The video of a session."""

    class Meta:
        model = Video
        fields: ClassVar = ["id", "title"]


class SessionSerializer(serializers.ModelSerializer[PlaybackSession]):
    """A session of the caller's own."""

    video = WatchedVideoSerializer()
    is_ended = serializers.BooleanField(help_text="Whether it was ended before its time.")

    class Meta:
        model = PlaybackSession
        fields: ClassVar = [
            "id",
            "video",
            "rule",
            "issued_at",
            "renewed_at",
            "expires_at",
            "is_ended",
        ]


class WatcherSerializer(serializers.ModelSerializer[User]):
    """Whose session it is; for administrators."""

    class Meta:
        model = User
        fields: ClassVar = ["id", "email", "display_name"]


class AnySessionSerializer(SessionSerializer):
    """A session of anybody's; visitors have no user."""

    user = WatcherSerializer(allow_null=True)

    class Meta(SessionSerializer.Meta):
        fields: ClassVar = [*SessionSerializer.Meta.fields, "user", "subject"]

"""How videos are shown and what may be said about them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from control_plane.accounts.callers import find_caller
from control_plane.accounts.models import User
from control_plane.catalogue.models import Video
from control_plane.catalogue.selectors import may_change
from control_plane.signing.posters import poster_url
from shared.jobs import JobState


class VideoInput(serializers.ModelSerializer[Video]):
    """What the owner says of a video."""

    class Meta:
        model = Video
        fields = ("title", "description", "visibility")


class OwnerSerializer(serializers.ModelSerializer[User]):
    """Whose a video is; the e-mail address is for administrators alone."""

    class Meta:
        model = User
        fields = ("id", "display_name", "email")
        read_only_fields = fields

    def to_representation(self, owner: User) -> dict[str, Any]:
        shown = super().to_representation(owner)
        caller = find_caller(self.context["request"])
        if caller is None or not caller.is_staff:
            del shown["email"]
        return shown


class NewestJobSerializer(serializers.Serializer[Any]):
    """The latest transcode job of a video."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=[state.value for state in JobState])
    fraction = serializers.FloatField()


class VideoSerializer(serializers.ModelSerializer[Video]):
    """A video as the caller sees it."""

    owner = OwnerSerializer(read_only=True)
    duration_ms = serializers.IntegerField(source="asset.duration_ms", default=None)
    heights = serializers.ListField(
        source="asset.heights", child=serializers.IntegerField(), default=[]
    )
    poster_url = serializers.SerializerMethodField()
    newest_job = serializers.SerializerMethodField()

    class Meta:
        model = Video
        fields = (
            "id",
            "title",
            "description",
            "visibility",
            "owner",
            "published_at",
            "duration_ms",
            "heights",
            "poster_url",
            "newest_job",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_poster_url(self, video: Video) -> str | None:
        if video.asset is None or not video.asset.heights:
            return None
        is_draft = video.published_at is None
        return poster_url(video.pk, video.asset.pk, now=timezone.now(), is_draft=is_draft)

    @extend_schema_field(NewestJobSerializer(allow_null=True))
    def get_newest_job(self, video: Video) -> dict[str, Any] | None:
        """For those who may change the video."""
        caller = find_caller(self.context["request"])
        return getattr(video, "newest_job", None) if may_change(caller, video) else None

"""How videos are shown and what may be said about them."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from control_plane.accounts.callers import find_caller
from control_plane.accounts.models import User
from control_plane.catalogue.models import Category, Video
from control_plane.catalogue.selectors import may_change
from control_plane.signing.posters import poster_url
from shared.jobs import JobState


class VideoInput(serializers.ModelSerializer[Video]):
    """What the owner says of a video."""

    class Meta:
        model = Video
        fields: ClassVar = [
            "title",
            "description",
            "visibility",
            "language",
            "tags",
            "category",
            "is_premium",
        ]

    tags = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=20, required=False
    )
    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all(), allow_null=True, required=False
    )

    def validate_tags(self, tags: list[str]) -> list[str]:
        """In lower case, each once."""
        return list(dict.fromkeys(tag.strip().lower() for tag in tags))


class VideoChange(VideoInput):
    """The same, and its name in addresses; the former one leads on."""

    slug = serializers.SlugField(max_length=100, required=False)

    class Meta(VideoInput.Meta):
        fields: ClassVar = [*VideoInput.Meta.fields, "slug"]


class PublishInput(serializers.Serializer[Any]):
    """When a video is shown; nothing is needed."""

    at = serializers.DateTimeField(required=False, help_text="From when on; else from now on.")
    until = serializers.DateTimeField(
        required=False, allow_null=True, help_text="When it is taken off again; else never."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        until = attrs.get("until")
        if until is not None and until <= (attrs.get("at") or timezone.now()):
            raise serializers.ValidationError("It would be taken off before it is shown.")
        return attrs


class ShelfSerializer(serializers.ModelSerializer[Category]):
    """A category by name."""

    class Meta:
        model = Category
        fields = ("slug", "name")


class OwnerSerializer(serializers.ModelSerializer[User]):
    """Whose a video is; the e-mail address is for administrators alone."""

    email = serializers.EmailField(required=False)

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


def find_poster_url(video: Video) -> str | None:
    """The same for everybody and for half a day; None before there is an asset."""
    if video.asset is None:
        return None
    is_draft = video.published_at is None
    return poster_url(video.pk, video.asset.pk, now=timezone.now(), is_draft=is_draft)


class VideoSerializer(serializers.ModelSerializer[Video]):
    """A video as the caller sees it."""

    owner = OwnerSerializer(read_only=True)
    duration_ms = serializers.IntegerField(
        source="asset.duration_ms", default=None, allow_null=True
    )
    heights = serializers.ListField(
        source="asset.heights", child=serializers.IntegerField(), default=[]
    )
    category = ShelfSerializer(allow_null=True, read_only=True)
    poster_url = serializers.SerializerMethodField()
    newest_job = serializers.SerializerMethodField()

    class Meta:
        model = Video
        fields = (
            "id",
            "slug",
            "title",
            "description",
            "language",
            "tags",
            "category",
            "visibility",
            "is_premium",
            "owner",
            "published_at",
            "withdrawn_at",
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
        return find_poster_url(video)

    @extend_schema_field(NewestJobSerializer(allow_null=True))
    def get_newest_job(self, video: Video) -> dict[str, Any] | None:
        """For those who may change the video."""
        caller = find_caller(self.context["request"])
        return getattr(video, "newest_job", None) if may_change(caller, video) else None

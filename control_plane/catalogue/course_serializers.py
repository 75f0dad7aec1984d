"""How courses and lectures are shown and what may be said about them."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from control_plane.catalogue.models import Category, Course, Lecture
from control_plane.catalogue.serializers import (
    OwnerSerializer,
    ShelfSerializer,
    find_poster_url,
)


class CourseInput(serializers.ModelSerializer[Course]):
    """What the owner says of a course."""

    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all(), allow_null=True, required=False
    )

    class Meta:
        model = Course
        fields: ClassVar = ["title", "description", "visibility", "language", "category"]


class CourseChange(CourseInput):
    """The same, and its name in addresses; the former one leads on."""

    slug = serializers.SlugField(max_length=100, required=False)

    class Meta(CourseInput.Meta):
        fields: ClassVar = [*CourseInput.Meta.fields, "slug"]


class CourseSerializer(serializers.ModelSerializer[Course]):
    """A course, with the totals of its published lectures."""

    owner = OwnerSerializer(read_only=True)
    category = ShelfSerializer(allow_null=True, read_only=True)
    lecture_count = serializers.IntegerField(read_only=True)
    duration_ms = serializers.IntegerField(read_only=True)

    class Meta:
        model = Course
        fields = (
            "id",
            "slug",
            "title",
            "description",
            "language",
            "category",
            "visibility",
            "owner",
            "published_at",
            "lecture_count",
            "duration_ms",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class PublishCourseInput(serializers.Serializer[Any]):
    """When a course is shown; nothing is needed."""

    at = serializers.DateTimeField(required=False, help_text="From when on; else from now on.")


class LectureInput(serializers.Serializer[Any]):
    """A video that becomes a lecture."""

    video = serializers.UUIDField()
    is_preview = serializers.BooleanField(
        default=False, help_text="Whether everybody who may see the course may watch it."
    )


class LectureChange(serializers.Serializer[Any]):
    """What may be changed of a lecture."""

    is_preview = serializers.BooleanField()


class LectureSerializer(serializers.ModelSerializer[Lecture]):
    """A lecture at its place. `is_open` is whether the caller may watch it."""

    title = serializers.CharField(source="video.title", read_only=True)
    duration_ms = serializers.IntegerField(source="video.asset.duration_ms", default=None)
    is_open = serializers.SerializerMethodField()
    poster_url = serializers.SerializerMethodField()

    class Meta:
        model = Lecture
        fields = (
            "id",
            "video",
            "position",
            "title",
            "duration_ms",
            "is_preview",
            "is_open",
            "poster_url",
        )
        read_only_fields = fields

    def get_is_open(self, lecture: Lecture) -> bool:
        return lecture.is_preview or bool(getattr(lecture, "is_open", False))

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_poster_url(self, lecture: Lecture) -> str | None:
        return find_poster_url(lecture.video)


class OrderInput(serializers.Serializer[Any]):
    """All that stand in it, in the order they shall have."""

    order = serializers.ListField(child=serializers.UUIDField(), max_length=2000)

"""What lists of videos may be narrowed by."""

from typing import ClassVar

import django_filters
from django.db.models import Q, QuerySet

from control_plane.accounts.filters import OwnFilter
from control_plane.catalogue.models import Category, Course, Playlist, Video


class VideoFilter(django_filters.FilterSet):
    """`owner=me`, `creator`, `visibility`, `search` in titles, `published`, `language`, `tag`,
    `premium`, and `category` by its slug, with all that it is divided in."""

    owner = OwnFilter()
    search = django_filters.CharFilter(field_name="title", lookup_expr="icontains")
    creator = django_filters.UUIDFilter(field_name="owner_id")
    language = django_filters.CharFilter()
    premium = django_filters.BooleanFilter(field_name="is_premium")
    tag = django_filters.CharFilter(method="filter_tag")
    category = django_filters.CharFilter(method="filter_category")
    published = django_filters.BooleanFilter(
        field_name="published_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Video
        fields: ClassVar = ["visibility"]

    def filter_tag(self, videos: QuerySet[Video], _name: str, tag: str) -> QuerySet[Video]:
        return videos.filter(tags__contains=[tag.strip().lower()])

    def filter_category(self, videos: QuerySet[Video], _name: str, slug: str) -> QuerySet[Video]:
        shelves = Category.objects.filter(Q(slug=slug) | Q(parent__slug=slug)).order_by()
        return videos.filter(category__in=shelves.values("pk"))


class CourseFilter(django_filters.FilterSet):
    """`owner=me`, `search` in titles, `language`, and `category` by its slug."""

    owner = OwnFilter()
    search = django_filters.CharFilter(field_name="title", lookup_expr="icontains")
    language = django_filters.CharFilter()
    category = django_filters.CharFilter(field_name="category__slug")

    class Meta:
        model = Course
        fields: ClassVar = ["visibility"]


class PlaylistFilter(django_filters.FilterSet):
    """`owner=me`, and `search` in titles."""

    owner = OwnFilter()
    search = django_filters.CharFilter(field_name="title", lookup_expr="icontains")

    class Meta:
        model = Playlist
        fields: ClassVar = ["privacy"]

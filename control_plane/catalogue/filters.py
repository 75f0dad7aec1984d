"""What lists of videos may be narrowed by."""

from typing import ClassVar

import django_filters
from django.db.models import QuerySet

from control_plane.accounts.callers import find_caller
from control_plane.catalogue.models import Video


class VideoFilter(django_filters.FilterSet):
    """`owner=me`, `visibility`, `search` in titles, `published`."""

    owner = django_filters.ChoiceFilter(choices=[("me", "me")], method="filter_owner")
    search = django_filters.CharFilter(field_name="title", lookup_expr="icontains")
    published = django_filters.BooleanFilter(
        field_name="published_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Video
        fields: ClassVar = ["visibility"]

    def filter_owner(self, videos: QuerySet[Video], _name: str, _value: str) -> QuerySet[Video]:
        caller = find_caller(self.request) if self.request else None
        return videos.none() if caller is None else videos.filter(owner=caller)

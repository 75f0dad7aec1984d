"""How lists are narrowed. A value that means nothing is refused, not passed over: whoever
mistypes a filter would else get everything and believe it."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django_filters import BooleanFilter, CharFilter
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.exceptions import ValidationError
from rest_framework.views import APIView

_FLAGS: Final = ("true", "false")


class StrictFilters(DjangoFilterBackend):
    """Refuses empty values of all but texts, and flags that are neither `true` nor `false`."""

    def get_filterset(
        self, request: HttpRequest, queryset: QuerySet[Any], view: APIView
    ) -> FilterSet | None:
        filterset: FilterSet | None = super().get_filterset(request, queryset, view)
        if filterset is not None:
            _check(filterset.filters, request.GET)
        return filterset


def _check(filters: Mapping[str, Any], given: Mapping[str, str]) -> None:
    for name in filters.keys() & given.keys():
        if isinstance(filters[name], BooleanFilter) and given[name] not in _FLAGS:
            raise ValidationError({name: "Either true or false."})
        if not given[name] and not isinstance(filters[name], CharFilter):
            raise ValidationError({name: "This may not be empty."})

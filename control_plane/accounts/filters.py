"""What lists of all packages are narrowed by that has to do with accounts."""

from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema_field

from control_plane.accounts.callers import find_caller


@extend_schema_field({"type": "string", "enum": ["me"]})
class OwnFilter(ChoiceFilter):
    """`me`: what belongs to the caller; to nobody, without one."""

    def __init__(self) -> None:
        super().__init__(choices=[("me", "me")])

    def filter(self, queryset: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        if value != "me":
            return queryset
        request = self.parent.request  # type: ignore[attr-defined]
        caller = find_caller(request) if request else None
        return queryset.none() if caller is None else queryset.filter(owner=caller)

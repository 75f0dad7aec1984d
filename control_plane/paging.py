"""Paging through lists by cursor: newest first, at the same cost on every page."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.exceptions import ValidationError as ParameterInvalid
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

_COUNT: Final = re.compile(r"[0-9]{1,4}")


class NewestFirst(CursorPagination):
    """Identifiers sort by the time they were made (`control_plane.ids`)."""

    ordering = "-id"
    page_size = 24
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not _COUNT.fullmatch(text) or not 1 <= int(text) <= self.max_page_size:
            detail = f"A number from 1 to {self.max_page_size}."
            raise ParameterInvalid({self.page_size_query_param: detail})
        return int(text)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {"minimum": 1, "maximum": self.max_page_size}
        return parameters

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except ValidationError as error:  # a cursor that was made up and holds no identifier
            raise NotFound(self.invalid_cursor_message) from error


class InOrder(NewestFirst):
    """Rows that have a place."""

    ordering = "position"
    page_size = 100


class ByChoice(NewestFirst):
    """`ordering` chooses among `choices`: names of the parameter, and the columns they stand for.

    What has no value to be sorted by is left out, since no cursor could point to it.
    """

    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "newest": ("-id",),
        "oldest": ("id",),
        "title": ("title", "-id"),
        "published": ("-published_at", "-id"),
    }

    def get_ordering(
        self, request: Request, _queryset: QuerySet[Any], _view: APIView
    ) -> tuple[str, ...]:
        name = request.query_params.get("ordering", "newest")
        if name not in self.choices:
            raise ParameterInvalid({"ordering": f"One of {', '.join(self.choices)}."})
        return self.choices[name]

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        if request.query_params.get("ordering") == "published" and isinstance(queryset, QuerySet):
            queryset = queryset.filter(published_at__isnull=False)
        return super().paginate_queryset(queryset, request, view)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        ordering = {
            "name": "ordering",
            "required": False,
            "in": "query",
            "description": "What comes first.",
            "schema": {"type": "string", "enum": list(self.choices)},
        }
        return [*super().get_schema_operation_parameters(view), ordering]

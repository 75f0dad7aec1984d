"""Paging through lists by cursor: newest first, at the same cost on every page."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class NewestFirst(CursorPagination):
    """Identifiers sort by the time they were made (`control_plane.ids`)."""

    ordering = "-id"
    page_size = 24
    page_size_query_param = "page_size"
    max_page_size = 100

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except ValidationError as error:  # a cursor that was made up and holds no identifier
            raise NotFound(self.invalid_cursor_message) from error

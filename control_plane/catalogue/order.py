"""Rows in an order within something: lectures of a course, items of a playlist.

Callers lock what they belong to, so that one change follows another.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from django.db.models import Max, QuerySet

from control_plane.catalogue.models import Lecture, PlaylistItem
from control_plane.errors import Refused

Placed = TypeVar("Placed", Lecture, PlaylistItem)


def find_end(rows: QuerySet[Placed]) -> int:
    """The place behind the last one."""
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def reorder(rows: QuerySet[Placed], wanted: Sequence[UUID]) -> None:
    """Put these rows in this order, at once, at the places that they have. Raises `Refused` unless
    just these are there."""
    by_id = {row.pk: row for row in rows}
    if len(wanted) != len(by_id) or set(wanted) != set(by_id):
        detail = "These are not all that stand in it now: read it again."
        raise Refused("order_outdated", status=HTTPStatus.CONFLICT, detail=detail)
    places = sorted(row.position for row in by_id.values())
    for position, row_id in zip(places, wanted, strict=True):
        by_id[row_id].position = position
    rows.model._default_manager.bulk_update(by_id.values(), ["position"])

"""Emptying places in the store after nothing needs them any more.

A place is noted in the transaction that makes it useless and emptied by periodic work, so that
neither a rollback nor a crash can lose an object that is needed or keep one that is not.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Asset, Leftover, Video
from shared.runtime.store.interface import StoreError
from shared.tokens import MAX_TOKEN_LIFE

# Longer than any player may hold a token, and than a worker that lost its lease goes on writing.
KEPT_FOR: Final = timedelta(seconds=MAX_TOKEN_LIFE)

_TRIED_AGAIN_AFTER: Final = timedelta(hours=1)

_log = logging.getLogger(__name__)


def note_leftovers(places: Iterable[str], *, due_at: datetime) -> None:
    """Have places emptied from `due_at` on; a place noted before gets the new time."""
    Leftover.objects.bulk_create(
        [Leftover(place=place, due_at=due_at) for place in places],
        update_conflicts=True,
        unique_fields=["place"],
        update_fields=["due_at"],
    )


def keep_place(place: str) -> None:
    """Take back what was noted: the place is needed again."""
    Leftover.objects.filter(place=place).delete()


def sweep_leftovers(*, now: datetime) -> None:
    """Empty the places that are due."""
    while _sweep_one(now):
        pass


@transaction.atomic
def _sweep_one(now: datetime) -> bool:
    """Whether there was one. One that cannot be emptied is put off, so that others can be."""
    due = Leftover.objects.select_for_update(skip_locked=True).filter(due_at__lte=now)
    leftover = due.order_by("due_at").first()
    if leftover is None:
        return False
    try:
        _empty(leftover.place)
    except StoreError as error:
        _log.error("place not emptied", extra={"place": leftover.place, "cause": str(error)})
        note_leftovers([leftover.place], due_at=now + _TRIED_AGAIN_AFTER)
    else:
        leftover.delete()
    return True


def _empty(place: str) -> None:
    if not place.endswith("/"):
        open_store().delete(place)
        return
    assets = Asset.objects.filter(pk__in=_find_ids(place))
    if Video.objects.filter(asset__in=assets).exists():
        _log.error("an asset that a video plays was left over", extra={"place": place})
        return
    open_store().delete_prefix(place)
    assets.delete()


def _find_ids(place: str) -> list[str]:
    """The asset whose folder a place is, if it is one."""
    folder, _, name = place.removesuffix("/").partition("/")
    return [name] if folder == "assets" else []

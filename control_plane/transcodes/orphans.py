"""Finding what lies in the store and no row knows: left by processes killed at the wrong moment.

Rows come before what they name, so what is in the store and then not in the database belongs to
nobody. It is left over like anything else that was needed once, and goes a day later: a database
that was restored from a copy has time to be noticed.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from control_plane.catalogue.leftovers import KEPT_FOR, note_leftovers
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Asset, Leftover
from control_plane.transcodes.models import TranscodeChunk, TranscodeJob
from shared.jobs import UNFINISHED
from shared.paths import PathInvalid, asset_prefix, check_id, work_prefix

_log = logging.getLogger(__name__)


def sweep_orphans(*, now: datetime) -> list[str]:
    """Have emptied what belongs to nobody; the places that were not noted before."""
    works, assets = _list_ids("work/"), _list_ids("assets/")
    orphans = [
        *map(work_prefix, works - _find_works()),
        *map(asset_prefix, assets - _find_assets()),
    ]
    noted = set(Leftover.objects.filter(place__in=orphans).values_list("place", flat=True))
    fresh = sorted(set(orphans) - noted)
    if fresh:
        _log.warning("places that no row knows", extra={"places": fresh[:20], "all": len(fresh)})
        note_leftovers(fresh, due_at=now + KEPT_FOR)
    return fresh


def _list_ids(prefix: str) -> set[str]:
    """The folders that are named as ours are; others are somebody else's."""
    return set(_keep_ids(open_store().list_folders(prefix)))


def _keep_ids(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        with suppress(PathInvalid):
            yield check_id(name)


def _find_works() -> set[str]:
    """Jobs whose work is needed; that of others was noted when they ended."""
    unfinished = TranscodeJob.objects.filter(state__in=UNFINISHED)
    return {str(job_id) for job_id in unfinished.values_list("id", flat=True)}


def _find_assets() -> set[str]:
    """Published assets, and those that attempts are making."""
    published = Asset.objects.values_list("id", flat=True)
    packages = TranscodeChunk.objects.filter(job__state__in=UNFINISHED, asset_id__isnull=False)
    made = packages.values_list("asset_id", flat=True)
    return {str(asset_id) for asset_id in [*published, *made]}

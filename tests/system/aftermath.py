"""What jobs have made, and what is left of them: one correct asset each, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.rows import class_row

from shared.asset import Asset, VideoPointer, index_files, parse_asset
from tests.stack import Stack
from tests.system.management import manage
from transcoder.inspect.package import inspect_place

_FINISHED: Final = """
SELECT job.id::text AS job_id, job.video_id::text, job.state, job.asset_id::text,
    job.failure_detail AS failure, video.asset_id::text AS played,
    ARRAY(SELECT id::text FROM catalogue_asset WHERE video_id = job.video_id) AS assets
FROM transcodes_transcodejob AS job JOIN catalogue_video AS video ON video.id = job.video_id
WHERE job.id = ANY(%(job_ids)s::uuid[])
ORDER BY job.id
"""

_ASSETS: Final = "SELECT id::text FROM catalogue_asset"
_WORKS: Final = """
SELECT id::text FROM transcodes_transcodejob WHERE state IN ('queued', 'running', 'publishing')
"""

# What the periodic tasks do, on a day on which all that was noted is due.
_SWEEP: Final = """
from datetime import timedelta
from django.utils import timezone
from control_plane.catalogue.leftovers import KEPT_FOR, sweep_leftovers
from control_plane.transcodes.orphans import sweep_orphans
sweep_orphans(now=timezone.now())
sweep_leftovers(now=timezone.now() + KEPT_FOR + timedelta(minutes=1))
"""


@dataclass(frozen=True, slots=True)
class Finished:
    """A job that is over, the assets that rows know of its video, and the one it plays."""

    job_id: str
    video_id: str
    state: str
    asset_id: str | None
    failure: str
    played: str | None
    assets: list[str]


def list_finished(database: psycopg.Connection[Any], job_ids: list[str]) -> list[Finished]:
    with database.cursor(row_factory=class_row(Finished)) as cursor:
        return cursor.execute(_FINISHED, {"job_ids": job_ids}).fetchall()


def find_faults(media: Path, job: Finished, model: Asset) -> Iterator[str]:
    """What is wrong with a job, which is to have made one asset, of the same files as `model`."""
    if job.state != "ready" or job.asset_id is None:
        yield f"job {job.job_id} is {job.state}: {job.failure}"
        return
    if job.assets != [job.asset_id] or job.played != job.asset_id:
        yield f"video {job.video_id} has the assets {job.assets} and plays {job.played}"
    pointer = VideoPointer.model_validate_json(
        (media / "videos" / f"{job.video_id}.json").read_bytes()
    )
    if (pointer.video_id, pointer.asset_id) != (job.video_id, job.asset_id):
        yield f"video {job.video_id} is pointed at {pointer.asset_id}"
    folder = media / "assets" / job.asset_id
    asset = read_asset(folder)
    report = inspect_place(str(folder), decodes_all=True)
    yield from (f"asset {job.asset_id}: {failure}" for failure in report.failures)
    if asset.video_id != job.video_id:
        yield f"asset {job.asset_id} is of the video {asset.video_id}"
    if index_files(asset) != index_files(model):
        yield f"asset {job.asset_id} is not what a job makes that nobody disturbs"


def read_asset(folder: Path) -> Asset:
    return parse_asset((folder / "asset.json").read_bytes())


def sweep(stack: Stack) -> None:
    """Have done what the sweepers do by and by."""
    swept = manage(stack, "shell", "-v", "0", "-c", _SWEEP)
    assert swept.returncode == 0, swept.stderr


def find_orphans(media: Path, database: psycopg.Connection[Any]) -> set[str]:
    """Places below `work/` and `assets/` that no row knows."""
    known = {
        "work": {job_id for (job_id,) in database.execute(_WORKS).fetchall()},
        "assets": {asset_id for (asset_id,) in database.execute(_ASSETS).fetchall()},
    }
    return {
        f"{name}/{place.name}"
        for name, ids in known.items()
        for place in (media / name).iterdir()
        if place.name not in ids
    }

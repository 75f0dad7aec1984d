"""Tests for control_plane/transcodes/orphans.py: what no row knows goes, and nothing else."""

import logging
from uuid import uuid4

import pytest

from control_plane.catalogue.leftovers import KEPT_FOR, note_leftovers, sweep_leftovers
from control_plane.catalogue.media import open_store
from control_plane.catalogue.models import Leftover, Video
from control_plane.transcodes.models import TranscodeJob
from control_plane.transcodes.orphans import sweep_orphans
from control_plane.transcodes.services import cancel_job
from shared.paths import asset_document_key, asset_prefix, claim_key, work_prefix
from tests.control_plane.transcodes.conftest import NOW, chunk_of, publish, write_asset


@pytest.fixture(autouse=True)
def _empty() -> None:
    for prefix in ("work/", "assets/"):
        for folder in open_store().list_folders(prefix):
            open_store().delete_prefix(f"{prefix}{folder}/")


def put_orphans() -> tuple[str, str]:
    """The work of a job, and an asset, that no row knows."""
    job_id, asset_id = str(uuid4()), str(uuid4())
    open_store().put(claim_key(job_id, 1, 1), b"")
    open_store().put(asset_document_key(asset_id), b"{}")
    return work_prefix(job_id), asset_prefix(asset_id)


def test_what_no_row_knows_is_emptied_a_day_later(caplog: pytest.LogCaptureFixture) -> None:
    work, asset = put_orphans()
    with caplog.at_level(logging.WARNING):
        assert sweep_orphans(now=NOW) == sorted([work, asset])
    assert "places that no row knows" in caplog.text
    sweep_leftovers(now=NOW)
    assert list(open_store().list_keys(work))
    sweep_leftovers(now=NOW + KEPT_FOR)
    assert not list(open_store().list_keys(work))
    assert not list(open_store().list_keys(asset))
    assert sweep_orphans(now=NOW + KEPT_FOR) == []


def test_orphan_that_was_noted_keeps_its_time() -> None:
    put_orphans()
    sweep_orphans(now=NOW)
    assert sweep_orphans(now=NOW + KEPT_FOR / 2) == []
    assert {leftover.due_at for leftover in Leftover.objects.all()} == {NOW + KEPT_FOR}


def test_place_that_was_left_over_is_not_noted_anew() -> None:
    work, asset = put_orphans()
    note_leftovers([work, asset], due_at=NOW)
    assert sweep_orphans(now=NOW) == []


def test_work_and_asset_of_a_job_that_goes_on_are_kept(packaging: TranscodeJob) -> None:
    write_asset(chunk_of(packaging, 3))
    assert sweep_orphans(now=NOW) == []


def test_published_assets_are_kept(video: Video) -> None:
    publish(video)
    publish(video)
    assert sweep_orphans(now=NOW) == []


def test_what_a_worker_wrote_after_its_job_was_swept_goes(packaging: TranscodeJob) -> None:
    cancel_job(packaging, now=NOW)
    later = NOW + KEPT_FOR
    sweep_leftovers(now=later)
    asset_id = write_asset(chunk_of(packaging, 3))
    open_store().put(claim_key(str(packaging.pk), 3, 1), b"")
    assert sweep_orphans(now=later) == sorted(
        [work_prefix(str(packaging.pk)), asset_prefix(str(asset_id))]
    )


def test_folders_with_other_names_are_left_alone() -> None:
    open_store().put("work/notes/1", b"")
    open_store().put("assets/by-hand/1", b"")
    assert sweep_orphans(now=NOW) == []

"""How orders become an asset, the story of a job: planned once, encoded in chunks, packaged.

Each step leaves in the store what the next one needs, and may be taken by another worker. All raise
a `TranscodeFailed` that names the reason, or a `StoreError`; what was written by then stays. An
asset whose document is not written, which is the last thing, does not exist.
"""

import time
from functools import partial
from typing import Final

from shared.asset import Asset, index_files, render_asset
from shared.jobs import (
    MAX_WARNINGS,
    EncodedReport,
    EncodeOrder,
    PackageOrder,
    PackageWarning,
    PlanOrder,
    PlanReport,
    ResultReport,
)
from shared.paths import (
    asset_document_key,
    asset_report_key,
    chunk_attempt_prefix,
    chunk_file_key,
    film_document_key,
)
from shared.report import Report, render_report
from shared.runtime.store.interface import Store
from transcoder.cmaf.description import describe_asset
from transcoder.cmaf.film import FilmDocument
from transcoder.cmaf.main_playlist import write_playlists
from transcoder.cmaf.package import AssetFolder, FileFolder
from transcoder.errors import PackageFaulty, RoomMissing
from transcoder.input.probe import probe_source
from transcoder.inspect.chunks import find_chunk_faults
from transcoder.inspect.gate import inspect_package, summarize
from transcoder.planning.chunks import Chunk, cut_chunks
from transcoder.planning.plan import plan_film
from transcoder.progress import Meter
from transcoder.settings import Settings
from transcoder.steps.checkpoints import (
    ChunkRecord,
    PlanDocument,
    find_plan,
    keep_plan,
    keep_record,
    read_plan,
)
from transcoder.steps.encode import EncodedChunk, encode_chunk
from transcoder.steps.gathering import gather_film
from transcoder.steps.summary import report_plan
from transcoder.stills.frames import Stills, make_stills, read_cover

# How far packaging is when the film is gathered, and when the stills are made.
_GATHERED: Final = 0.1
_STILLS: Final = 0.4


def make_plan(order: PlanOrder, store: Store, settings: Settings, meter: Meter) -> PlanReport:
    """Measure the source and plan the film. Nothing is kept of a dry run."""
    document = find_plan(store, order.job_id)
    if document is None:
        with store.open(order.source_key) as source:
            facts = probe_source(source, settings, report=meter.tell)
        plan = plan_film(facts, settings)
        chunks = cut_chunks(plan, settings.chunk_segments)
        document = PlanDocument(plan=plan, chunks=chunks, preset=settings.preset)
    report = report_plan(document, order)
    if order.is_dry_run:
        return report
    _check_room(store, report)
    return report_plan(keep_plan(store, order.job_id, document), order)


def _check_room(store: Store, report: PlanReport) -> None:
    free = store.free_bytes()
    if free is not None and free < report.disk_bytes_needed:
        raise RoomMissing(f"{report.disk_bytes_needed} bytes are needed, {free} are free")


def make_chunk(order: EncodeOrder, store: Store, settings: Settings, meter: Meter) -> EncodedReport:
    """Encode a chunk as planned, check it, and record it."""
    document = read_plan(store, order.job_id)
    chunk = document.find_chunk(order.chunk)
    began_s = time.process_time()
    folder = FileFolder(store, partial(chunk_file_key, order.job_id, order.chunk, order.attempt))
    encoded = encode_chunk(
        partial(store.open, order.source_key),
        document.plan,
        chunk,
        settings.model_copy(update={"preset": document.preset}),
        sink=folder.put,
        report=meter.tell,
    )
    _check_chunk(chunk, encoded, folder, meter)
    record = _record_chunk(order, encoded, folder.size_bytes, time.process_time() - began_s)
    kept = keep_record(store, order.job_id, order.chunk, record)
    if kept.attempt != order.attempt:
        store.delete_prefix(chunk_attempt_prefix(order.job_id, order.chunk, order.attempt))
    return kept.report(order)


def _check_chunk(chunk: Chunk, encoded: EncodedChunk, folder: FileFolder, meter: Meter) -> None:
    rungs = {str(height): 1.0 for height in chunk.heights}

    def read(name: str) -> bytes:
        meter.tell(1.0, rungs)
        return folder.get(name)

    faults = list(find_chunk_faults(encoded.renditions, read, first=chunk.first))
    if faults:
        raise PackageFaulty(summarize(faults))


def _record_chunk(
    order: EncodeOrder, encoded: EncodedChunk, size_bytes: int, cpu_s: float
) -> ChunkRecord:
    return ChunkRecord(
        attempt=order.attempt,
        video=encoded.video,
        audio=encoded.audio,
        peaks=encoded.peaks,
        good_pictures=encoded.pictures.good,
        bad_pictures=encoded.pictures.bad,
        reached_s=encoded.pictures.reached_s,
        size_bytes=size_bytes,
        cpu_s=cpu_s,
    )


def make_package(
    order: PackageOrder, store: Store, settings: Settings, meter: Meter, *, now: int
) -> ResultReport:
    """Make the asset of what chunks, or an earlier asset, have left: complete and checked."""
    folder = AssetFolder(store, order.asset_id)
    document = gather_film(order, store, settings, folder)
    meter.tell(_GATHERED)
    for name, text in write_playlists(document.film):
        folder.put(name, text.encode())
    stills = _make_stills(order, document, store, settings, folder)
    for name, content in stills.files:
        folder.put(name, content)
    asset = describe_asset(
        document.film,
        folder.files,
        posters=stills.posters,
        asset_id=order.asset_id,
        video_id=order.video_id,
        now=now,
    )
    report = _inspect(asset, folder, settings, meter)
    store.put(film_document_key(order.asset_id), document.render())
    store.put(asset_report_key(order.asset_id), render_report(report))
    store.put(asset_document_key(order.asset_id), render_asset(asset), create=True)
    return _report_result(order, asset, report)


def _make_stills(
    order: PackageOrder,
    document: FilmDocument,
    store: Store,
    settings: Settings,
    folder: AssetFolder,
) -> Stills:
    cover = None
    if document.cover is not None:
        with store.open(order.source_key) as source:
            cover = read_cover(source, document.cover, settings)
    return make_stills(document.film, folder.get_range, poster=order.poster, cover=cover)


def _inspect(asset: Asset, folder: AssetFolder, settings: Settings, meter: Meter) -> Report:
    files = len(index_files(asset))
    seen: set[str] = set()

    def read(name: str) -> bytes:
        seen.add(name)
        meter.tell(_STILLS + (1 - _STILLS) * min(1.0, len(seen) / files))
        return folder.get(name)

    report = inspect_package(asset, read, decodes_all=settings.decodes_all)
    if report.failures:
        raise PackageFaulty(summarize(report.failures))
    return report


def _report_result(order: PackageOrder, asset: Asset, report: Report) -> ResultReport:
    return ResultReport(
        job_id=order.job_id,
        chunk=order.chunk,
        attempt=order.attempt,
        asset_id=order.asset_id,
        duration_ms=asset.duration_ms,
        size_bytes=sum(file.size_bytes for file in index_files(asset).values()),
        heights=tuple(r.height for r in asset.renditions if r.height is not None),
        warnings=tuple(
            PackageWarning(rule=found.rule, name=found.name, text=found.text)
            for found in report.warnings[:MAX_WARNINGS]
        ),
    )

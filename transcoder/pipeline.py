"""How an order becomes an asset: the story, start to end."""

from shared.asset import Asset, render_asset
from shared.jobs import TranscodeOrder
from shared.paths import asset_document_key, asset_report_key
from shared.report import render_report
from shared.runtime.store.interface import Store
from transcoder.description import describe_asset
from transcoder.encode import encode_film
from transcoder.errors import PackageFaulty
from transcoder.frames import make_stills, read_cover
from transcoder.inspect.gate import inspect_package, summarize
from transcoder.main_playlist import write_playlists
from transcoder.package import AssetFolder
from transcoder.plan import plan_film
from transcoder.probe import probe_source
from transcoder.progress import Meter
from transcoder.settings import Settings


def make_asset(
    order: TranscodeOrder, store: Store, settings: Settings, *, now: int, meter: Meter
) -> Asset:
    """Turn the order's source into its asset, complete and checked, in the store.

    Raises a `TranscodeFailed` that names the reason, or a `StoreError`; what was written by then
    stays, and the asset does not exist, since its document is written last.
    """
    folder = AssetFolder(store, order.asset_id)
    with store.open(order.source_key) as source:
        plan = plan_film(probe_source(source, settings), settings)
        film = encode_film(source, plan, settings, sink=folder.put, report=meter.encoding)
        attached = None if film.video else plan.facts.cover
        cover = None if attached is None else read_cover(source, attached, settings)
    meter.encoded()
    for name, text in write_playlists(film):
        folder.put(name, text.encode())
    stills = make_stills(film, folder.get_range, cover=cover)
    for name, content in stills.files:
        folder.put(name, content)
    asset = describe_asset(
        film,
        folder.files,
        posters=stills.posters,
        asset_id=order.asset_id,
        video_id=order.video_id,
        now=now,
    )
    meter.packaged()
    report = inspect_package(asset, folder.get, decodes_all=settings.decodes_all)
    if report.failures:
        raise PackageFaulty(summarize(report.failures))
    store.put(asset_report_key(order.asset_id), render_report(report))
    store.put(asset_document_key(order.asset_id), render_asset(asset), create=True)
    return asset

"""A film gathered in its asset's folder: from the chunks that were encoded, or from an earlier
asset whose picture and sound are carried over, with the captions that an order brings."""

from collections.abc import Iterator
from dataclasses import replace

from shared.captions import parse_captions
from shared.jobs import PackageOrder
from shared.paths import CHAPTERS, asset_key, film_document_key
from shared.runtime.store.interface import Store
from transcoder.cmaf.film import FilmDocument
from transcoder.cmaf.package import AssetFolder
from transcoder.cmaf.playlists import CAPTIONS_NAME
from transcoder.planning.plan import Plan
from transcoder.settings import Settings
from transcoder.steps.assembly import assemble_film, list_film_files, list_made_files
from transcoder.steps.checkpoints import read_plan, read_record
from transcoder.text.captions import CaptionTrack, write_texts
from transcoder.text.chapters import choose_chapters, write_chapters
from transcoder.text.text_tracks import read_text_tracks


def gather_film(
    order: PackageOrder, store: Store, settings: Settings, folder: AssetFolder
) -> FilmDocument:
    """The film of an order, all of its files but playlists and stills in `folder`."""
    if order.base_asset_id is None:
        document = _put_together(order, store, settings, folder)
    else:
        document = _carry_over(order, order.base_asset_id, store, folder)
    if document.film.chapters:
        folder.put(CHAPTERS, write_chapters(document.film.chapters).encode())
    return document


def _put_together(
    order: PackageOrder, store: Store, settings: Settings, folder: AssetFolder
) -> FilmDocument:
    document = read_plan(store, order.job_id)
    plan = document.plan
    numbers = [chunk.number for chunk in document.chunks]
    records = {number: read_record(store, order.job_id, number) for number in numbers}
    film = assemble_film(document, records)
    folder.link(list_made_files(order.job_id, document, records))
    tracks = [*_read_own_texts(order, plan, store, settings), *_read_sidecars(order, store)]
    film = replace(
        film,
        texts=write_texts(tracks, film.duration_s, sink=folder.put),
        chapters=choose_chapters(
            plan.facts.chapters, start_s=plan.start_s, duration_s=plan.duration_s
        ),
    )
    return FilmDocument(film=film, cover=None if film.video else plan.facts.cover)


def _carry_over(
    order: PackageOrder, base_id: str, store: Store, folder: AssetFolder
) -> FilmDocument:
    base = FilmDocument.parse(store.get(film_document_key(base_id)))
    carried = [text for text in base.film.texts if not text.is_sidecar]
    names = [f"{text.folder}/{CAPTIONS_NAME}" for text in carried]
    folder.link(list_film_files(base_id, base.film))
    folder.link((asset_key(base_id, name), name) for name in names)
    texts = write_texts(
        _read_sidecars(order, store), base.film.duration_s, sink=folder.put, carried=carried
    )
    return base.model_copy(update={"film": replace(base.film, texts=texts)})


def _read_own_texts(
    order: PackageOrder, plan: Plan, store: Store, settings: Settings
) -> tuple[CaptionTrack, ...]:
    with store.open(order.source_key) as source:
        return read_text_tracks(source, plan, settings)


def _read_sidecars(order: PackageOrder, store: Store) -> Iterator[CaptionTrack]:
    for text in order.texts:
        yield CaptionTrack(
            parse_captions(store.get(text.key)),
            language=text.language,
            title=text.name,
            is_forced=text.is_forced,
            is_sdh=text.is_sdh,
            is_sidecar=True,
        )

"""What chunks made apart, put together: the film, and which file of whose becomes which of the
asset. Pure."""

from collections.abc import Iterator, Mapping
from itertools import chain

from shared.asset import FIRST_SEGMENT
from shared.paths import asset_key, chunk_file_key
from transcoder.cmaf.film import AudioRendition, Film, VideoRendition
from transcoder.cmaf.segments import INIT_NAME
from transcoder.errors import PackageFaulty
from transcoder.input.damage import Tally
from transcoder.planning.ladder import Rung
from transcoder.planning.plan import Plan
from transcoder.steps.checkpoints import ChunkRecord, PlanDocument

Records = Mapping[int, ChunkRecord]
Place = tuple[str, str]


def assemble_film(document: PlanDocument, records: Records) -> Film:
    """The film that all chunks of a plan make together.

    Raises `SourceCorrupt` or `SourceTruncated` when too much could not be decoded, and
    `PackageFaulty` when the chunks do not fit each other.
    """
    plan = document.plan
    _check_damage(plan, records)
    sound = [records[chunk.number] for chunk in document.chunks if chunk.has_sound]
    return Film(
        video=tuple(_join(rung, document, records) for rung in plan.rungs),
        audio=tuple(chain.from_iterable(record.audio for record in sound)),
        duration_s=plan.duration_s,
        peaks=tuple(chain.from_iterable(record.peaks for record in sound)),
    )


def _check_damage(plan: Plan, records: Records) -> None:
    if plan.facts.video is not None:
        tally = Tally(
            good=sum(record.good_pictures for record in records.values()),
            bad=sum(record.bad_pictures for record in records.values()),
            reached_s=max(record.reached_s for record in records.values()),
        )
        tally.check(min(plan.duration_s, plan.facts.video.end_s - plan.start_s))


def _join(rung: Rung, document: PlanDocument, records: Records) -> VideoRendition:
    """A rung's parts in order; each has to go on with the track of the one before."""
    chunks = sorted(
        (chunk for chunk in document.chunks if rung.height in chunk.heights),
        key=lambda chunk: chunk.first,
    )
    first, *others = (_find_part(records[chunk.number], rung) for chunk in chunks)
    if any((part.track, part.codecs) != (first.track, first.codecs) for part in others):
        raise PackageFaulty(f"{first.folder}: parts of different tracks")
    joined = VideoRendition(
        folder=first.folder,
        codecs=first.codecs,
        segments=tuple(chain(first.segments, *(part.segments for part in others))),
        track=first.track,
        rung=first.rung,
    )
    if joined.duration_s != document.plan.duration_s:
        raise PackageFaulty(f"{joined.folder} lasts {float(joined.duration_s):.3f} s")
    return joined


def _find_part(record: ChunkRecord, rung: Rung) -> VideoRendition:
    for part in record.video:
        if part.rung.height == rung.height:
            return part
    raise PackageFaulty(f"a chunk without its rung of {rung.height}")


def list_made_files(job_id: str, document: PlanDocument, records: Records) -> Iterator[Place]:
    """Where the chunks' files lie, and what they are named in the asset."""
    for chunk in document.chunks:
        record = records[chunk.number]
        for rendition in record.video:
            for name in _list_names(rendition, chunk.first):
                yield chunk_file_key(job_id, chunk.number, record.attempt, name), name
        for sound in record.audio:
            for name in _list_names(sound):
                yield chunk_file_key(job_id, chunk.number, record.attempt, name), name


def list_film_files(asset_id: str, film: Film) -> Iterator[Place]:
    """Where an earlier asset's picture and sound lie, and what they are named in any."""
    for rendition in film.renditions:
        for name in _list_names(rendition):
            yield asset_key(asset_id, name), name


def _list_names(
    rendition: VideoRendition | AudioRendition, first: int = FIRST_SEGMENT
) -> Iterator[str]:
    """A rendition's files from segment number `first` on; its beginning comes with the first."""
    if first == FIRST_SEGMENT:
        yield f"{rendition.folder}/{INIT_NAME}"
    for number in range(first, first + len(rendition.segments)):
        yield f"{rendition.folder}/{number}.m4s"

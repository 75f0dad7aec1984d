"""Chunks are put together when they fit each other, and not otherwise."""

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.transcoder.cmaf.test_boxes import AUDIO, VIDEO
from tests.transcoder.orders import ASSET_ID, JOB_ID
from tests.transcoder.plans import make_plan
from transcoder.cmaf.film import AudioRendition, VideoRendition, WrittenSegment
from transcoder.errors import PackageFaulty, SourceCorrupt, SourceTruncated
from transcoder.planning.chunks import Chunk
from transcoder.steps.assembly import Records, assemble_film, list_film_files, list_made_files
from transcoder.steps.checkpoints import ChunkRecord, PlanDocument

PLAN = make_plan(18, size=(640, 360))
CHUNKS = (Chunk(1, has_sound=True), Chunk(2, (360,), 1, 3), Chunk(3, (360,), 3, 4))
DOCUMENT = PlanDocument(plan=PLAN, chunks=CHUNKS, preset="veryfast")
SOUND = AudioRendition("audio/stereo", "mp4a.40.2", (WrittenSegment(9, "", Fraction(18)),), AUDIO)


def make_part(segments: int) -> VideoRendition:
    made = tuple(WrittenSegment(100 + n, "", Fraction(6)) for n in range(segments))
    return VideoRendition("video/360", "avc1.64001e", made, VIDEO, PLAN.rungs[0])


def make_record(attempt: int, video: tuple[VideoRendition, ...] = ()) -> ChunkRecord:
    return ChunkRecord(
        attempt=attempt,
        video=video,
        audio=() if video else (SOUND,),
        peaks=() if video else (0.5,),
        good_pictures=100 if video else 0,
        bad_pictures=0,
        reached_s=Fraction(18) if video else Fraction(0),
        size_bytes=1,
        cpu_s=1.0,
    )


@pytest.fixture
def records() -> dict[int, ChunkRecord]:
    return {
        1: make_record(1),
        2: make_record(4, (make_part(2),)),
        3: make_record(1, (make_part(1),)),
    }


def test_parts_are_joined_in_order(records: Records) -> None:
    film = assemble_film(DOCUMENT, records)
    assert [segment.size_bytes for segment in film.video[0].segments] == [100, 101, 100]
    assert film.audio == (SOUND,)
    assert film.duration_s == 18
    assert film.peaks == (0.5,)


def test_files_are_those_of_the_attempts_that_finished(records: Records) -> None:
    places = {name: key for key, name in list_made_files(JOB_ID, DOCUMENT, records)}
    assert places == {
        "audio/stereo/init.mp4": f"work/{JOB_ID}/1/1/audio/stereo/init.mp4",
        "audio/stereo/1.m4s": f"work/{JOB_ID}/1/1/audio/stereo/1.m4s",
        "video/360/init.mp4": f"work/{JOB_ID}/2/4/video/360/init.mp4",
        "video/360/1.m4s": f"work/{JOB_ID}/2/4/video/360/1.m4s",
        "video/360/2.m4s": f"work/{JOB_ID}/2/4/video/360/2.m4s",
        "video/360/3.m4s": f"work/{JOB_ID}/3/1/video/360/3.m4s",
    }


def test_files_of_an_earlier_asset_keep_their_names(records: Records) -> None:
    film = assemble_film(DOCUMENT, records)
    names = [name for _, name in list_film_files(ASSET_ID, film)]
    assert sorted(names) == sorted(n for _, n in list_made_files(JOB_ID, DOCUMENT, records))
    assert all(key == f"assets/{ASSET_ID}/{name}" for key, name in list_film_files(ASSET_ID, film))


def spoil(record: ChunkRecord, **changes: object) -> ChunkRecord:
    part = replace(record.video[0], **changes)  # type: ignore[arg-type]
    return record.model_copy(update={"video": (part,)})


def test_parts_of_another_track_do_not_fit(records: dict[int, ChunkRecord]) -> None:
    records[3] = spoil(records[3], track=replace(VIDEO, avc_config=b"other"))
    with pytest.raises(PackageFaulty, match="parts of different tracks"):
        assemble_film(DOCUMENT, records)


def test_parts_that_are_too_short_do_not_fit(records: dict[int, ChunkRecord]) -> None:
    records[3] = spoil(records[3], segments=())
    with pytest.raises(PackageFaulty, match=r"lasts 12\.000 s"):
        assemble_film(DOCUMENT, records)


def test_a_chunk_without_its_rung_does_not_fit(records: dict[int, ChunkRecord]) -> None:
    records[3] = records[3].model_copy(update={"video": ()})
    with pytest.raises(PackageFaulty, match="without its rung of 360"):
        assemble_film(DOCUMENT, records)


def test_a_damaged_minute_of_a_long_film_is_borne(records: dict[int, ChunkRecord]) -> None:
    records[2] = records[2].model_copy(update={"bad_pictures": 20})
    assert assemble_film(DOCUMENT, records).duration_s == 18


def test_too_much_damage_in_all_is_corrupt(records: dict[int, ChunkRecord]) -> None:
    records[2] = records[2].model_copy(update={"bad_pictures": 40})
    with pytest.raises(SourceCorrupt):
        assemble_film(DOCUMENT, records)


def test_pictures_that_end_too_early_are_truncated(records: dict[int, ChunkRecord]) -> None:
    for number in (2, 3):
        records[number] = records[number].model_copy(update={"reached_s": Fraction(12)})
    with pytest.raises(SourceTruncated):
        assemble_film(DOCUMENT, records)

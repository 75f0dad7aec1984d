"""Chunks that are encoded apart make the film that was planned, wherever they are cut."""

import io
from dataclasses import replace
from fractions import Fraction
from itertools import groupby, islice, permutations
from pathlib import Path

import av
import numpy as np
import pytest

from shared.jobs import FailureReason
from shared.paths import asset_prefix
from shared.runtime.store.local import LocalStore
from tests.transcoder.clips import Clip, hear, write_clip
from tests.transcoder.orders import (
    ASSET_ID,
    JOB_ID,
    MUTE,
    NOW,
    QUICK,
    SOURCE_KEY,
    Made,
    encode_order,
    package_order,
    read_made,
)
from tests.transcoder.playback import listen, measure_delay_ms, watch
from transcoder.errors import PackageFaulty, TranscodeFailed
from transcoder.input.probe import probe_source
from transcoder.pipeline import make_chunk, make_package
from transcoder.planning.chunks import Chunk
from transcoder.planning.plan import Plan, plan_film
from transcoder.steps.checkpoints import PlanDocument, find_record, keep_plan
from transcoder.steps.encode import encode_chunk

# five segments: three of six seconds, cut as a film of hours is
CLIP = Clip(seconds=15)
NTSC = Fraction(30000, 1001)


def plan_source(source: bytes) -> Plan:
    return plan_film(probe_source(io.BytesIO(source), QUICK), QUICK)


def cut_each_segment(plan: Plan, segments: int = 3) -> tuple[Chunk, ...]:
    """The sound, and a chunk for each segment of each rung."""
    heights = [rung.height for rung in plan.rungs]
    parts = [(height, first) for height in heights for first in range(1, segments + 1)]
    pictures = [
        Chunk(number, (height,), first, first + 1)
        for number, (height, first) in enumerate(parts, start=2)
    ]
    return (Chunk(1, has_sound=True), *pictures)


def make(
    source: bytes, folder: Path, chunks: tuple[Chunk, ...], *, plan: Plan | None = None
) -> Made:
    """The asset of a source that is cut like this, the chunks encoded in the order given."""
    store = LocalStore(folder)
    store.put(SOURCE_KEY, source)
    plan = plan or plan_source(source)
    in_order = tuple(sorted(chunks, key=lambda chunk: chunk.number))
    keep_plan(store, JOB_ID, PlanDocument(plan=plan, chunks=in_order, preset=QUICK.preset))
    for chunk in chunks:
        make_chunk(encode_order(chunk.number), store, QUICK, MUTE)
    make_package(package_order(len(chunks)), store, QUICK, MUTE, now=NOW)
    return read_made(store, folder, ASSET_ID)


def read_all(made: Made) -> dict[str, bytes]:
    return {key: made.store.get(key) for key in made.store.list_keys(asset_prefix(ASSET_ID))}


SOURCES = [
    ("film.mp4", CLIP),
    ("ntsc.mp4", replace(CLIP, rate=NTSC)),
    ("cinema.mkv", replace(CLIP, rate=Fraction(24000, 1001))),
    ("slow.mov", replace(CLIP, rate=Fraction(15))),
    ("fast.mp4", replace(CLIP, rate=Fraction(60))),
    ("web.webm", replace(CLIP, codec="libvpx", audio="libopus")),
    ("ten-bit.mp4", replace(CLIP, codec="libx265", pixels="yuv420p10le")),
    ("late.mkv", replace(CLIP, picture_begins_s=0.7)),
]


@pytest.mark.parametrize(("name", "clip"), SOURCES, ids=[name for name, _ in SOURCES])
def test_a_film_in_chunks_shows_what_it_shows_in_one(name: str, clip: Clip, tmp_path: Path) -> None:
    source = write_clip(tmp_path / name, clip).read_bytes()
    plan = plan_source(source)
    assert plan.facts.is_seekable
    whole = make(source, tmp_path / "whole", (Chunk(1, (180,), 1, 4, has_sound=True),))
    parts = make(source, tmp_path / "parts", cut_each_segment(plan))
    playlist = "video/180/media.m3u8"
    seen = watch(parts.folder / playlist)
    assert seen == watch(whole.folder / playlist)
    assert len(seen) == plan.frames


def test_sound_in_a_chunk_of_its_own_keeps_step(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "film.mp4", CLIP).read_bytes()
    made = make(source, tmp_path / "store", cut_each_segment(plan_source(source)))
    heard = listen(made.folder / "audio/stereo/media.m3u8")
    assert abs(measure_delay_ms(heard, hear(CLIP))) < 1


def test_the_bytes_are_the_same_in_whatever_order_chunks_are_encoded(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "film.mp4", CLIP).read_bytes()
    chunks = cut_each_segment(plan_source(source))
    first, *others = (
        read_all(make(source, tmp_path / str(number), order))
        for number, order in enumerate(islice(permutations(chunks), 0, None, 7))
    )
    assert len(others) == 3
    assert all(files == first for files in others)


@pytest.mark.parametrize("name", ["broadcast.ts", "old.mpg", "windows.avi"])
def test_a_source_that_cannot_be_sought_is_decoded_from_its_beginning(
    name: str, tmp_path: Path
) -> None:
    codec = "mpeg2video" if name.endswith("mpg") else "mpeg4" if name.endswith("avi") else "libx264"
    audio = "aac" if name.endswith("ts") else "mp2"
    clip = Clip(seconds=15, codec=codec, audio=audio)
    source = write_clip(tmp_path / name, clip).read_bytes()
    plan = plan_source(source)
    assert not plan.facts.is_seekable
    made = make(source, tmp_path / "store", cut_each_segment(plan))
    numbers = [picture.number for picture in watch(made.folder / "video/180/media.m3u8")]
    assert numbers == list(range(450))


@pytest.mark.parametrize("name", ["broadcast.ts", "film.mkv"])
def test_where_the_clock_jumps_chunks_fit_as_well(name: str, tmp_path: Path) -> None:
    source = write_clip(tmp_path / name, Clip(seconds=7)).read_bytes() * 2
    plan = plan_source(source)
    assert plan.facts.clock
    assert not plan.facts.is_seekable
    made = make(source, tmp_path / "store", cut_each_segment(plan))
    numbers = [picture.number for picture in watch(made.folder / "video/180/media.m3u8")]
    assert [n for n, _ in groupby(numbers)] == [*range(210), *range(210)]
    assert len(numbers) <= 422


def test_a_place_that_is_sought_in_vain_is_reached_from_the_beginning(tmp_path: Path) -> None:
    """The only key frame is the first, whatever the facts say of seeking."""
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.options = {"preset": "ultrafast", "g": "9999", "keyint_min": "9999"}
        for number in range(240):
            picture = np.full((180, 320, 3), number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    plan = plan_source(path.read_bytes())
    plan = replace(plan, facts=replace(plan.facts, is_seekable=True))
    chunks = (Chunk(1, (180,), 1, 2), Chunk(2, (180,), 2, 3))
    made = make(path.read_bytes(), tmp_path / "store", chunks, plan=plan)
    with av.open(str(made.folder / "video/180/media.m3u8")) as container:
        grey = [frame.to_ndarray(format="gray").mean() for frame in container.decode(video=0)]
    assert np.abs(np.array(grey) - np.arange(240)).max() < 4


def test_the_last_picture_stands_in_chunks_behind_it(tmp_path: Path) -> None:
    clip = replace(CLIP, seconds=5, sound_s=15.0)
    source = write_clip(tmp_path / "film.mp4", clip).read_bytes()
    made = make(source, tmp_path / "store", cut_each_segment(plan_source(source)))
    numbers = [picture.number for picture in watch(made.folder / "video/180/media.m3u8")]
    assert numbers == [*range(150), *[149] * 300]


def test_a_chunk_without_any_picture_is_corrupt(tmp_path: Path) -> None:
    source = bytearray(write_clip(tmp_path / "film.mkv", CLIP).read_bytes())
    plan = plan_source(bytes(source))
    for place in range(source.index(b"\x1f\x43\xb6\x75") + 100, len(source) - 2000, 50):
        source[place : place + 40] = bytes(40)
    with pytest.raises(TranscodeFailed) as refusal:
        make(bytes(source), tmp_path / "store", cut_each_segment(plan), plan=plan)
    assert refusal.value.reason == FailureReason.CORRUPT


def test_sound_is_given_up_when_the_pictures_fail(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "film.mp4", CLIP).read_bytes()
    plan = plan_source(source)
    chunk = Chunk(1, (180,), 1, 4, has_sound=True)

    def fail(name: str, _content: bytes) -> str:
        if name.startswith("video"):
            raise PackageFaulty(name)
        return ""

    with pytest.raises(PackageFaulty):
        encode_chunk(
            lambda: io.BytesIO(source), plan, chunk, QUICK, sink=fail, report=lambda *_: None
        )


def test_a_chunk_that_is_not_what_was_written_is_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_clip(tmp_path / "film.mp4", Clip()).read_bytes()
    put = LocalStore.put

    def put_and_spoil(store: LocalStore, key: str, content: bytes, *, create: bool = False) -> None:
        put(store, key, content[:-1] if key.endswith(".m4s") else content, create=create)

    monkeypatch.setattr(LocalStore, "put", put_and_spoil)
    with pytest.raises(PackageFaulty, match="is not the file that was written"):
        make(source, tmp_path / "store", (Chunk(1, (180,), 1, 2),))
    assert find_record(LocalStore(tmp_path / "store"), JOB_ID, 1) is None

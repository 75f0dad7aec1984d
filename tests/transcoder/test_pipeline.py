"""Every source becomes the film it shows, or is refused with its reason."""

import io
from collections.abc import Callable, Iterable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from shared.asset import parse_asset
from shared.hls.multivariant import parse_multivariant
from shared.jobs import FailureReason, SidecarText
from shared.paths import asset_document_key, asset_prefix, original_key, plan_key
from shared.runtime.store.interface import ObjectExists, ObjectMissing
from shared.runtime.store.local import LocalStore
from tests.transcoder.clips import PHONE_MATRIX, Clip, hear, write_clip
from tests.transcoder.orders import (
    ASSET_ID,
    JOB_ID,
    MUTE,
    NOW,
    QUICK,
    SOURCE_KEY,
    VIDEO_ID,
    Made,
    encode_order,
    package_order,
    plan_order,
    read_made,
    transcode,
)
from tests.transcoder.playback import RATE_HZ, listen, measure_delay_ms, seek, watch
from tests.transcoder.sounds import Track, make_noise, write_tracks
from transcoder.cmaf.init_reader import SampleEntry
from transcoder.errors import TranscodeFailed
from transcoder.inspect import fragmented
from transcoder.inspect.decoding import count_decoded
from transcoder.pipeline import make_chunk, make_package, make_plan
from transcoder.progress import Meter, Progress
from transcoder.settings import Settings

OTHER_ID = "0198c0de-0000-7000-8000-000000000009"
THIRD_ID = "0198c0de-0000-7000-8000-00000000000a"
NTSC = Fraction(30000, 1001)


def make(tmp_path: Path, name: str, clip: Clip) -> Made:
    return transcode(write_clip(tmp_path / name, clip).read_bytes(), tmp_path / "store")


def rung(made: Made, height: int) -> Path:
    return made.folder / f"video/{height}/media.m3u8"


def sound(made: Made) -> Path:
    return made.folder / "audio/stereo/media.m3u8"


@pytest.mark.parametrize("height", [360, 480, 720])
def test_the_demo_film_plays_on_every_rung(film: Made, height: int) -> None:
    pictures = watch(rung(film, height))
    assert [picture.number for picture in pictures] == list(range(210))
    assert [round(picture.time_s * 30) for picture in pictures] == list(range(210))
    assert min(pictures[0].size) == height


def test_picture_and_sound_start_together(film: Made) -> None:
    with av.open(str(film.folder / "main.m3u8"), "r") as container:
        assert {stream.start_time for stream in container.streams} == {0}
        assert container.duration == pytest.approx(7_000_000, abs=50_000)


@pytest.mark.parametrize("time_s", [0.0, 1.5, 2.0, 5.9, 6.0, 6.5])
@pytest.mark.parametrize("height", [360, 720])
def test_a_seek_lands_on_the_picture_of_that_moment(film: Made, height: int, time_s: float) -> None:
    assert seek(rung(film, height), time_s).number == round(time_s * 30)


def test_the_segments_of_a_rung_play_alone(film: Made) -> None:
    folder = rung(film, 360).parent
    init = (folder / "init.mp4").read_bytes()
    content = io.BytesIO(init + (folder / "2.m4s").read_bytes())
    with av.open(content, "r") as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 30
    assert frames[0].time == pytest.approx(6)


SHAPES = [
    ("phone.mp4", Clip(size=(180, 320), turns=1, matrix=PHONE_MATRIX), (180, 320)),
    (
        "phone-other-way.mp4",
        Clip(size=(180, 320), turns=3, matrix=(0, -65536, 0, 65536, 0, 0, 0, 0, 1 << 30)),
        (180, 320),
    ),
    (
        "upside-down.mp4",
        Clip(turns=2, matrix=(-65536, 0, 0, 0, -65536, 0, 0, 0, 1 << 30)),
        (320, 180),
    ),
    ("odd.mp4", Clip(size=(321, 181), pixels="yuv444p"), (320, 180)),
    ("anamorphic.mp4", Clip(pixel_aspect=Fraction(4, 3)), (426, 180)),
    ("matroska.mkv", Clip(), (320, 180)),
    ("broadcast.ts", Clip(), (320, 180)),
    ("flash.flv", Clip(), (320, 180)),
    ("web.webm", Clip(codec="libvpx", audio="libopus"), (320, 180)),
    ("camera.mov", Clip(codec="prores_ks", pixels="yuv422p10le", audio="pcm_s16le"), (320, 180)),
    ("old.mpg", Clip(codec="mpeg2video", audio="mp2"), (320, 180)),
    ("ten-bit.mp4", Clip(codec="libx265", pixels="yuv420p10le"), (320, 180)),
    ("windows.wmv", Clip(codec="wmv2", audio=None), (320, 180)),
]


@pytest.mark.parametrize(("name", "clip", "size"), SHAPES, ids=[shape[0] for shape in SHAPES])
def test_pictures_of_any_shape_come_out_upright_and_whole(
    name: str, clip: Clip, size: tuple[int, int], tmp_path: Path
) -> None:
    made = make(tmp_path, name, clip)
    pictures = watch(rung(made, min(size)))
    assert {picture.size for picture in pictures} == {size}
    assert [picture.number for picture in pictures] == list(range(60))


@pytest.mark.parametrize(
    ("rate", "frames", "numbers"),
    [
        pytest.param(Fraction(24000, 1001), 48, list(range(48)), id="23.976"),
        pytest.param(NTSC, 60, list(range(60)), id="29.97"),
        pytest.param(Fraction(25), 50, list(range(50)), id="25"),
        pytest.param(Fraction(15), 60, [n // 2 for n in range(60)], id="15"),
        pytest.param(Fraction(60), 60, list(range(0, 120, 2)), id="60, low rung"),
        pytest.param(Fraction(120), 60, list(range(1, 240, 4)), id="120, low rung"),
    ],
)
def test_pictures_come_at_an_even_standard_rate(
    rate: Fraction, frames: int, numbers: list[int], tmp_path: Path
) -> None:
    made = make(tmp_path, "clip.mp4", Clip(rate=rate))
    assert [picture.number for picture in watch(rung(made, 180))] == numbers
    assert len(numbers) == frames


def test_pictures_at_uneven_times_are_shown_when_they_should_be(tmp_path: Path) -> None:
    times = [0, 0.031, 0.07, 0.1, 0.5, 0.53, 0.57, 0.6, 0.633, 0.66, 1.2, 1.231, 1.26, 1.3, 1.9]
    made = make(tmp_path, "clip.mp4", Clip(times_s=times))
    for picture in watch(rung(made, 180))[:-1]:
        assert times[picture.number] <= picture.time_s + 0.02
        assert picture.time_s <= times[min(picture.number + 1, len(times) - 1)] + 0.02


SOUNDS = [
    ("stereo.mp4", Clip()),
    ("mono.mp4", Clip(layout="mono", rate_hz=44_100)),
    ("surround.mp4", Clip(layout="5.1")),
    ("uncompressed.mov", Clip(audio="pcm_s16le", rate_hz=44_100)),
    ("opus.mkv", Clip(audio="libopus")),
    ("broadcast.ts", Clip()),
    ("sound-alone.m4a", Clip(codec=None)),
    ("sound-alone.mp3", Clip(codec=None, audio="libmp3lame")),
    ("sound-alone.wav", Clip(codec=None, audio="pcm_s16le")),
    ("sound-alone.flac", Clip(codec=None, audio="flac")),
    ("sound-alone.ogg", Clip(codec=None, audio="libopus")),
]


@pytest.mark.parametrize(("name", "clip"), SOUNDS, ids=[name for name, _ in SOUNDS])
def test_sound_of_any_kind_keeps_its_place(name: str, clip: Clip, tmp_path: Path) -> None:
    made = make(tmp_path, name, clip)
    assert abs(measure_delay_ms(listen(sound(made)), hear(clip))) < 1


@pytest.mark.parametrize(
    ("clip", "duration_ms", "first_number", "delay_ms"),
    [
        pytest.param(Clip(sound_begins_s=0.7), 2700, 0, 700, id="sound begins later"),
        pytest.param(Clip(picture_begins_s=0.7), 2700, 0, 0, id="picture begins later"),
        pytest.param(Clip(sound_s=3.5), 3533, 0, 0, id="sound ends later"),
        pytest.param(Clip(sound_s=1.0), 2000, 0, 0, id="sound ends earlier"),
    ],
)
def test_picture_and_sound_keep_step(
    clip: Clip, duration_ms: int, first_number: int, delay_ms: int, tmp_path: Path
) -> None:
    made = make(tmp_path, "clip.mkv", clip)
    heard, seen = listen(sound(made)), watch(rung(made, 180))
    assert made.asset.duration_ms == duration_ms
    assert measure_delay_ms(heard, hear(clip)) == pytest.approx(delay_ms, abs=1.5)
    assert seen[0].number == first_number
    shift = round(clip.picture_begins_s * 30)
    assert [p.number for p in seen[shift:60]] == list(range(60 - shift))
    assert heard.shape[1] / 48 == pytest.approx(duration_ms, abs=22)


@pytest.mark.parametrize("begins_s", [0.0, 20.0], ids=["anew", "ahead"])
def test_a_clock_that_jumps_loses_nothing(begins_s: float, tmp_path: Path) -> None:
    parts = [
        write_clip(tmp_path / "part.ts", Clip(picture_begins_s=at, sound_begins_s=at)).read_bytes()
        for at in (0.0, begins_s)
    ]
    made = transcode(b"".join(parts), tmp_path / "store")
    seen, heard = watch(rung(made, 180)), listen(sound(made))
    assert [p.number for p in seen] == [*range(60), 59, *range(60)]
    both = np.split(heard, [round(seen[61].time_s * RATE_HZ)], axis=1)
    for part in both:
        assert abs(measure_delay_ms(part, hear(Clip()))) <= 17


def test_the_last_picture_stands_while_sound_goes_on(tmp_path: Path) -> None:
    made = make(tmp_path, "clip.mp4", Clip(sound_s=3.5))
    assert {picture.number for picture in watch(rung(made, 180))[60:]} == {59}


def test_a_single_picture_stands_as_long_as_its_sound(tmp_path: Path) -> None:
    made = make(tmp_path, "clip.mp4", Clip(times_s=[0.0], sound_s=2.0))
    assert made.asset.duration_ms == pytest.approx(2000, abs=50)
    assert {picture.number for picture in watch(rung(made, 180))} == {0}


def test_a_single_picture_alone_is_a_film_of_one_picture(tmp_path: Path) -> None:
    made = make(tmp_path, "clip.mp4", Clip(times_s=[0.0], audio=None))
    assert len(watch(rung(made, 180))) == 1


def test_a_silent_film_has_no_sound(tmp_path: Path) -> None:
    made = make(tmp_path, "clip.mp4", Clip(audio=None))
    assert [rendition.kind for rendition in made.asset.renditions] == ["video"]
    assert "AUDIO" not in (made.folder / "main.m3u8").read_text()


def test_sound_alone_in_surround_is_an_asset_with_both(tmp_path: Path) -> None:
    made = make(tmp_path, "clip.flac", Clip(codec=None, audio="flac", layout="5.1"))
    assert [rendition.channels for rendition in made.asset.renditions] == [2, 6]
    with av.open(str(made.folder / "main.m3u8"), "r") as container:
        assert {stream.channels for stream in container.streams.audio} == {2, 6}


def test_sound_alone_may_be_in_surround_in_one_of_its_languages(tmp_path: Path) -> None:
    path = write_tracks(
        tmp_path / "sound.mka",
        Track(make_noise(RATE_HZ, 2), language="eng"),
        Track(make_noise(RATE_HZ, 6), "5.1", language="ger"),
    )
    made = transcode(path.read_bytes(), tmp_path / "store")
    assert [rendition.id for rendition in made.asset.renditions] == [
        "stereo",
        "stereo_2",
        "surround_2",
    ]


def test_sound_alone_is_an_asset_with_a_poster(tmp_path: Path) -> None:
    made = make(tmp_path, "clip.m4a", Clip(codec=None))
    names = {file.name for file in made.asset.files}
    assert names == {
        "main.m3u8",
        "audio/stereo/init.mp4",
        "audio/stereo/media.m3u8",
        "poster/1.jpg",
        "poster/poster.jpg",
    }
    with av.open(str(made.folder / "main.m3u8"), "r") as container:
        assert [stream.type for stream in container.streams] == ["audio"]


def damage(content: bytes, flips: int) -> bytes:
    rng = np.random.default_rng(flips)
    damaged = bytearray(content)
    for place in rng.integers(len(content) // 10, len(content) * 9 // 10, flips):
        damaged[place] ^= 1 << int(rng.integers(8))
    return bytes(damaged)


Spoil = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("name", "spoil", "reason"),
    [
        pytest.param("a.mp4", lambda c: c[: len(c) // 2], FailureReason.TRUNCATED, id="half mp4"),
        pytest.param("a.mkv", lambda c: c[: len(c) // 2], FailureReason.TRUNCATED, id="half mkv"),
        pytest.param("a.flv", lambda c: c[: len(c) // 2], FailureReason.TRUNCATED, id="half flv"),
        pytest.param("a.mp4", lambda c: damage(c, 2000), FailureReason.CORRUPT, id="flipped mp4"),
        pytest.param("a.mkv", lambda c: damage(c, 500), FailureReason.CORRUPT, id="flipped mkv"),
        pytest.param("a.mp4", lambda _: b"", FailureReason.NO_MEDIA, id="no bytes"),
        pytest.param("a.mp4", lambda _: b"words\n" * 99, FailureReason.UNSUPPORTED, id="text"),
    ],
)
def test_spoilt_sources_are_refused_and_leave_no_asset(
    name: str, spoil: Spoil, reason: FailureReason, tmp_path: Path
) -> None:
    source = write_clip(tmp_path / name, Clip(seconds=4)).read_bytes()
    with pytest.raises(TranscodeFailed) as refusal:
        transcode(spoil(source), tmp_path / "store")
    assert refusal.value.reason == reason
    assert not LocalStore(tmp_path / "store").exists(asset_document_key(ASSET_ID))


@pytest.mark.parametrize("flips", [1, 5, 20, 50, 200])
def test_damage_ends_in_an_asset_or_a_reason(flips: int, clip: bytes, tmp_path: Path) -> None:
    with suppress(TranscodeFailed):
        assert transcode(damage(clip, flips), tmp_path).asset.duration_ms > 0


@pytest.mark.parametrize("size", [(16, 16), (2, 2), (640, 16), (16, 640)], ids=str)
def test_tiny_and_narrow_pictures_become_films(size: tuple[int, int], tmp_path: Path) -> None:
    source = tmp_path / "clip.mkv"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(*size, "yuv420p")))
        container.mux(stream.encode(None))
    made = transcode(source.read_bytes(), tmp_path / "store")
    assert made.asset.renditions[0].frame_width_px == size[0]


def test_a_film_that_hides_its_length_is_stopped(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.ts", Clip(times_s=[0.0, 0.04, 90.0])).read_bytes()
    with pytest.raises(TranscodeFailed) as refusal:
        transcode(source, tmp_path / "store", Settings(max_duration_s=60))
    assert refusal.value.reason == FailureReason.TOO_LONG


def test_the_same_source_gives_the_same_bytes(demo: Path, film: Made, tmp_path: Path) -> None:
    again = transcode(demo.read_bytes(), tmp_path)
    for key in film.store.list_keys(asset_prefix(ASSET_ID)):
        assert again.store.get(key) == film.store.get(key), key
    assert again.asset == film.asset


def test_the_document_says_what_is_in_the_store(film: Made) -> None:
    document = film.store.get(asset_document_key(ASSET_ID))
    assert parse_asset(document) == film.asset
    assert film.asset.created_at == NOW
    assert film.asset.duration_ms == 7000


def test_an_asset_is_never_made_twice(small: Made) -> None:
    with pytest.raises(ObjectExists):
        make_package(package_order(), small.store, QUICK, MUTE, now=NOW)


def test_a_missing_source_is_an_error_of_the_store(store: LocalStore) -> None:
    with pytest.raises(ObjectMissing):
        make_plan(plan_order(), store, QUICK, MUTE)


def listen_in(told: list[Progress]) -> Meter:
    """A meter that is heard whenever it is told anything."""
    ticks = iter(range(100_000))
    return Meter(told.append, clock=lambda: float(next(ticks)))


def test_progress_of_a_chunk_rises_to_the_end(clip: bytes, store: LocalStore) -> None:
    store.put(SOURCE_KEY, clip)
    make_plan(plan_order(), store, QUICK, MUTE)
    told: list[Progress] = []
    make_chunk(encode_order(), store, QUICK, listen_in(told))
    fractions = [progress.fraction for progress in told]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < 0.2
    assert 0.5 < fractions[-1] <= 1
    assert told[-1].rungs["180"] > 0.5


def test_too_small_a_disk_is_refused_before_encoding(
    clip: bytes, store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(SOURCE_KEY, clip)
    needed = make_plan(plan_order(is_dry_run=True), store, QUICK, MUTE).disk_bytes_needed
    monkeypatch.setattr(LocalStore, "free_bytes", lambda _: needed - 1)
    with pytest.raises(TranscodeFailed, match=f"{needed} bytes are needed") as refusal:
        make_plan(plan_order(), store, QUICK, MUTE)
    assert refusal.value.reason == FailureReason.DISK_FULL
    assert not store.exists(plan_key(JOB_ID))


@pytest.mark.parametrize("free", [10**12, None], ids=["enough", "nobody knows"])
def test_a_plan_that_fits_is_kept(
    free: int | None, clip: bytes, store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(SOURCE_KEY, clip)
    monkeypatch.setattr(LocalStore, "free_bytes", lambda _: free)
    make_plan(plan_order(), store, QUICK, MUTE)
    assert store.exists(plan_key(JOB_ID))


def copy_asset(made: Made, folder: Path) -> LocalStore:
    """A store of its own, to be changed."""
    store = LocalStore(folder)
    for key in made.store.list_keys(asset_prefix(ASSET_ID)):
        store.put(key, made.store.get(key))
    return store


def test_an_asset_of_an_earlier_one_needs_no_encode(small: Made, tmp_path: Path) -> None:
    store = copy_asset(small, tmp_path)
    order = package_order(0, base_asset_id=ASSET_ID, asset_id=OTHER_ID)
    report = make_package(order, store, QUICK, MUTE, now=NOW)
    store.delete_prefix(asset_prefix(ASSET_ID))
    made = read_made(store, tmp_path, OTHER_ID)
    assert (report.asset_id, report.heights) == (OTHER_ID, (180,))
    assert made.asset == small.asset.model_copy(update={"asset_id": OTHER_ID})
    assert len(watch(rung(made, 180))) == 120


SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


def test_new_captions_and_another_poster_need_no_encode(film: Made, tmp_path: Path) -> None:
    store = copy_asset(film, tmp_path)
    key = original_key(VIDEO_ID, OTHER_ID)
    store.put(key, SRT)
    text = SidecarText(key=key, language="en", name="English")
    chosen = next(n for n, poster in enumerate(film.asset.posters) if not poster.is_chosen)
    order = package_order(
        0, base_asset_id=ASSET_ID, asset_id=OTHER_ID, texts=(text,), poster=chosen
    )
    make_package(order, store, QUICK, MUTE, now=NOW)
    made = read_made(store, tmp_path, OTHER_ID)
    assert made.asset.renditions == film.asset.renditions
    assert [(text.name, text.is_sidecar) for text in made.asset.texts] == [("English", True)]
    assert "Hello" in (made.folder / made.asset.texts[0].file).read_text()
    assert [poster.is_chosen for poster in made.asset.posters].index(True) == chosen
    again = package_order(0, base_asset_id=OTHER_ID, asset_id=THIRD_ID)
    make_package(again, store, QUICK, MUTE, now=NOW)
    assert read_made(store, tmp_path, THIRD_ID).asset.texts == ()


def test_captions_may_weigh_as_much_as_the_picture(small: Made, tmp_path: Path) -> None:
    """Dense ones beside a picture in which nothing moves."""
    store = copy_asset(small, tmp_path)
    key = original_key(VIDEO_ID, OTHER_ID)
    store.put(key, SRT.replace(b"Hello", b"la " * 100_000))
    text = SidecarText(key=key, language="en", name="English")
    order = package_order(0, base_asset_id=ASSET_ID, asset_id=OTHER_ID, texts=(text,))
    make_package(order, store, QUICK, MUTE, now=NOW)
    made = read_made(store, tmp_path, OTHER_ID)
    (variant,) = parse_multivariant((made.folder / "main.m3u8").read_text()).variants
    assert variant.bandwidth_bps > 300_000 * 8 / 4


@pytest.mark.parametrize("decodes_all", [False, True])
def test_a_film_is_decoded_whole_where_the_site_wants_it(
    decodes_all: bool, small: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: list[SampleEntry] = []

    def count(entry: SampleEntry, samples: Iterable[bytes]) -> int:
        whole.append(entry)
        return count_decoded(entry, samples)

    monkeypatch.setattr(fragmented, "count_decoded", count)
    order = package_order(0, base_asset_id=ASSET_ID, asset_id=OTHER_ID)
    settings = QUICK.model_copy(update={"decodes_all": decodes_all})
    make_package(order, copy_asset(small, tmp_path), settings, MUTE, now=NOW)
    assert {entry.decoder for entry in whole} == ({"h264", "aac"} if decodes_all else set())


def test_an_asset_of_one_that_is_gone_is_an_error_of_the_store(store: LocalStore) -> None:
    order = package_order(0, base_asset_id=ASSET_ID, asset_id=OTHER_ID)
    with pytest.raises(ObjectMissing):
        make_package(order, store, QUICK, MUTE, now=NOW)


def test_what_is_encoded_lies_in_the_store_once(small: Made) -> None:
    for file in (small.folder / "video/180").glob("*.m4s"):
        assert file.stat().st_nlink == 2

"""What a source holds is measured; what is no source is refused with its reason."""

import io
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from shared.jobs import FailureReason
from tests.transcoder.clips import PHONE_MATRIX, Clip, write_clip
from tests.transcoder.text.test_text_tracks import mux
from transcoder.errors import TranscodeFailed
from transcoder.input.facts import SourceFacts
from transcoder.input.packet_scan import measure_frame_rate
from transcoder.input.probe import probe_source
from transcoder.settings import Settings

GENEROUS = Settings()
MILLISECOND = Fraction(1, 1000)


def probe(content: bytes, settings: Settings = GENEROUS) -> SourceFacts:
    return probe_source(io.BytesIO(content), settings)


def refuse(content: bytes, settings: Settings = GENEROUS) -> FailureReason:
    with pytest.raises(TranscodeFailed) as refusal:
        probe(content, settings)
    return refusal.value.reason


def test_picture_and_sound_are_measured(clip: bytes) -> None:
    facts = probe(clip)
    assert facts.duration_s == pytest.approx(4, abs=0.05)
    assert facts.video is not None
    assert (facts.video.width, facts.video.height) == (320, 180)
    assert facts.video.frame_rate == 30
    (audio,) = facts.audio
    assert (audio.start_s, audio.channels, audio.layout) == (Fraction(0), 2, "stereo")


@pytest.mark.parametrize(
    ("name", "clip", "display_size"),
    [
        ("plain.mkv", Clip(), (320, 180)),
        ("phone.mp4", Clip(size=(180, 320), turns=1, matrix=PHONE_MATRIX), (180, 320)),
        ("wide.mp4", Clip(pixel_aspect=Fraction(4, 3)), (427, 180)),
        ("odd.mp4", Clip(size=(321, 181), pixels="yuv444p"), (321, 181)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_display_size(name: str, clip: Clip, display_size: tuple[int, int], tmp_path: Path) -> None:
    facts = probe(write_clip(tmp_path / name, clip).read_bytes())
    assert facts.video is not None
    assert facts.video.display_size() == display_size


def test_sound_alone_has_no_video(tmp_path: Path) -> None:
    facts = probe(write_clip(tmp_path / "sound.m4a", Clip(codec=None)).read_bytes())
    assert facts.video is None
    assert len(facts.audio) == 1


@pytest.mark.parametrize("max_pixels", [64 * 64, 63 * 64], ids=["small", "larger than pictures"])
def test_a_cover_is_no_picture(max_pixels: int, tmp_path: Path) -> None:
    path = tmp_path / "cover.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        cover = container.add_stream("mjpeg")
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        sound = container.add_stream("aac", rate=48000, layout="stereo")
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        container.mux(cover.encode(frame.reformat(format="yuvj420p")))
        container.mux(cover.encode(None))
        silence = av.AudioFrame.from_ndarray(
            np.zeros((2, 48000), np.float32), format="fltp", layout="stereo"
        )
        silence.sample_rate = 48000
        container.mux(sound.encode(silence))
        container.mux(sound.encode(None))
    facts = probe(path.read_bytes(), Settings(max_pixels=max_pixels))
    assert facts.video is None
    assert len(facts.audio) == 1


SDP = b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" + (
    b"m=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", FailureReason.NO_MEDIA, id="no bytes"),
        pytest.param(b"hello, world\n" * 400, FailureReason.UNSUPPORTED, id="text"),
        pytest.param(
            b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nfile:///etc/passwd\n",
            FailureReason.UNSUPPORTED,
            id="m3u8",
        ),
        pytest.param(
            b"ffconcat version 1.0\nfile '/etc/passwd'\n", FailureReason.UNSUPPORTED, id="concat"
        ),
        pytest.param(SDP, FailureReason.UNSUPPORTED, id="SDP"),
        pytest.param(
            b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
            FailureReason.UNSUPPORTED,
            id="SVG",
        ),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(100), FailureReason.UNSUPPORTED, id="PNG"),
        pytest.param(
            b"WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n", FailureReason.UNSUPPORTED, id="captions"
        ),
        pytest.param(
            np.random.default_rng(0).integers(0, 256, 200_000, np.uint8).tobytes(),
            FailureReason.UNSUPPORTED,
            id="noise",
        ),
    ],
)
def test_what_is_no_source_is_refused(content: bytes, reason: FailureReason) -> None:
    assert refuse(content) == reason


Change = Callable[[bytes], bytes]


def put_index_first(clip: bytes, path: Path) -> bytes:
    """The clip with its index before the media, as players like it."""
    with (
        av.open(io.BytesIO(clip), "r") as source,
        av.open(str(path), "w", options={"movflags": "faststart"}) as target,
    ):
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                target.mux(packet)
    return path.read_bytes()


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(lambda clip: clip[: len(clip) // 2], id="half of it"),
        pytest.param(lambda clip: clip[: clip.index(b"moov") - 4], id="without its index"),
        pytest.param(lambda clip: clip[:-10], id="ten bytes short"),
        pytest.param(lambda clip: clip[:40], id="hardly begun"),
    ],
)
def test_a_truncated_mp4_is_refused(cut: Change, clip: bytes) -> None:
    assert refuse(cut(clip)) == FailureReason.TRUNCATED


def test_an_mp4_with_its_index_first_is_refused_when_truncated(clip: bytes, tmp_path: Path) -> None:
    whole = put_index_first(clip, tmp_path / "clip.mp4")
    assert whole.index(b"moov") < whole.index(b"mdat")
    probe(whole)
    assert refuse(whole[: len(whole) * 3 // 4]) == FailureReason.TRUNCATED


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(b"any bytes that are no box at all", id="bytes"),
        pytest.param(struct.pack(">I4s", 0, b"free"), id="a box up to the end"),
        pytest.param(struct.pack(">I4sQ", 1, b"free", 20) + bytes(4), id="a large box"),
    ],
)
def test_an_mp4_may_have_more_behind_it(rest: bytes, clip: bytes) -> None:
    assert probe(clip + rest).video is not None


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"max_source_bytes": 1000}, FailureReason.TOO_LARGE),
        ({"max_pixels": 320 * 180 - 1}, FailureReason.TOO_LARGE),
        ({"max_duration_s": 3}, FailureReason.TOO_LONG),
    ],
    ids=str,
)
def test_a_source_beyond_a_limit_is_refused(
    limits: dict[str, int], reason: FailureReason, clip: bytes
) -> None:
    assert refuse(clip, Settings(**limits)) == reason


def test_the_decoder_is_held_to_the_pixels_too(tmp_path: Path) -> None:
    """A container may understate the size of its pictures."""
    clip = Clip(size=(640, 360), audio=None)
    content = write_clip(tmp_path / "large.mkv", clip).read_bytes()
    for honest, understated in (("b0820280", "b0820020"), ("ba820168", "ba820020")):
        assert content.count(bytes.fromhex(honest)) == 1
        content = content.replace(bytes.fromhex(honest), bytes.fromhex(understated))
    limits = Settings(max_pixels=320 * 180)
    assert refuse(content, limits) in (FailureReason.TOO_LARGE, FailureReason.CORRUPT)


def test_a_picture_of_an_unknown_codec_is_refused(tmp_path: Path) -> None:
    content = write_clip(tmp_path / "clip.mkv", Clip()).read_bytes()
    unknown = content.replace(b"V_MPEG4/ISO/AVC", b"V_MPEG4/ISO/XYZ")
    assert unknown != content
    assert refuse(unknown) == FailureReason.UNSUPPORTED


@pytest.mark.parametrize(
    "clip",
    [Clip(seconds=1, codec="jpeg2000", audio=None), Clip(seconds=1, codec=None, audio="tta")],
    ids=["picture", "sound"],
)
def test_what_no_decoder_is_used_for_is_refused(clip: Clip, tmp_path: Path) -> None:
    content = write_clip(tmp_path / "a.mkv", clip).read_bytes()
    assert refuse(content) == FailureReason.UNSUPPORTED


def test_sound_that_no_decoder_is_used_for_is_left_out(tmp_path: Path) -> None:
    facts = probe(write_clip(tmp_path / "a.mkv", Clip(seconds=1, audio="wavpack")).read_bytes())
    assert facts.audio == ()
    assert facts.warnings == ("stream 1 is left out: audio, wavpack",)


def test_sound_is_found_however_late_it_begins(tmp_path: Path) -> None:
    late = Clip(
        seconds=100, size=(64, 36), rate=Fraction(1), codec="flv", audio="libmp3lame",
        rate_hz=44_100, sound_begins_s=98, sound_s=1,
    )  # fmt: skip
    (sound,) = probe(write_clip(tmp_path / "a.flv", late).read_bytes()).audio
    assert float(sound.start_s) == pytest.approx(98, abs=0.1)


def test_a_codec_that_has_a_number_for_a_name_is_read(tmp_path: Path) -> None:
    clip = Clip(seconds=1, audio="pcm_bluray")
    (audio,) = probe(write_clip(tmp_path / "a.m2ts", clip).read_bytes()).audio
    assert audio.codec == "pcm_bluray"


def test_colours_of_an_unknown_matrix_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        stream.codec_context.colorspace = 8
        for number in range(5):
            frame = av.VideoFrame(64, 36, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert refuse(path.read_bytes()) == FailureReason.UNSUPPORTED


def test_captions_may_be_meant_for_a_longer_film(tmp_path: Path) -> None:
    content = mux(tmp_path, "mkv", "1\n00:00:00,500 --> 27:00:00,000\nFor ever\n").read_bytes()
    facts = probe(content)
    assert facts.duration_s < 3
    assert len(facts.texts) == 1


def test_an_index_without_its_media_is_refused(clip: bytes) -> None:
    assert refuse(clip[clip.index(b"moov") - 4 :]) == FailureReason.TRUNCATED


def times(*steps: float) -> list[int]:
    """Moments one step after the other, written in milliseconds as Matroska does."""
    return [round(moment * 1000) for moment in np.cumsum([0.0, *steps])]


@pytest.mark.parametrize(
    ("moments", "declared", "rate"),
    [
        pytest.param(times(*[1 / 30] * 90), None, 30, id="even"),
        pytest.param(times(*[1001 / 30000] * 200), Fraction(30000, 1001), Fraction(30000, 1001),
                     id="as declared"),
        pytest.param(times(*[1 / 30] * 90), Fraction(5400, 233), 30, id="wrongly declared"),
        pytest.param(times(*[1 / 30] * 20, 5.0, *[1 / 30] * 20), None, 30, id="a pause"),
        pytest.param(times(1 / 25, 90.0), None, 25, id="hardly any"),
        pytest.param(list(reversed(times(*[1 / 25] * 30))), None, 25, id="in any order"),
        pytest.param([0] * 4 + times(*[1 / 25] * 30), None, 25, id="doubled pictures"),
        pytest.param(times(*[0.001, 1 / 15 - 0.001] * 30), None, 15, id="doubled a tick apart"),
        pytest.param(times(*[0.001] * 90), None, 1000, id="a picture a millisecond"),
    ],
)  # fmt: skip
def test_frame_rate_is_measured(
    moments: list[int], declared: Fraction | None, rate: Fraction
) -> None:
    measured = measure_frame_rate(np.array(moments), MILLISECOND, declared)
    assert measured is not None
    assert float(measured) == pytest.approx(float(rate), rel=0.003)


def test_a_screen_that_hardly_moves_lasts_as_long_as_it_is_shown(tmp_path: Path) -> None:
    """Its pictures last, in the order in which they are decoded, for seconds."""
    clip = Clip(seconds=16, times_s=[0, 0.2, 0.4, 5.0, 5.3, 10.1, 15.0, 15.2], audio=None)
    video = probe(write_clip(tmp_path / "a.mp4", clip).read_bytes()).video
    assert video is not None
    assert float(video.end_s) == pytest.approx(15.2, abs=0.3)


def test_one_picture_has_no_rate() -> None:
    assert measure_frame_rate(np.array([1]), MILLISECOND, Fraction(25)) is None


def put_size(content: bytes, size: int) -> bytes:
    return content[:4] + struct.pack("<I", size) + content[8:]


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF, 0x7FFF_FFFF], ids=hex)
def test_a_wav_whose_recorder_was_stopped_is_taken(size: int, tmp_path: Path) -> None:
    clip = Clip(codec=None, audio="pcm_s16le")
    content = write_clip(tmp_path / "a.wav", clip).read_bytes()
    assert probe(put_size(content, size)).audio


@pytest.mark.parametrize("name", ["a.wav", "a.avi", "a.wmv"])
def test_what_is_shorter_than_it_says_is_refused(name: str, tmp_path: Path) -> None:
    picture = {"a.wav": None, "a.avi": "mpeg4", "a.wmv": "wmv2"}[name]
    clip = Clip(codec=picture, audio=None if picture else "pcm_s16le")
    content = write_clip(tmp_path / name, clip).read_bytes()
    probe(content)
    assert refuse(content[: len(content) * 3 // 4]) == FailureReason.TRUNCATED


@pytest.mark.parametrize(
    ("name", "is_seekable"),
    [("a.mp4", True), ("a.mov", True), ("a.mkv", True), ("a.ts", False), ("a.avi", False),
     ("a.flv", False)],
)  # fmt: skip
def test_where_decoding_may_begin_in_the_midst(
    name: str, is_seekable: bool, tmp_path: Path
) -> None:
    clip = Clip(seconds=6, audio=None)
    assert probe(write_clip(tmp_path / name, clip).read_bytes()).is_seekable is is_seekable


def test_one_key_frame_for_long_is_no_place_to_begin(tmp_path: Path) -> None:
    clip = Clip(times_s=[0.0, 10.0, 20.0, 30.0], audio=None)
    assert not probe(write_clip(tmp_path / "a.mp4", clip).read_bytes()).is_seekable


def test_pictures_of_a_container_without_their_times_come_late(tmp_path: Path) -> None:
    content = write_clip(tmp_path / "a.avi", Clip(audio=None)).read_bytes()
    video = probe(content).video
    assert video is not None
    assert video.decode_delay_s == Fraction(2, 30)
    assert (video.start_s, video.end_s) == (Fraction(0), Fraction(2))


def test_too_many_streams_are_refused(clip: bytes) -> None:
    assert refuse(clip, Settings(max_streams=1)) == FailureReason.TOO_LARGE

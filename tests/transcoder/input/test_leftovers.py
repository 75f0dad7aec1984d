"""Of joined files, none is taken of which a part would be missing."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from tests.transcoder.clips import Clip, write_clip
from transcoder.errors import SourceCorrupt, SourceJoined, SourceTruncated
from transcoder.input.facts import SourceFacts
from transcoder.input.probe import probe_source
from transcoder.settings import Settings

SMALL = Clip(size=(64, 36))
SOUND = replace(SMALL, codec=None)


def probe(content: bytes) -> SourceFacts:
    return probe_source(io.BytesIO(content), Settings())


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        ("a.mp4", SMALL),
        ("a.flv", SMALL),
        ("a.wmv", replace(SMALL, codec="wmv2", audio=None)),
        ("a.wav", replace(SOUND, audio="pcm_s16le")),
        ("a.aiff", replace(SOUND, audio="pcm_s16be")),
    ],
    ids=["MP4", "FLV", "WMV", "WAV", "AIFF"],
)
def test_a_second_film_that_would_not_be_read_is_noticed(
    name: str, clip: Clip, tmp_path: Path
) -> None:
    content = write_clip(tmp_path / name, clip).read_bytes()
    probe(content)
    with pytest.raises(SourceJoined, match="another film"):
        probe(content * 2)


def test_streams_that_go_on_under_other_numbers_are_noticed(tmp_path: Path) -> None:
    """As where recordings of two devices are joined."""
    first = write_clip(tmp_path / "a.ts", SMALL).read_bytes()
    numbers = {"mpegts_start_pid": "0x300", "mpegts_pmt_start_pid": "0x1200"}
    second = write_clip(tmp_path / "a.ts", replace(SMALL, options=numbers)).read_bytes()
    probe(second)
    with pytest.raises(SourceJoined, match="0x300, 0x301"):
        probe(first + second)


def test_sound_that_begins_in_the_midst_is_found(tmp_path: Path) -> None:
    silent = write_clip(tmp_path / "a.ts", replace(SMALL, audio=None)).read_bytes()
    facts = probe(silent + write_clip(tmp_path / "a.ts", SMALL).read_bytes())
    assert [round(sound.start_s) for sound in facts.audio] == [SMALL.seconds]


def test_a_stream_that_turns_from_sound_to_picture_is_noticed(tmp_path: Path) -> None:
    first, second = (write_clip(tmp_path / "a.ts", one).read_bytes() for one in (SOUND, SMALL))
    with pytest.raises(SourceJoined, match="the end has video"):
        probe(first + second)


def test_a_programme_in_the_midst_of_another_is_passed_over(tmp_path: Path) -> None:
    first = write_clip(tmp_path / "a.ts", SMALL).read_bytes()
    numbers = {"mpegts_start_pid": "0x300", "mpegts_pmt_start_pid": "0x1200"}
    second = write_clip(tmp_path / "a.ts", replace(SMALL, options=numbers)).read_bytes()
    facts = probe(first + second + first)
    assert len(facts.audio) == 1
    assert facts.duration_s >= 2 * SMALL.seconds


def test_what_stands_behind_a_film_is_not_always_a_film(tmp_path: Path) -> None:
    broadcast = write_clip(tmp_path / "a.ts", SMALL).read_bytes()
    probe(broadcast + bytes(188 * 10_000))
    wave = write_clip(tmp_path / "a.wav", replace(SOUND, audio="pcm_s16le")).read_bytes()
    probe(wave + b"RIFF is how it begins" * 10_000)


def test_packets_without_a_moment_are_a_fault(tmp_path: Path) -> None:
    clip = replace(SMALL, codec="mpeg2video", pixels="yuv422p", audio="pcm_s16le")
    content = write_clip(tmp_path / "a.mxf", clip).read_bytes()
    probe(content)
    with pytest.raises(SourceCorrupt, match="have no moment"):
        probe(content * 2)


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        ("a.ts", Clip()),
        ("a.mpg", Clip(codec="mpeg2video", audio="mp2")),
        ("a.ogg", Clip(codec=None, audio="flac")),
        ("a.mkv", Clip(options={"live": "1"})),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_what_was_never_written_is_told(
    name: str, clip: Clip, share: float, tmp_path: Path
) -> None:
    """As when a download stops for which room was made beforehand."""
    content = write_clip(tmp_path / name, clip).read_bytes()
    assert probe(content).warnings == ()
    written = content[: int(len(content) * share)]
    (warning,) = probe(written.ljust(len(content), b"\0")).warnings
    assert warning.startswith("nothing after byte")


def test_a_flac_that_ends_sooner_than_it_says_is_refused(tmp_path: Path) -> None:
    clip = Clip(codec=None, audio="flac")
    content = write_clip(tmp_path / "a.flac", clip).read_bytes()
    with pytest.raises((SourceCorrupt, SourceTruncated)):
        probe(content[: len(content) // 2])

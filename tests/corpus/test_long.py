"""A film of eleven hours is measured and planned in moments; nobody waits for it to be encoded."""

import resource
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from transcoder.input.probe import probe_source
from transcoder.planning.plan import plan_film
from transcoder.settings import Settings

HOURS = 11
RATE = 25


def write_long(path: Path) -> Path:
    """One group of pictures over and over again."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        stream.codec_context.gop_size = RATE
        group = [
            packet
            for number in range(RATE)
            for packet in stream.encode(_number(av.VideoFrame(64, 36, "yuv420p"), number))
        ]
        contents = [(bytes(packet), packet.is_keyframe) for packet in group]
        for number in range(HOURS * 3600 * RATE):
            content, is_key = contents[number % RATE]
            packet: av.Packet[Any] = av.Packet(content)
            packet.pts = packet.dts = number
            packet.time_base, packet.duration = Fraction(1, RATE), 1
            packet.is_keyframe, packet.stream = is_key, stream
            container.mux(packet)
    return path


def _number(frame: av.VideoFrame, number: int) -> av.VideoFrame:
    frame.pts, frame.time_base = number, Fraction(1, RATE)
    return frame


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize("name", ["long.mp4", "long.mkv"])
def test_a_film_of_eleven_hours_is_planned(name: str, tmp_path: Path) -> None:
    path = write_long(tmp_path / name)
    began = time.monotonic()
    told: list[float] = []
    with path.open("rb") as file:
        facts = probe_source(file, Settings(), report=told.append)
    plan = plan_film(facts, Settings())
    assert facts.is_seekable
    assert plan.frames == HOURS * 3600 * RATE
    assert plan.duration_s == HOURS * 3600
    assert told == sorted(told)
    assert len(told) > 100
    assert time.monotonic() - began < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_000_000

"""Players are made to take another rung, at the start or while they play."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import av
import pytest
from av.container import InputContainer
from av.stream import Discard

from standalone.demo import read_counter
from tests.players import SKILLS, Player, Switching
from tests.stack import Stack
from tests.stack_tokens import sign
from tests.system.clients import PLAYERS, describe_playbin, run_ffmpeg, start
from tests.waiting import wait_for
from tests.wire import Wire

pytestmark = pytest.mark.system

RATE: Final = 30
SECONDS: Final = 24
SWITCH_S: Final = 7.0
# A first segment that takes as long as this makes its rung look too much for the line.
SLOW_S: Final = 5


def list_rungs(wire: Wire, segments: str) -> list[int]:
    """The rungs of which these segments were asked for, in that order."""
    found = (re.search(rf"video/(\d+)/[{segments}]\.m4s$", one.name) for one in wire.exchanges)
    return [int(match[1]) for match in found if match]


@pytest.mark.parametrize(
    ("player", "options", "height"),
    [
        (Player.VLC, ["--adaptive-maxheight=480"], 480),
        (Player.VLC, ["--adaptive-logic=lowest"], 360),
        (Player.MPV, ["--vid=2"], 360),
        (Player.MPV, ["--vid=1"], 720),
        (Player.MPV, ["--hls-bitrate=400000"], 480),
    ],
)
def test_another_rung_is_taken_at_the_start(
    player: Player, options: Sequence[str], height: int, stack: Stack, wire: Wire
) -> None:
    assert SKILLS[player].switching is Switching.AT_THE_START
    ended = PLAYERS[player](sign(stack).url(wire.url), options, seconds=SECONDS)
    assert ended.code == 0, ended.said
    # FFmpeg looks into every rung before it takes one
    assert list_rungs(wire, "34") == [height, height]


@pytest.mark.parametrize(("index", "height"), [(0, 720), (1, 360), (2, 480)])
def test_ffmpeg_takes_the_rung_it_is_told(
    index: int, height: int, stack: Stack, wire: Wire
) -> None:
    assert SKILLS[Player.FFMPEG_5].switching is Switching.AT_THE_START
    ended = run_ffmpeg(sign(stack).url(wire.url), video=index, seconds=SECONDS)
    assert (ended.code, ended.said) == (0, "")
    assert list_rungs(wire, "34") == [height, height]


def test_ffmpeg_8_goes_on_in_another_rung(stack: Stack, wire: Wire) -> None:
    assert SKILLS[Player.FFMPEG_8].switching is Switching.IN_MID_PLAY
    with av.open(sign(stack).url(wire.url)) as film:
        shown = list(switch(film, after_s=SWITCH_S))
    heights, moments = zip(*shown, strict=True)
    assert (heights[0], heights[-1]) == (720, 360)
    assert list(moments) == sorted(moments)
    assert moments[0] == 0
    assert moments[-1] == pytest.approx(SECONDS, abs=0.1)
    assert max(moment for height, moment in shown if height == 720) >= SWITCH_S
    assert list_rungs(wire, "4") == [360]


def switch(film: InputContainer, *, after_s: float) -> Iterator[tuple[int, float]]:
    """Heights and moments of the pictures: of the first rung, then of the second."""
    first, second = film.streams.video[:2]
    for stream in film.streams:
        stream.discard = Discard.all
    chosen, first.discard = first, Discard.default
    clean = True
    for packet in film.demux(first, second):
        if packet.stream is not chosen or not (clean or packet.is_keyframe):
            continue
        clean = True
        for frame in chosen.decode(packet):
            moment = read_counter(frame.to_ndarray(format="rgb24")) / RATE
            yield frame.height, moment
            if moment >= after_s and chosen is first:
                chosen, clean = second, False
                first.discard, second.discard = Discard.all, Discard.default


@pytest.mark.parametrize("player", [Player.PLAYBIN, Player.PLAYBIN_3])
def test_gstreamer_goes_down_when_the_line_is_slow(
    player: Player, stack: Stack, wire: Wire
) -> None:
    assert SKILLS[player].switching is Switching.IN_MID_PLAY
    wire.delay(r"video/720/1\.m4s", by_s=SLOW_S)
    element = "playbin" if player is Player.PLAYBIN else "playbin3"
    with start(*describe_playbin(element, sign(stack).url(wire.url))):
        wait_for(lambda: len(list_rungs(wire, "12")) == 2, what="the rungs", within_s=20)
    first, second = list_rungs(wire, "12")
    assert first == 720
    assert second < first

"""Players play to the end and jump: by what they say, show, and ask the edge for.

ffmpeg and FFmpeg do it in test_ffmpeg and test_playback.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import av
import pytest

from standalone.demo import read_counter
from tests.players import SKILLS, Player, Seeking
from tests.stack import Stack
from tests.stack_tokens import sign
from tests.system.clients import run, run_mpv, run_vlc
from tests.wire import Wire

pytestmark = pytest.mark.system

SECONDS: Final = 24
RATE: Final = 30

# Waits until all of the film is in its cache, since this version's FFmpeg jumps to nowhere
# in any fMP4 stream; then jumps.
JUMP_IN_CACHE: Final = """
local jumped = false
mp.observe_property("demuxer-cache-time", "native", function(_, cached)
  if not jumped and cached and cached > 23.5 then
    jumped = true
    mp.commandv("seek", "{target}", "absolute", "exact")
  end
end)
mp.register_event("playback-restart", function()
  if jumped then mp.set_property("pause", "no") end
end)
mp.observe_property("time-pos", "number", function(_, moment)
  if jumped and moment and moment > {target} + 0.1 then mp.commandv("quit") end
end)
"""


def list_segments(wire: Wire) -> list[int]:
    """The numbers of the video's segments in the order they were asked for."""
    found = (re.search(r"video/\d+/(\d)\.m4s$", exchange.name) for exchange in wire.exchanges)
    return [int(match[1]) for match in found if match]


def play_in_gstreamer(player: Player, url: str, *options: str) -> str:
    element = ["--use-playbin3"] if player is Player.PLAYBIN_3 else []
    sinks = [f"--{kind}sink=fakesink sync=false" for kind in ("video", "audio")]
    ended = run("gst-play-1.0", *element, "--no-interactive", *sinks, *options, url)
    assert ended.code == 0, ended.said
    return ended.said


@pytest.mark.parametrize("player", [Player.PLAYBIN, Player.PLAYBIN_3])
def test_gstreamer_plays_to_the_end(player: Player, stack: Stack, wire: Wire) -> None:
    said = play_in_gstreamer(player, sign(stack).url(wire.url))
    assert "/ 0:00:24.0" in said
    assert "Reached end of play list." in said
    assert list_segments(wire) == [1, 2, 3, 4]


def test_mpv_plays_to_the_end(stack: Stack, wire: Wire) -> None:
    ended = run_mpv(
        sign(stack).url(wire.url), ["--term-playing-msg=${=duration} s"], seconds=SECONDS
    )
    assert (ended.code, "24.000000 s" in ended.said) == (0, True), ended.said
    assert "Exiting... (End of file)" in ended.said


def test_vlc_plays_to_the_end(stack: Stack, wire: Wire) -> None:
    ended = run_vlc(sign(stack).url(wire.url), ["--verbose=2"], seconds=SECONDS)
    assert ended.code == 0
    assert f"playlist Start/End 0/{SECONDS}000000" in ended.said
    assert list_segments(wire) == [1, 2, 3, 4]


@pytest.mark.parametrize("player", [Player.PLAYBIN, Player.PLAYBIN_3])
@pytest.mark.parametrize(("target_s", "segment"), [(7, 2), (22, 4)])
def test_gstreamer_jumps_to_where_it_was_told(
    player: Player, target_s: int, segment: int, stack: Stack, wire: Wire
) -> None:
    assert SKILLS[player].seeking is Seeking.ANYWHERE
    said = play_in_gstreamer(player, sign(stack).url(wire.url), f"--start-position={target_s}")
    assert "Reached end of play list." in said
    # it begins at 0, and drops that
    wanted = list(range(segment, 5))
    assert list_segments(wire)[-len(wanted) :] == wanted


@pytest.mark.parametrize(("target_s", "segments"), [(13, [1, 3, 4]), (22, [1, 4])])
def test_vlc_jumps_to_where_it_was_told(
    target_s: int, segments: Sequence[int], stack: Stack, wire: Wire
) -> None:
    assert SKILLS[Player.VLC].seeking is Seeking.ANYWHERE
    ended = run_vlc(sign(stack).url(wire.url), [f"--start-time={target_s}"], seconds=SECONDS)
    assert ended.code == 0
    # the first it has looked into already
    assert list_segments(wire) == segments


@pytest.mark.parametrize("target_s", [7.3, 18.0])
def test_mpv_shows_the_picture_of_that_moment(
    target_s: float, stack: Stack, wire: Wire, tmp_path: Path
) -> None:
    assert SKILLS[Player.MPV].seeking is Seeking.WITHIN_CACHE
    (tmp_path / "jump.lua").write_text(JUMP_IN_CACHE.format(target=target_s))
    ended = run(
        "mpv",
        *("--no-config", "--vo=image", "--vo-image-format=png", f"--vo-image-outdir={tmp_path}"),
        *("--no-audio", "--pause", "--cache=yes", "--cache-secs=60", "--untimed", "--vid=2"),
        *("--end=+30", f"--script={tmp_path / 'jump.lua'}", sign(stack).url(wire.url)),
    )
    assert ended.code == 0, ended.said
    assert read_picture(sorted(tmp_path.glob("*.png"))[1]) == pytest.approx(target_s, abs=0.1)


def read_picture(path: Path) -> float:
    """The moment that a picture shows, in seconds."""
    with av.open(path) as image:
        return read_counter(next(image.decode(video=0)).to_ndarray(format="rgb24")) / RATE

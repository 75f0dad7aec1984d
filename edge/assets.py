"""What the store's documents say: the files of an asset, and the present asset of a video.

Only what `asset.json` lists is ever opened. An asset never changes, so its document is kept for
good; a video's pointer changes with every new transcode and is read again after 5 s.
"""

import re
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from edge.documents import Sort
from edge.gate import Wanted
from edge.http.responses import Representation, choose_cache_policy
from shared.asset import (
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
    asset_document_key,
    asset_key,
    kind_of,
    video_pointer_key,
)

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A listed file: what the gate must know of it, where it lies, what answers say of it, and
    its bytes where they are at hand: every viewer is sent this very object. `twin` is the same
    file compressed, if it has one (`edge.twins`)."""

    wanted: Wanted
    store_key: str
    representation: Representation
    body: bytes | None = None
    twin: "MediaFile | None" = None

    @property
    def size_bytes(self) -> int:
        """The bytes of its body and of its twin's."""
        own = self.representation.size_bytes
        return own if self.twin is None else own + self.twin.size_bytes


@dataclass(frozen=True, slots=True)
class Missing:
    """What was asked for and is not listed; the gate speaks first all the same."""

    wanted: Wanted


class AssetIndex:
    """The files of one asset. Segments are looked up in their run, not unrolled: two hours of a
    five-rung ladder are six thousand."""

    def __init__(self, asset: Asset) -> None:
        self.asset_id = asset.asset_id
        self.video_id = asset.video_id
        self._files = {file.name: file for file in asset.files}
        self._renditions = asset.renditions
        heights = (rendition.height for rendition in asset.renditions)
        self._lowest_rung = min((height for height in heights if height), default=None)

    def find(self, name: str) -> MediaFile | None:
        """The listed file of this name."""
        file = self._files.get(name) or self._find_segment(name)
        return None if file is None else self._describe(file)

    def _find_segment(self, name: str) -> AssetFile | None:
        for rendition in self._renditions:
            prefix, _, suffix = rendition.segments.pattern.partition(SEGMENT_NUMBER)
            number = name.removeprefix(prefix).removesuffix(suffix)
            if _NUMBER.fullmatch(number) and name == f"{prefix}{number}{suffix}":
                return _describe_segment(rendition, int(number))
        return None

    def _describe(self, file: AssetFile) -> MediaFile:
        """The main playlist counts as its lowest rung: below that it has nothing to play."""
        kind = kind_of(file.name)
        height = self._lowest_rung if file.name == MAIN_PLAYLIST else file.height
        return MediaFile(
            Wanted(self.asset_id, self.video_id, kind, height),
            asset_key(self.asset_id, file.name),
            Representation(
                file.size_bytes,
                f'"{file.etag}"',
                file.content_type,
                choose_cache_policy(kind, file.name),
            ),
        )


def _describe_segment(rendition: Rendition, number: int) -> AssetFile | None:
    run = rendition.segments
    if number > len(run.etags):
        return None
    name = run.name_of(number)
    return AssetFile(
        name=name,
        size_bytes=run.sizes_bytes[number - 1],
        etag=run.etags[number - 1],
        content_type=content_type_of(name),
        height=rendition.height,
    )


def parse_index(asset_id: str, document: bytes) -> AssetIndex:
    """Index the `asset.json` of an asset; raise `AssetInvalid` when it breaks the format."""
    asset = parse_asset(document)
    if asset.asset_id != asset_id:
        raise AssetInvalid(f"{asset_id} holds the document of {asset.asset_id}")
    return AssetIndex(asset)


def parse_pointer(video_id: str, document: bytes) -> VideoPointer:
    """Parse a video's pointer; raise `AssetInvalid` when it breaks the format."""
    try:
        pointer = VideoPointer.model_validate_json(document)
    except ValidationError as error:
        raise AssetInvalid(describe_faults(error)) from error
    if pointer.video_id != video_id:
        raise AssetInvalid(f"{video_id} holds the pointer of {pointer.video_id}")
    return pointer


ASSETS: Final = Sort(asset_document_key, parse_index, keep_s=float("inf"), bound=256)
POINTERS: Final = Sort(video_pointer_key, parse_pointer, keep_s=5.0, bound=4096)

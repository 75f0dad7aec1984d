"""The format of `asset.json`: every file an asset owns, its ladder and the ladder's measures.

An asset is immutable and exists when its `asset.json` exists. The document lists each file with
its size in bytes, its content type and its entity tag: the first 16 bytes of the content's
SHA-256 in unpadded base64url (22 characters), to be sent as a strong ETag. Segments of a
rendition are held as a name pattern and two arrays, so that two hours fit in 256 KB:

    {"format": 1, "asset_id": "...", "video_id": "...", "created_at": 1767225600,
     "duration_ms": 20000,
     "files": [{"name": "main.m3u8", "size_bytes": 812, "etag": "...", "content_type": "..."}],
     "renditions": [{"id": "720", "height": 720, ...,
                     "segments": {"pattern": "video/720/{number}.m4s", "sizes_bytes": [...],
                                  "etags": [...]}}],
     "texts": [{"name": "English", "language": "en", "file": "text/en/captions.vtt", ...}],
     "posters": [{"name": "poster/1.jpg", "time_ms": 4000, "score": 0.08, "is_chosen": true}]}

`height` is a rung's short side in pixels: a portrait film of 720x1280 is of height 720.
A file that belongs to one rung carries that rung's height, so that a token's `max_height` can
refuse it; everything below `video/` does. No name stands twice. The document itself is never sent
to a client.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from shared.base64url import encode_base64url
from shared.faults import describe_faults
from shared.paths import Kind, check_id, check_name, kind_of

ETAG_LENGTH: Final = 22
SEGMENT_NUMBER: Final = "{number}"
FIRST_SEGMENT: Final = 1

_CONTENT_TYPES: Final = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mp4": "video/mp4",
    "m4s": "video/mp4",
    "vtt": "text/vtt; charset=utf-8",
    "json": "application/json",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "key": "application/octet-stream",
}


class AssetInvalid(ValueError):
    """A document that is not a well-formed `asset.json`."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Identifier = Annotated[str, AfterValidator(check_id)]
Name = Annotated[str, AfterValidator(check_name)]
Etag = Annotated[str, Field(pattern=rf"^[A-Za-z0-9_-]{{{ETAG_LENGTH}}}$")]
ContentType = Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+(; charset=utf-8)?$")]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]


class AssetFile(_Part):
    """One file: its name in the asset, size, strong entity tag and content type."""

    name: Name
    size_bytes: Count
    etag: Etag
    content_type: ContentType
    height: Positive | None = None

    @model_validator(mode="after")
    def _check_height(self) -> Self:
        if self.height is None and self.name.startswith("video/"):
            raise ValueError(f"a file of a rung without its height: {self.name}")
        return self


class SegmentRun(_Part):
    """The media segments of one rendition, numbered from 1 without a gap."""

    pattern: str
    sizes_bytes: Annotated[tuple[Positive, ...], Field(min_length=1)]
    etags: tuple[Etag, ...]

    @model_validator(mode="after")
    def _check_run(self) -> Self:
        if self.pattern.count(SEGMENT_NUMBER) != 1:
            raise ValueError(f"a pattern holds {SEGMENT_NUMBER} once: {self.pattern[:80]!r}")
        if len(self.sizes_bytes) != len(self.etags):
            raise ValueError("as many sizes as etags")
        check_name(self.name_of(len(self.etags)))
        return self

    def name_of(self, number: int) -> str:
        return self.pattern.replace(SEGMENT_NUMBER, str(number))

    def names(self) -> Iterator[str]:
        return map(self.name_of, range(FIRST_SEGMENT, FIRST_SEGMENT + len(self.etags)))


class Loudness(_Part):
    """What EBU R 128 measured of a rendition's sound before the gain was applied, the same all
    along: integrated loudness, loudness range, true peak."""

    integrated_lufs: float
    range_lu: float
    true_peak_dbtp: float
    gain_db: float


class Rendition(_Part):
    """One rung of the ladder, or one audio rendition, with what was measured of it.

    `bandwidth_bps` is the peak over segments, `average_bandwidth_bps` the mean (RFC 8216
    section 4.3.4.2), both of this rendition alone. `frame_rate` is a fraction, `30000/1001`.
    Sound of one `group` is the same in several languages (BCP 47), told apart by `name`.
    """

    id: str
    kind: Literal["video", "audio"]
    codecs: str
    duration_ms: Positive
    bandwidth_bps: Positive
    average_bandwidth_bps: Positive
    segments: SegmentRun
    height: Positive | None = None
    frame_width_px: Positive | None = None
    frame_height_px: Positive | None = None
    frame_rate: Annotated[str, Field(pattern=r"^[1-9][0-9]*/[1-9][0-9]*$")] | None = None
    channels: Positive | None = None
    language: str | None = None
    group: str | None = None
    name: str | None = None
    is_default: bool | None = None
    loudness: Loudness | None = None

    @model_validator(mode="after")
    def _check_rendition(self) -> Self:
        if (self.height is None) == (self.kind == "video"):
            raise ValueError("a rung has a height, sound has none")
        if not self.segments.pattern.startswith(f"{self.kind}/"):
            raise ValueError(f"segments of kind {self.kind} elsewhere")
        sides = [side for side in (self.frame_width_px, self.frame_height_px) if side is not None]
        if len(sides) == 2 and self.height != min(sides):
            raise ValueError("a height that is not the short side")
        return self


class TextTrack(_Part):
    """Captions: `name` is what a menu shows, `file` the WebVTT and `playlist` the same for players;
    `is_sdh` are those that also tell what is heard, `is_sidecar` those that came as a file."""

    name: str
    language: str | None = None
    file: Name
    playlist: Name
    is_forced: bool = False
    is_sdh: bool = False
    is_sidecar: bool = False


class Poster(_Part):
    """A picture that is, or could be, the poster, in the order of time; candidate number 0 is the
    first. `time_ms` is the moment of the film that it shows."""

    name: Name
    time_ms: Count
    score: Annotated[float, Field(ge=0)]
    is_chosen: bool = False


class Asset(_Part):
    """A whole `asset.json`."""

    format: Literal[1] = 1
    asset_id: Identifier
    video_id: Identifier
    created_at: Count
    duration_ms: Positive
    files: tuple[AssetFile, ...]
    renditions: tuple[Rendition, ...]
    texts: tuple[TextTrack, ...] = ()
    posters: tuple[Poster, ...] = ()

    @model_validator(mode="after")
    def _check_listed(self) -> Self:
        files = {file.name for file in self.files}
        named = [(Kind.TEXT, name) for text in self.texts for name in (text.file, text.playlist)]
        named += [(Kind.POSTER, poster.name) for poster in self.posters]
        for kind, name in named:
            if name not in files or kind_of(name) is not kind:
                raise ValueError(f"not a listed file of kind {kind}: {name}")
        if sum(poster.is_chosen for poster in self.posters) > 1:
            raise ValueError("more than one poster is chosen")
        return self

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = Counter(file.name for file in self.files)
        for rendition in self.renditions:
            names.update(rendition.segments.names())
        if names.total() > len(names):
            raise ValueError(f"a name twice: {names.most_common(1)[0][0]}")
        return self


class VideoPointer(_Part):
    """The document at `videos/<video>.json`: the asset a video plays at present."""

    video_id: Identifier
    asset_id: Identifier


def parse_asset(document: bytes) -> Asset:
    """Parse `asset.json`; raise `AssetInvalid` when it breaks the format."""
    try:
        return Asset.model_validate_json(document)
    except ValidationError as error:
        raise AssetInvalid(describe_faults(error)) from error


def render_asset(asset: Asset) -> bytes:
    """The document's bytes: compact JSON in declaration order, absent values left out."""
    return asset.model_dump_json(exclude_none=True).encode()


def index_files(asset: Asset) -> dict[str, AssetFile]:
    """Every file a client may ask for, by its name in the asset, segments included."""
    files = {file.name: file for file in asset.files}
    for rendition in asset.renditions:
        run = rendition.segments
        for name, size, etag in zip(run.names(), run.sizes_bytes, run.etags, strict=True):
            files[name] = AssetFile(
                name=name,
                size_bytes=size,
                etag=etag,
                content_type=content_type_of(name),
                height=rendition.height,
            )
    return files


def etag_of(content: bytes) -> str:
    """The entity tag of some content: 128 bits of its SHA-256, base64url, no quotes."""
    digest = hashlib.sha256(content, usedforsecurity=False).digest()[:16]
    return encode_base64url(digest)


def content_type_of(name: str) -> str:
    """The media type of a file by its ending (RFC 8216 section 4 for playlists)."""
    if name.startswith("audio/") and name.endswith((".m4s", ".mp4")):
        return "audio/mp4"
    return _CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")

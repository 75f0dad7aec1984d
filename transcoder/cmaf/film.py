"""A film as code sees it when it is encoded: what playlists, stills, the publish gate and
`asset.json` are made from.

Times are exact seconds from the film's beginning. A film is written down as JSON, whole in the
asset's folder and in parts beside the chunks, so that what was encoded need not be read again.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.faults import describe_faults
from transcoder.cmaf.boxes import AudioTrack, VideoTrack
from transcoder.planning.ladder import Rung


class DocumentInvalid(ValueError):
    """A document of ours in the store that is not what it should be."""


class Document(BaseModel):
    """JSON in the store that only the transcoder reads."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Read a document; raises `DocumentInvalid`."""
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise DocumentInvalid(f"{cls.__name__}: {describe_faults(error)}") from error

    def render(self) -> bytes:
        return self.model_dump_json().encode()


@dataclass(frozen=True, slots=True)
class KeyChunk:
    """A key frame's byte range in its segment, and how long its group of pictures lasts."""

    offset: int
    length: int
    duration_s: Fraction


@dataclass(frozen=True, slots=True)
class WrittenSegment:
    """One segment in the store."""

    size_bytes: int
    etag: str
    duration_s: Fraction
    key_chunks: tuple[KeyChunk, ...] = ()


@dataclass(frozen=True, slots=True)
class Loudness:
    """Measured as EBU R 128 says, and the gain that was applied, the same all along."""

    integrated_lufs: float
    range_lu: float
    true_peak_dbtp: float
    gain_db: float


@dataclass(frozen=True, slots=True)
class Rendition:
    """What is in the store below `folder`; `codecs` as playlists name it."""

    folder: str
    codecs: str
    segments: tuple[WrittenSegment, ...]

    @property
    def duration_s(self) -> Fraction:
        return sum((segment.duration_s for segment in self.segments), start=Fraction(0))


@dataclass(frozen=True, slots=True)
class VideoRendition(Rendition):
    """One rung."""

    track: VideoTrack
    rung: Rung


@dataclass(frozen=True, slots=True)
class AudioRendition(Rendition):
    """One rendition of the sound. Those of one `group` stand for each other: the same sound in
    other languages. `language` is a BCP 47 tag, None where nobody knows it; `loudness` is None
    for silence."""

    track: AudioTrack
    group: str = "stereo"
    channels: int = 2
    language: str | None = None
    name: str = "Stereo"
    is_default: bool = True
    loudness: Loudness | None = None


@dataclass(frozen=True, slots=True)
class TextRendition(Rendition):
    """Captions as WebVTT. `characteristics` are Apple's uniform type identifiers; `is_sidecar`
    are those that did not come with the source."""

    language: str | None
    name: str
    is_default: bool = False
    is_forced: bool = False
    characteristics: tuple[str, ...] = ()
    is_sidecar: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named stretch of the film."""

    start_s: Fraction
    end_s: Fraction
    title: str


@dataclass(frozen=True, slots=True)
class Film:
    """All renditions of a film, the lowest rung and the default sound first; `peaks` outline the
    sound, 0 to 1."""

    video: tuple[VideoRendition, ...]
    audio: tuple[AudioRendition, ...]
    duration_s: Fraction
    texts: tuple[TextRendition, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    peaks: tuple[float, ...] = ()

    @property
    def renditions(self) -> tuple[VideoRendition | AudioRendition, ...]:
        """Picture and sound."""
        return (*self.video, *self.audio)


class FilmDocument(Document):
    """`film.json`: an asset's film, for a later one that carries its picture and sound over.
    `cover` is the stream of the source that is the picture of sound alone, if it has one."""

    film: Film
    cover: int | None = None

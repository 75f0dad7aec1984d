"""Which streams of a container are a film's picture, sound, texts and cover."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final

from av.container import InputContainer
from av.stream import Disposition, Stream
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

from transcoder.errors import SourceEmpty, SourceTooLarge, SourceUnsupported
from transcoder.input.source import has_decoder, name_decoder
from transcoder.settings import Settings

_NO_PICTURE: Final = Disposition.attached_pic | Disposition.timed_thumbnails
_TEXT_CODECS: Final = frozenset({"mov_text", "subrip", "srt", "webvtt", "ass", "ssa", "text"})


@dataclass(frozen=True, slots=True)
class Content:
    """The streams of a container, and which of them are of use, by their numbers."""

    streams: Sequence[Stream]
    video: int | None
    audio: tuple[int, ...]
    texts: tuple[int, ...]
    cover: int | None
    warnings: tuple[str, ...]

    @property
    def shown(self) -> tuple[int, ...]:
        """The streams of picture and sound."""
        return self.audio if self.video is None else (self.video, *self.audio)


def list_content(
    container: InputContainer, settings: Settings, programmes: Sequence[Set[int]] = ()
) -> Content:
    """Choose among the streams, of `programmes` of television only one's, each a set of streams'
    own numbers; raises one of the `Source...` errors where there is no film."""
    streams = list(container.streams)
    if len(streams) > settings.max_streams:
        raise SourceTooLarge(f"{len(streams)} streams, at most {settings.max_streams}")
    video = _choose_video(container)
    audio = [stream for stream in container.streams.audio if has_decoder(stream)]
    if video is None and not audio:
        if container.streams.audio:
            raise SourceUnsupported("no decoder for the sound")
        raise SourceEmpty("no stream of picture or sound")
    audio.sort(key=lambda stream: (Disposition.default not in stream.disposition, stream.index))
    foreign = _list_foreign(audio[0] if video is None else video, programmes)
    audio = [stream for stream in audio if stream.id not in foreign]
    texts = [s for s in container.streams.subtitles if _is_text(s) and s.id not in foreign]
    used = {stream.index for stream in (video, *audio, *texts) if stream is not None}
    covers = [s.index for s in container.streams.video if Disposition.attached_pic in s.disposition]
    return Content(
        streams=[stream for stream in streams if stream.index not in covers],
        video=None if video is None else video.index,
        audio=tuple(stream.index for stream in audio),
        texts=tuple(stream.index for stream in texts),
        cover=covers[0] if covers else None,
        warnings=tuple(
            f"stream {stream.index} is left out: {stream.type}, "
            f"{name_decoder(stream) or 'of an unknown codec'}"
            for stream in streams
            if stream.index not in used and stream.index not in covers
        ),
    )


def _choose_video(container: InputContainer) -> VideoStream | None:
    """The stream that is the film's picture; cover art is none."""
    streams = [stream for stream in container.streams.video if not stream.disposition & _NO_PICTURE]
    if streams and not any(has_decoder(stream) for stream in streams):
        raise SourceUnsupported("no decoder for the picture")
    return max(
        filter(has_decoder, streams),
        key=lambda s: (Disposition.default in s.disposition, s.width * s.height, -s.index),
        default=None,
    )


def _list_foreign(lead: Stream, programmes: Sequence[Set[int]]) -> Set[int]:
    """What belongs to other programmes than `lead`, and not to its own."""
    own = [programme for programme in programmes if lead.id in programme]
    if not own:
        return frozenset()
    return frozenset().union(*programmes) - frozenset().union(*own)


def _is_text(stream: SubtitleStream) -> bool:
    return has_decoder(stream) and stream.codec_context.name in _TEXT_CODECS

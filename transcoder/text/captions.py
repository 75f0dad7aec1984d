"""Captions as renditions: a folder of its own for each track, with one WebVTT file as long as the
film. Tracks that came as a file of their own and those of the source are made alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from shared.captions import Captions, Cue, render_webvtt
from transcoder.cmaf.film import TextRendition, WrittenSegment
from transcoder.cmaf.playlists import CAPTIONS_NAME
from transcoder.cmaf.segments import Sink
from transcoder.planning.languages import name_language, tag_language
from transcoder.planning.sound_choice import clean_title, name_apart

# Media time 0 of the film, whose decode times begin at 0, is cue time 0 (RFC 8216 section 3.5).
_TIMESTAMP_MAP: Final = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"
_CODECS: Final = "wvtt"
SPOKEN_AND_HEARD: Final = (
    "public.accessibility.transcribes-spoken-dialog",
    "public.accessibility.describes-music-and-sound",
)
"""Apple's uniform type identifiers of captions for those who do not hear."""
_UNNAMED: Final = "Captions"


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """One track of captions on the film's time line. `language` is as a file or a person wrote
    it; `is_sdh` are those that also tell what is heard."""

    captions: Captions
    language: str | None = None
    title: str | None = None
    is_forced: bool = False
    is_sdh: bool = False
    is_sidecar: bool = False


def write_texts(
    tracks: Iterable[CaptionTrack],
    duration_s: Fraction,
    *,
    sink: Sink,
    carried: Sequence[TextRendition] = (),
) -> tuple[TextRendition, ...]:
    """The renditions `carried` over from an earlier asset, and those of `tracks`, whose files go
    to `sink`. A track without a caption within the film is left out."""
    texts = list(carried)
    for track in tracks:
        captions = _cut(track.captions, duration_s)
        if captions.cues:
            texts.append(_write_text(track, captions, duration_s, taken=texts, sink=sink))
    return tuple(texts)


def _cut(captions: Captions, duration_s: Fraction) -> Captions:
    """What is to be seen between the film's beginning and its end."""
    end_ms = int(duration_s * 1000)
    within = (
        replace(cue, start_ms=max(0, cue.start_ms), end_ms=min(cue.end_ms, end_ms))
        for cue in captions.cues
    )
    return replace(captions, cues=tuple(dict.fromkeys(filter(_is_seen, within))))


def _is_seen(cue: Cue) -> bool:
    return cue.start_ms < cue.end_ms


def _write_text(
    track: CaptionTrack,
    captions: Captions,
    duration_s: Fraction,
    *,
    taken: Sequence[TextRendition],
    sink: Sink,
) -> TextRendition:
    language = tag_language(track.language)
    folder = _choose_folder(language, [text.folder for text in taken])
    content = render_webvtt(captions, header=(_TIMESTAMP_MAP,)).encode()
    etag = sink(f"{folder}/{CAPTIONS_NAME}", content)
    return TextRendition(
        folder=folder,
        codecs=_CODECS,
        segments=(WrittenSegment(len(content), etag, duration_s),),
        language=language,
        name=name_apart([*(text.name for text in taken), _name_track(track, language)])[-1],
        is_forced=track.is_forced,
        characteristics=SPOKEN_AND_HEARD if track.is_sdh else (),
        is_sidecar=track.is_sidecar,
    )


def _choose_folder(language: str | None, taken: Sequence[str]) -> str:
    """`text/pt-BR`, the next of that language `text/pt-BR_2`."""
    first = f"text/{language or 'und'}"
    numbered = (f"{first}_{number}" for number in range(2, len(taken) + 2))
    return next(folder for folder in (first, *numbered) if folder not in taken)


def _name_track(track: CaptionTrack, language: str | None) -> str:
    """What a menu shows."""
    title = clean_title(track.title)
    if title:
        return title
    name = name_language(language) if language else _UNNAMED
    kinds = [kind for kind, is_so in (("forced", track.is_forced), ("CC", track.is_sdh)) if is_so]
    return " ".join([name, *(f"({kind})" for kind in kinds)])

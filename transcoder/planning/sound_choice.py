"""Which renditions a film's sound gets: pure decisions, from what the source holds.

Every language is there in stereo, which every player takes. Where the source has surround sound,
there is a second group in 5.1. A source often holds the same sound twice, say as AC-3 for the
living room and as AAC for the telephone: of tracks of the same language and title, the one of the
most channels is taken. Cameras and editors write left and right as two tracks of one channel each.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from transcoder.input.facts import AudioFacts
from transcoder.planning.ladder import AUDIO_BIT_RATE_BPS
from transcoder.planning.languages import name_language, tag_language

STEREO_GROUP: Final = "stereo"
SURROUND_GROUP: Final = "surround"
MAX_TRACKS: Final = 16

# A centre, two sides and two at the back; four channels are more often four microphones.
_SURROUND_FROM: Final = 5
_SURROUND_BIT_RATE_BPS: Final = 320_000
# As what cameras and editors write channels that belong together.
_UNCODED: Final = "pcm_"
_UNNAMED: Final = "Original"
# What titles say of the coding, and tools where no person wrote a title.
_TECHNICAL: Final = re.compile(
    r"\b(?:[2-7]\.[01]|(?:e-?)?ac-?3|aac|atmos|audio|channels?|digital|dolby|dts(?:-hd)?|flac|ma|mono"
    r"|mp3|opus|pcm|plus|sound(?:handler?)?|stereo|surround|track|truehd|\d+ ?k(?:bps|b/s)|\d+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SoundChoice:
    """One rendition to be made of the track `facts`, or of two that are its left and its `right`.
    `layout` is FFmpeg's name for it."""

    facts: AudioFacts
    folder: str
    group: str
    layout: str
    channels: int
    bit_rate_bps: int
    language: str | None
    name: str
    is_default: bool
    right: AudioFacts | None = None

    @property
    def tracks(self) -> tuple[AudioFacts, ...]:
        """The tracks that it is made of."""
        return (self.facts,) if self.right is None else (self.facts, self.right)


def choose_sounds(audio: Sequence[AudioFacts]) -> tuple[SoundChoice, ...]:
    """All renditions of a film's sound, the stereo ones first; the track that is heard first in
    the source is the default."""
    tracks = _choose_tracks(audio)
    names = name_apart(_name_track(facts) for facts in tracks)
    stereo = [
        replace(_choose(facts, number, names[number]), right=_find_right(facts, audio))
        for number, facts in enumerate(tracks)
    ]
    surround = [
        _choose(facts, number, names[number], is_surround=True)
        for number, facts in enumerate(tracks)
        if count_directions(facts) >= _SURROUND_FROM
    ]
    return (*stereo, *surround)


def is_ambisonic(layout: str) -> bool:
    """Whether a layout is a field of sound, as cameras record it that look all around."""
    return layout.startswith("ambisonic")


def count_directions(facts: AudioFacts) -> int:
    """From how many directions a track's sound is meant to come."""
    is_surround = facts.channels >= _SURROUND_FROM and not is_ambisonic(facts.layout)
    return facts.channels if is_surround else min(facts.channels, 2)


def list_unheard(audio: Sequence[AudioFacts]) -> tuple[AudioFacts, ...]:
    """The tracks that no rendition is made of."""
    heard = {track.stream for sound in choose_sounds(audio) for track in sound.tracks}
    return tuple(facts for facts in audio if facts.stream not in heard)


def _choose_tracks(audio: Sequence[AudioFacts]) -> list[AudioFacts]:
    chosen: dict[tuple[str | None, str], AudioFacts] = {}
    for facts in audio:
        key = _identify(facts)
        if key not in chosen or count_directions(facts) > count_directions(chosen[key]):
            chosen[key] = facts
    return list(chosen.values())[:MAX_TRACKS]


def _identify(facts: AudioFacts) -> tuple[str | None, str]:
    return tag_language(facts.language), clean_title(facts.title).lower()


def _find_right(left: AudioFacts, audio: Iterable[AudioFacts]) -> AudioFacts | None:
    """The track that belongs on the right of one that has a single channel: the next like it."""
    if left.channels != 1 or not left.codec.startswith(_UNCODED):
        return None
    others = (facts for facts in audio if facts is not left)
    return next((facts for facts in others if _is_like(facts, left)), None)


def _is_like(one: AudioFacts, other: AudioFacts) -> bool:
    forms = [(f.channels, f.codec, f.rate_hz, _identify(f)) for f in (one, other)]
    return forms[0] == forms[1]


def _choose(facts: AudioFacts, number: int, name: str, *, is_surround: bool = False) -> SoundChoice:
    group = SURROUND_GROUP if is_surround else STEREO_GROUP
    return SoundChoice(
        facts=facts,
        folder=f"audio/{group}" if number == 0 else f"audio/{group}_{number + 1}",
        group=group,
        layout="5.1" if is_surround else "stereo",
        channels=6 if is_surround else 2,
        bit_rate_bps=_SURROUND_BIT_RATE_BPS if is_surround else AUDIO_BIT_RATE_BPS,
        language=tag_language(facts.language),
        name=name,
        is_default=number == 0,
    )


def _name_track(facts: AudioFacts) -> str:
    """What a menu shows: the same in every group (RFC 8216 section 4.3.4.1.1)."""
    language = tag_language(facts.language)
    title = clean_title(facts.title)
    return title or (name_language(language) if language else _UNNAMED)


def clean_title(title: str | None) -> str:
    """A title that can stand in a playlist; empty where no person wrote one."""
    text = " ".join("".join(c if c.isprintable() else " " for c in title or "").split())
    is_telling = re.search(r"\w", _TECHNICAL.sub("", text)) is not None
    return text.replace('"', "'")[:80] if is_telling else ""


def name_apart(names: Iterable[str]) -> list[str]:
    """The names, those that come again numbered: no two of a group are alike."""
    taken: list[str] = []
    for name in names:
        number, unlike = 1, name
        while unlike in taken:
            number += 1
            unlike = f"{name} {number}"
        taken.append(unlike)
    return taken

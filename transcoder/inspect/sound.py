"""What is asked of sound."""

from collections.abc import Iterator
from typing import Final

from transcoder.inspect.presentation import Presentation

_AAC: Final = "mp4a.40."
_STEREO: Final = 2


def find_no_stereo(presentation: Presentation) -> Iterator[tuple[str, str]]:
    """A film in mono is as good."""
    entries = [stream.sound for stream in presentation.sounds if stream.sound]
    if entries and not any(
        entry.codecs.startswith(_AAC) and (entry.channels or _STEREO) <= _STEREO
        for entry in entries
    ):
        yield presentation.name, "has no AAC in stereo"


def find_muxed(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.videos:
        if stream.sound:
            yield stream.name, "holds sound as well as pictures"


def find_muxed_channels(presentation: Presentation) -> Iterator[tuple[str, str]]:
    for stream in presentation.videos:
        if stream.sound and (stream.sound.channels or 0) > _STEREO:
            yield stream.name, f"holds pictures and sound of {stream.sound.channels} channels"

"""The sound of a rendition from the track that it is made of, or from two that are its sides."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import numpy as np
from av.audio.frame import AudioFrame

from transcoder.planning.ladder import AUDIO_RATE_HZ
from transcoder.planning.sound_choice import SoundChoice
from transcoder.sound.sound_line import Samples, SoundLine

# So far a side may be behind the other; one that has ended sooner is silent from there on.
_APART: Final = 30 * AUDIO_RATE_HZ


class Sides:
    """A rendition's tracks in, by their place in it; its samples out, from 0 to `length`."""

    def __init__(self, choice: SoundChoice, *, start_s: Fraction, length: int) -> None:
        is_whole = choice.right is None
        layout, channels = (choice.layout, choice.channels) if is_whole else ("mono", 1)
        self._lines = tuple(
            SoundLine(layout, channels=channels, start_s=start_s, length=length)
            for _ in choice.tracks
        )
        self._held = [np.zeros((channels, 0), np.float32) for _ in self._lines]

    @property
    def positions(self) -> tuple[int, ...]:
        """How far each track has come, in samples."""
        return tuple(line.position for line in self._lines)

    def push(self, side: int, frame: AudioFrame) -> Iterator[Samples]:
        """What a frame of one of the tracks makes ready; raises as `SoundLine.push` does."""
        yield from self._weave(side, self._lines[side].push(frame))
        for other, line in enumerate(self._lines):
            if other != side:
                silence = line.wait_until(self._lines[side].position - _APART)
                yield from self._weave(other, silence)

    def finish(self) -> Iterator[Samples]:
        """What is left, and silence up to the end."""
        for side, line in enumerate(self._lines):
            yield from self._weave(side, line.finish())

    def _weave(self, side: int, pieces: Iterator[Samples]) -> Iterator[Samples]:
        """Pieces of one track as samples of all, as far as they are there."""
        for piece in pieces:
            self._held[side] = np.concatenate([self._held[side], piece], axis=1)
            count = min(held.shape[1] for held in self._held)
            if count:
                yield np.concatenate([held[:, :count] for held in self._held])
                self._held = [held[:, count:] for held in self._held]

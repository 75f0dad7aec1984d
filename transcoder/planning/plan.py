"""The plan for one film: everything decided from the probe's facts before anything is encoded.

The grid is exact: every rung makes the pictures that `frames` says and no other number, and the
sound is made as long. Parts of a film that are encoded apart fit for that reason alone.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

from transcoder.input.facts import AudioFacts, SourceFacts, VideoFacts
from transcoder.planning.ladder import (
    AUDIO_RATE_HZ,
    GROUP_S,
    GROUPS_PER_SEGMENT,
    LeftOut,
    Rung,
    choose_frame_rate,
    choose_ladder,
)
from transcoder.settings import Settings

# Sound that lasts this much longer than the picture keeps the last picture standing.
_TAIL_S: Final = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made. `start_s` is the moment in the source that becomes the film's zero;
    `rungs` begin with the lowest and are empty for a film without pictures, as are `left_out`,
    the ones it does not get. `frames` counts on the highest rung's grid."""

    facts: SourceFacts
    start_s: Fraction
    rungs: tuple[Rung, ...]
    left_out: tuple[LeftOut, ...]
    frames: int
    duration_s: Fraction

    @property
    def segment_s(self) -> Fraction:
        """A full segment's length: three groups of pictures, 6.006 s at 29.97."""
        if not self.rungs:
            return Fraction(GROUP_S * GROUPS_PER_SEGMENT)
        top = self.rungs[-1]
        return top.group_frames * GROUPS_PER_SEGMENT / top.frame_rate

    def frames_of(self, rung: Rung) -> int:
        """How many pictures a rung is made of."""
        return int(self.duration_s * rung.frame_rate)


def plan_film(facts: SourceFacts, settings: Settings) -> Plan:
    """Choose the rungs, the film's beginning and its length."""
    if facts.video is None:
        return _plan_sound(facts)
    rate = choose_frame_rate(facts.video.shown_rate)
    ladder = choose_ladder(
        *facts.video.display_size(),
        rate,
        source_bit_rate_bps=facts.video.bit_rate_bps,
        settings=settings,
    )
    top, slowest = ladder.rungs[-1].frame_rate, ladder.rungs[0].frame_rate
    start_s = _choose_start(facts.video, facts.audio, top)
    frames = _count_frames(_find_end(facts.video, facts.audio) - start_s, slowest)
    return Plan(
        facts=facts,
        start_s=start_s,
        rungs=ladder.rungs,
        left_out=ladder.left_out,
        frames=int(frames * top / slowest),
        duration_s=frames / slowest,
    )


def _plan_sound(facts: SourceFacts) -> Plan:
    """A film without pictures is as long as its longest track of sound."""
    start_s = min(audio.start_s for audio in facts.audio)
    samples = ceil((max(audio.end_s for audio in facts.audio) - start_s) * AUDIO_RATE_HZ)
    duration_s = Fraction(max(1, samples), AUDIO_RATE_HZ)
    return Plan(facts, start_s, rungs=(), left_out=(), frames=0, duration_s=duration_s)


def _choose_start(video: VideoFacts, audio: tuple[AudioFacts, ...], rate: Fraction) -> Fraction:
    """The picture's beginning, or as many whole frames earlier as sound is there before it.

    Whole frames, so that pictures fall on the output's time grid and both keep step; what sound
    there is within less than a frame before the picture is cut off.
    """
    sound_s = min((track.start_s for track in audio), default=video.start_s)
    return video.start_s - max(0, floor((video.start_s - sound_s) * rate)) / rate


def _find_end(video: VideoFacts, audio: tuple[AudioFacts, ...]) -> Fraction:
    sound_s = max((track.end_s for track in audio), default=video.end_s)
    return sound_s if sound_s > video.end_s + _TAIL_S else video.end_s


def _count_frames(lasts_s: Fraction, rate: Fraction) -> int:
    """Whole frames, on the grid of the rung that has the fewest, so that all are equally long."""
    return max(1, floor(lasts_s * rate + Fraction(1, 2)))

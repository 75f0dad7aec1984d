"""The plan for one film: everything decided from the probe's facts before anything is encoded."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from transcoder.ladder import (
    GROUP_S,
    GROUPS_PER_SEGMENT,
    Rung,
    choose_frame_rate,
    choose_rungs,
)
from transcoder.probe import AudioFacts, SourceFacts, VideoFacts


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made. `start_s` is the moment in the source that becomes the film's zero;
    `rungs` begin with the lowest and are empty for a film without pictures."""

    facts: SourceFacts
    start_s: Fraction
    rungs: tuple[Rung, ...]

    @property
    def segment_s(self) -> Fraction:
        """A full segment's length: three groups of pictures, 6.006 s at 29.97."""
        if not self.rungs:
            return Fraction(GROUP_S * GROUPS_PER_SEGMENT)
        top = self.rungs[-1]
        return top.group_frames * GROUPS_PER_SEGMENT / top.frame_rate


def plan_film(facts: SourceFacts) -> Plan:
    """Choose the rungs and the film's beginning."""
    if facts.video is None:
        start = facts.audio.start_s if facts.audio else None
        return Plan(facts, start or Fraction(0), ())
    rate = choose_frame_rate(facts.video.frame_rate)
    rungs = choose_rungs(*facts.video.display_size(), rate)
    return Plan(facts, _choose_start(facts.video, facts.audio, rate), rungs)


def _choose_start(video: VideoFacts, audio: AudioFacts | None, rate: Fraction) -> Fraction:
    """The picture's beginning, or as many whole frames earlier as sound is there before it.

    Whole frames, so that pictures fall on the output's time grid and both keep step; what sound
    there is within less than a frame before the picture is cut off.
    """
    if audio is None or audio.start_s is None or audio.start_s >= video.start_s:
        return video.start_s
    return video.start_s - floor((video.start_s - audio.start_s) * rate) / rate

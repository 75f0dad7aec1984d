"""The rules that any package is judged by, as a table: number, what it says, how it is checked.

Numbers are those of Apple's HLS Authoring Specification, sections those of RFC 8216; what has only
a name is asked by nobody but us. Rules that must be kept are failures when they are not, others
warnings. What cannot be seen in a package (where it came from, who plays it) is not asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from shared.report import MAX_TEXT_LENGTH, Finding
from transcoder.inspect import captions, multivariant, pictures, rates, segments, sound
from transcoder.inspect.presentation import Presentation

Fault = tuple[str, str]
"""The name of a part, and what is the matter with it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `check` yields a fault for each part of the package that breaks it."""

    number: str
    what: str
    is_must: bool
    check: Callable[[Presentation], Iterator[Fault]]


RULES: Final = (
    Rule("readable", "everything that is named can be read", True, segments.find_unreadable),
    Rule("empty", "no segment is empty", True, segments.find_empty),
    Rule("decode", "key frames decode, and all that was decoded", True, pictures.find_broken),
    Rule("1.1", "pictures are H.264 or HEVC", True, pictures.find_other_codecs),
    Rule("1.3", "H.264 is at most High profile, level 5.2", True, pictures.find_high_profiles),
    Rule("1.10", "sample entries are avc1 or hvc1", True, pictures.find_inband_parameters),
    Rule("1.13", "a key frame every two seconds", False, pictures.find_rare_key_frames),
    Rule("1.14", "pictures are not interlaced", True, pictures.find_interlaced),
    Rule("1.18", "natural frame rates", False, rates.find_unnatural_rates),
    Rule("1.19", "at most 60 frames a second", True, rates.find_fast_rates),
    Rule("1.21", "one colour space", False, pictures.find_other_colours),
    Rule("1.24", "somebody without HDR can watch", True, multivariant.find_hdr_alone),
    Rule("1.26", "AVERAGE-BANDWIDTH within 10 %", True, rates.find_wrong_averages),
    Rule("1.27", "BANDWIDTH within 10 %", True, rates.find_wrong_peaks),
    Rule("1.30", "peak at most twice the average", False, rates.find_high_peaks),
    Rule("1.32", "the first variant is the one nearest 2 Mb/s", False, rates.find_wrong_first),
    Rule("1.33", "one aspect ratio", True, pictures.find_other_shapes),
    Rule("2.3", "there is AAC in stereo", True, sound.find_no_stereo),
    Rule("5.3", "captions name their place in time", True, captions.find_unmapped),
    Rule("5.5", "captions cover the whole film", True, captions.find_short),
    Rule("captions", "captions can be read", True, captions.find_faulty),
    Rule("6.1", "pictures come with I-frame playlists", True, multivariant.find_no_key_streams),
    Rule("6.2", "I-frame playlists hold key frames", True, pictures.find_wrong_key_entries),
    Rule("7.3", "segments follow without a gap", True, segments.find_gaps),
    Rule("7.4", "segments begin with a key frame", True, segments.find_dependent),
    Rule("7.5", "target durations of 6 s", False, segments.find_other_targets),
    Rule("7.7", "no segment 0.5 s above its target", True, segments.find_long),
    Rule("8.1", "EXTINF is what the media lasts", True, segments.find_wrong_durations),
    Rule("8.2", "one target duration", True, segments.find_different_targets),
    Rule("8.3", "sound is cut where the picture is", False, segments.find_different_lengths),
    Rule("8.6", "playlists are VOD and end", True, segments.find_open_ends),
    Rule("8.10", "renditions have a LANGUAGE", False, multivariant.find_no_language),
    Rule("8.22", "variants are cut at the same moments", True, segments.find_different_cuts),
    Rule("9.1", "CODECS, and they are the ones used", True, multivariant.find_wrong_codecs),
    Rule("9.2", "RESOLUTION, and it is right", True, multivariant.find_wrong_resolutions),
    Rule("9.5", "sound has playlists of its own", False, sound.find_muxed),
    Rule("9.6", "sound of more channels has, too", True, sound.find_muxed_channels),
    Rule("9.10", "HD in two qualities", False, multivariant.find_single_top),
    Rule("9.11", "EXT-X-INDEPENDENT-SEGMENTS", True, multivariant.find_no_independence),
    Rule("9.14", "AVERAGE-BANDWIDTH", True, multivariant.find_no_average),
    Rule("9.15", "FRAME-RATE, and it is right", True, multivariant.find_wrong_frame_rates),
    Rule("9.16", "VIDEO-RANGE unless all is SDR", True, multivariant.find_no_range),
    Rule("9.21", "a variant of at most 192 kb/s", False, rates.find_no_cellular),
    Rule("length", "all lasts equally long", False, segments.find_different_ends),
    Rule("start", "picture and sound begin together", False, segments.find_different_starts),
)


def judge(presentation: Presentation, rule: Rule) -> Iterator[Finding]:
    """What a rule has to say, each once."""
    for name, text in dict.fromkeys(rule.check(presentation)):
        yield Finding(rule=rule.number, name=name[:MAX_TEXT_LENGTH], text=text[:MAX_TEXT_LENGTH])

"""Where coded frames are cut, and at which times they stand."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest

from tests.transcoder.cmaf.test_boxes import AUDIO, VIDEO
from transcoder.cmaf.box_reader import find_media
from transcoder.cmaf.fragment_reader import SampleFacts, read_fragments
from transcoder.cmaf.init_reader import read_init
from transcoder.cmaf.segments import AudioSegments, VideoSegments

GROUP = 60


class Files:
    """Takes files as a store would."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def __call__(self, name: str, content: bytes) -> str:
        self.contents[name] = content
        return f"etag of {name}"


def code_pictures(count: int) -> list[tuple[int, int, bool]]:
    """(shown, decoded, is a key frame) as x264 gives them, two B-frames between others."""
    pictures: list[tuple[int, int, bool]] = []
    for begin in range(0, count, GROUP):
        end = min(begin + GROUP, count)
        order = [begin]
        for anchor in range(begin + 3, end + 2, 3):
            last = min(anchor, end - 1)
            order += [last, *range(anchor - 2, last)]
        pictures += [(shown, 0, shown == begin) for shown in dict.fromkeys(order)]
    return [(shown, n - 2, is_key) for n, (shown, _, is_key) in enumerate(pictures)]


def write_pictures(pictures: Sequence[tuple[int, int, bool]]) -> tuple[VideoSegments, Files]:
    files = Files()
    segments = VideoSegments(VIDEO, "video/720", files)
    for shown, decoded, is_key in pictures:
        segments.add(b"key" if is_key else b"picture", shown=shown, decoded=decoded, is_key=is_key)
    segments.finish()
    return segments, files


def test_a_segment_is_three_groups_of_pictures() -> None:
    segments, files = write_pictures(code_pictures(7 * GROUP))
    assert list(files.contents) == [
        "video/720/init.mp4",
        "video/720/1.m4s",
        "video/720/2.m4s",
        "video/720/3.m4s",
    ]
    assert [segment.duration_s for segment in segments.written] == [6, 6, 2]
    assert [len(segment.key_chunks) for segment in segments.written] == [3, 3, 1]
    assert segments.written[1].etag == "etag of video/720/2.m4s"


def read_samples(files: Files) -> list[SampleFacts]:
    """The samples of all segments, in the order they are decoded."""
    init = read_init(files.contents["video/720/init.mp4"])
    segments = [content for name, content in files.contents.items() if name.endswith(".m4s")]
    fragments = [fragment for s in segments for fragment in read_fragments(s, init)]
    return [sample for fragment in fragments for sample in fragment.samples]


@pytest.mark.parametrize("count", [4 * GROUP, GROUP + 1, GROUP + 2, GROUP + 4, 3])
def test_presentation_begins_at_zero_and_goes_on_evenly(count: int) -> None:
    _, files = write_pictures(code_pictures(count))
    samples = read_samples(files)
    assert sorted(s.shown_at for s in samples) == [n * 512 for n in range(count)]
    for sample, after in pairwise(samples):
        assert sample.decode_time < sample.decode_time + sample.duration == after.decode_time
        assert sample.shown_at >= sample.decode_time
    assert samples[-1].decode_time + samples[-1].duration == count * 512


def test_a_group_is_decoded_from_the_moment_it_is_shown() -> None:
    _, files = write_pictures(code_pictures(2 * GROUP))
    decoded = [sample.decode_time for sample in read_samples(files)]
    for begin in (0, GROUP * 512):
        group = decoded[begin // 512 :][:5]
        assert [time - begin for time in group] == [0, 510, 511, 512, 1024]


@pytest.mark.parametrize("count", range(1, 12))
def test_the_picture_shown_last_lasts_no_longer_than_others(count: int) -> None:
    _, files = write_pictures(code_pictures(count))
    last = max(read_samples(files), key=lambda sample: sample.shown_at)
    assert last.duration <= 512
    assert last.shown_at + 512 == count * 512


def test_pictures_that_wait_for_none_are_decoded_when_shown() -> None:
    _, files = write_pictures([(n, n, n % GROUP == 0) for n in range(GROUP)])
    init = read_init(files.contents["video/720/init.mp4"])
    for fragment in read_fragments(files.contents["video/720/1.m4s"], init):
        assert all(s.decode_time == s.shown_at for s in fragment.samples)


def test_key_frames_stand_in_chunks_of_their_own() -> None:
    segments, files = write_pictures(code_pictures(2 * GROUP))
    content = files.contents["video/720/1.m4s"]
    for chunk in segments.written[0].key_chunks:
        assert find_media(content[chunk.offset : chunk.offset + chunk.length]) == b"key"
        assert chunk.duration_s == 2


@pytest.mark.parametrize("count", [1, 2, GROUP - 1, GROUP + 1])
def test_the_last_group_may_be_short(count: int) -> None:
    segments, _ = write_pictures(code_pictures(count))
    assert sum(s.duration_s for s in segments.written) == Fraction(count, 30)


def test_no_pictures_make_no_segment() -> None:
    segments, files = write_pictures([])
    assert segments.written == []
    assert list(files.contents) == ["video/720/init.mp4"]


def write_sound(frames: int, segment_s: Fraction) -> tuple[AudioSegments, Files]:
    files = Files()
    segments = AudioSegments(AUDIO, "audio/stereo", files, segment_s)
    for _ in range(frames):
        segments.add(b"sound")
    segments.finish()
    return segments, files


def test_sound_is_cut_at_the_first_frame_after_the_picture() -> None:
    segments, files = write_sound(600, Fraction(6))
    assert [round(float(s.duration_s), 4) for s in segments.written] == [6.016, 5.9947, 0.7893]
    init = read_init(files.contents["audio/stereo/init.mp4"])
    begins = [
        read_fragments(files.contents[f"audio/stereo/{number}.m4s"], init)[0].samples[0].decode_time
        for number in (1, 2, 3)
    ]
    assert begins == [0, 282 * 1024, 563 * 1024]


def test_cuts_of_sound_do_not_drift() -> None:
    segment_s = 180 * Fraction(1001, 30000)
    segments, _ = write_sound(120 * 282, segment_s)
    end_s = Fraction(0)
    for number, segment in enumerate(segments.written[:-1], start=1):
        end_s += segment.duration_s
        assert 0 <= end_s - number * segment_s < Fraction(1024, 48000)

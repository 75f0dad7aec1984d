"""Every rule is broken once, and is then the one that complains."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import pytest

from shared.hls.media import MediaPlaylist
from shared.hls.multivariant import Media, MultivariantPlaylist, Variant
from tests.transcoder.orders import Made
from transcoder.inspect.presentation import (
    KeyEntry,
    Presentation,
    Segment,
    Span,
    Stream,
    TextSegment,
    TextStream,
)
from transcoder.inspect.rules import RULES, judge
from transcoder.inspect.sources import FolderSource
from transcoder.inspect.walk import walk_presentation

TOP: Final = "video/720/media.m3u8"
SOUND: Final = "audio/stereo/media.m3u8"
TEXT: Final = "text/en/media.m3u8"

Change = Callable[[Presentation], Presentation]


@pytest.fixture(scope="module")
def sound_film(film: Made) -> Presentation:
    """Our film, with captions, languages and sound alone, so that nobody complains of it."""
    found = walk_presentation(FolderSource(film.folder), "main.m3u8")
    media = tuple(replace(one, language="en") for one in found.main.media)
    needed = found.streams[SOUND].bandwidth
    alone = Variant(
        SOUND, needed.peak_bps, needed.average_bps, codecs="mp4a.40.2", audio=media[0].group_id
    )
    playlist = MediaPlaylist(7, (), playlist_type="VOD", ended=True)
    segment = TextSegment("text/en/1.vtt", Fraction(7), 100, has_map=True)
    return replace(
        found,
        main=replace(found.main, media=media, variants=(*found.main.variants, alone)),
        texts={TEXT: TextStream(TEXT, playlist, (segment,))},
    )


def on_main(**changes: Any) -> Change:
    return lambda film: replace(film, main=replace(film.main, **changes))


def on_stream(name: str, change: Callable[[Stream], Stream]) -> Change:
    return lambda film: replace(
        film,
        streams={uri: change(s) if uri == name else s for uri, s in film.streams.items()},
    )


def on_streams(**changes: Any) -> Change:
    return lambda film: replace(
        film, streams={uri: replace(s, **changes) for uri, s in film.streams.items()}
    )


def on_variants(change: Callable[[Variant], Variant]) -> Change:
    def make(main: MultivariantPlaylist) -> MultivariantPlaylist:
        return replace(main, variants=tuple(map(change, main.variants)))

    return lambda film: replace(film, main=make(film.main))


def on_playlist(name: str, **changes: Any) -> Change:
    return on_stream(name, lambda s: replace(s, playlist=replace(s.playlist, **changes)))


def on_spans(name: str, change: Callable[[Span], Span], *, number: int | None = None) -> Change:
    """Change what one segment of a stream holds, or each does."""

    def make(stream: Stream) -> Stream:
        return replace(
            stream,
            segments=tuple(
                _change_span(segment, change) if number in (None, place) else segment
                for place, segment in enumerate(stream.segments)
            ),
        )

    return on_stream(name, make)


def _change_span(segment: Segment, change: Callable[[Span], Span]) -> Segment:
    if segment.picture:
        return replace(segment, picture=change(segment.picture))
    return replace(segment, sound=change(segment.main))


def on_entry(track: str, /, **changes: Any) -> Change:
    def make(film: Presentation) -> Presentation:
        return replace(
            film,
            streams={
                uri: replace(s, **{track: replace(getattr(s, track), **changes)})
                if getattr(s, track)
                else s
                for uri, s in film.streams.items()
            },
        )

    return make


def on_looks(**changes: Any) -> Change:
    return on_stream(
        TOP, lambda s: replace(s, looks=tuple(replace(one, **changes) for one in s.looks))
    )


def on_text(**changes: Any) -> Change:
    return lambda film: replace(
        film,
        texts={
            uri: replace(text, segments=tuple(replace(s, **changes) for s in text.segments))
            for uri, text in film.texts.items()
        },
    )


def make_long(film: Presentation) -> Presentation:
    """The lowest rung three times as long, with a peak in the middle."""
    name, stream = next(iter(film.streams.items()))
    first = replace(stream.segments[0], size_bytes=100)
    peak = replace(first, size_bytes=90_000)
    long = replace(stream, segments=(first, peak, first, first))
    listed = (stream.playlist.segments[0],) * 4
    return on_playlist(name, segments=listed)(replace(film, streams={name: long}))


def merge_sound(film: Presentation) -> Presentation:
    sound = film.streams[SOUND]
    return on_stream(TOP, lambda s: replace(s, sound=sound.sound))(film)


def merge_wide_sound(film: Presentation) -> Presentation:
    return on_entry("sound", channels=6)(merge_sound(film))


def spoil_entries(film: Presentation) -> Presentation:
    return replace(
        film,
        key_streams={
            uri: replace(stream, entries=(KeyEntry("1.m4s", "does not decode"),))
            for uri, stream in film.key_streams.items()
        },
    )


def shift(by: Fraction) -> Callable[[Span], Span]:
    return lambda span: replace(
        span,
        starts_s=span.starts_s + by,
        ends_s=span.ends_s + by,
        decodes_from_s=span.decodes_from_s + by,
    )


def lose_pictures(stream: Stream) -> Stream:
    first = stream.segments[0]
    lost = replace(first, picture=None, sound=first.picture)
    return replace(stream, segments=(lost, *stream.segments[1:]))


def double_top(film: Presentation) -> Presentation:
    return on_variants(lambda v: replace(v, resolution=(1920, 1080)) if v.uri == TOP else v)(film)


BROKEN: Final[dict[str, Change]] = {
    "readable": lambda film: replace(film, unreadable={"x.m3u8": "is no playlist"}),
    "empty": on_stream(TOP, lose_pictures),
    "decode": on_spans(TOP, lambda span: replace(span, broken=1)),
    "1.1": on_entry("picture", kind="vp09"),
    "1.3": on_entry("picture", codecs="avc1.640035"),
    "1.10": on_entry("picture", kind="avc3"),
    "1.13": on_spans(TOP, lambda span: replace(span, key_frames=span.key_frames[:1])),
    "1.14": on_looks(is_interlaced=True),
    "1.18": on_spans(TOP, lambda span: replace(span, frame_s=Fraction(1, 15))),
    "1.19": on_spans(TOP, lambda span: replace(span, frame_s=Fraction(1, 120))),
    "1.21": on_looks(primaries=9, matrix=9),
    "1.24": lambda film: on_streams(looks=tuple(
        replace(look, transfer=16) for look in film.streams[TOP].looks
    ))(film),
    "1.26": on_variants(lambda v: replace(v, average_bandwidth_bps=1000)),
    "1.27": on_variants(lambda v: replace(v, bandwidth_bps=v.bandwidth_bps * 2)),
    "1.30": make_long,
    "1.32": lambda film: on_main(variants=film.main.variants[::-1])(film),
    "1.33": on_looks(height_px=540),
    "2.3": on_entry("sound", codecs="ac-3"),
    "5.3": on_text(has_map=False),
    "5.5": on_text(listed_s=Fraction(5)),
    "captions": on_text(fault="is not WebVTT"),
    "6.1": on_main(i_frame_variants=()),
    "6.2": spoil_entries,
    "7.3": on_spans(TOP, shift(Fraction(1)), number=1),
    "7.4": on_spans(TOP, lambda span: replace(span, begins_with_key=False), number=1),
    "7.5": on_playlist(TOP, target_duration_s=10),
    "7.7": on_playlist(TOP, target_duration_s=5),
    "8.1": on_spans(TOP, lambda span: replace(span, ends_s=span.ends_s + 1), number=1),
    "8.2": on_playlist(SOUND, target_duration_s=7),
    "8.3": on_spans(SOUND, shift(Fraction(1, 10)), number=1),
    "8.6": on_playlist(SOUND, ended=False),
    "8.10": lambda film: on_main(
        media=tuple(replace(one, language=None) for one in film.main.media)
    )(film),
    "8.22": on_spans(TOP, shift(Fraction(1, 10)), number=1),
    "9.1": on_variants(lambda v: replace(v, codecs="avc1.4d401f,mp4a.40.2")),
    "9.2": on_variants(lambda v: replace(v, resolution=None)),
    "9.5": merge_sound,
    "9.6": merge_wide_sound,
    "9.10": double_top,
    "9.11": lambda film: on_streams(
        playlist=replace(film.streams[TOP].playlist, independent_segments=False)
    )(on_main(independent_segments=False)(film)),
    "9.14": on_variants(lambda v: replace(v, average_bandwidth_bps=None)),
    "9.15": on_variants(lambda v: replace(v, frame_rate=Decimal("25.000"))),
    "9.16": on_variants(lambda v: replace(v, video_range="PQ")),
    "9.21": on_variants(lambda v: replace(v, bandwidth_bps=max(v.bandwidth_bps, 300_000))),
    "length": on_spans(SOUND, lambda span: replace(span, ends_s=span.ends_s - 1), number=1),
    "start": on_spans(SOUND, shift(Fraction(1, 20)), number=0),
}  # fmt: skip


def complaints(film: Presentation) -> set[str]:
    return {finding.rule for rule in RULES for finding in judge(film, rule)}


def test_every_rule_is_tried_here() -> None:
    assert [rule.number for rule in RULES] == list(BROKEN)


def test_nobody_complains_of_a_good_film(sound_film: Presentation) -> None:
    assert complaints(sound_film) == set()


@pytest.mark.parametrize("number", BROKEN)
def test_a_broken_rule_complains(number: str, sound_film: Presentation) -> None:
    assert number in complaints(BROKEN[number](sound_film))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(on_variants(lambda v: replace(v, codecs=None)), id="no CODECS"),
        pytest.param(
            lambda film: on_main(
                i_frame_variants=tuple(
                    replace(one, codecs=None) for one in film.main.i_frame_variants
                )
            )(film),
            id="no CODECS of key frames",
        ),
    ],
)
def test_codecs_are_wanted_of_both_kinds(change: Change, sound_film: Presentation) -> None:
    assert "9.1" in complaints(change(sound_film))


def test_a_new_beginning_is_no_gap(sound_film: Presentation) -> None:
    gap = BROKEN["7.3"](sound_film)
    listed = gap.streams[TOP].playlist.segments
    marked = tuple(replace(segment, discontinuity=True) for segment in listed)
    assert "7.3" not in complaints(on_playlist(TOP, segments=marked)(gap))


def test_a_film_of_one_segment_may_have_any_target(sound_film: Presentation) -> None:
    short = on_streams(segments=sound_film.streams[TOP].segments[:1])(sound_film)
    changed = on_playlist(TOP, target_duration_s=1, segments=())(short)
    rule = next(rule for rule in RULES if rule.number == "7.5")
    assert list(judge(changed, rule)) == []


def test_sound_alone_plays_instead_of_the_others_of_its_group(sound_film: Presentation) -> None:
    other = replace(sound_film.streams[SOUND], name="audio/other/media.m3u8")
    media = replace(sound_film.main.media[0], uri=other.name, name="Other", default=False)
    film = replace(
        sound_film,
        main=replace(sound_film.main, media=(*sound_film.main.media, media)),
        streams={**sound_film.streams, other.name: other},
    )
    alone = film.main.variants[-1]
    assert film.bandwidth(alone, film.streams[SOUND]) == film.streams[SOUND].bandwidth
    assert [rule.number for rule in RULES if list(judge(film, rule))] == []


def test_sound_alone_may_begin_with_any_variant(sound_film: Presentation) -> None:
    alone = sound_film.main.variants[-1]
    nearer = replace(alone, uri="audio/surround/media.m3u8", bandwidth_bps=400_000)
    film = on_main(variants=(alone, nearer))(sound_film)
    film = replace(film, streams={SOUND: sound_film.streams[SOUND]})
    assert "1.32" not in complaints(film)


@pytest.mark.parametrize(
    ("counted", "rules"),
    [(0, set()), (1, set()), (2, {"1.26", "1.27"})],
    ids=["left out", "counted", "counted twice"],
)
def test_captions_may_be_counted_once(
    counted: int, rules: set[str], sound_film: Presentation
) -> None:
    """Of 100,000 bytes in seven seconds."""
    rate_bps = 100_000 * 8 // 7 + 1
    large = on_text(size_bytes=100_000)(sound_film)
    media = Media("SUBTITLES", "text", "English", uri=TEXT, language="en")
    named = on_main(media=(*large.main.media, media))(large)
    film = on_variants(
        lambda v: replace(
            v,
            subtitles="text",
            bandwidth_bps=v.bandwidth_bps + counted * rate_bps,
            average_bandwidth_bps=(v.average_bandwidth_bps or 0) + counted * rate_bps,
        )
    )(named)
    assert complaints(film) & {"1.26", "1.27"} == rules


def test_sound_alone_needs_as_much_as_the_most_demanding_of_its_group(
    sound_film: Presentation,
) -> None:
    sound = sound_film.streams[SOUND]
    larger = tuple(replace(one, size_bytes=2 * one.size_bytes) for one in sound.segments)
    other = replace(sound, name="audio/other/media.m3u8", segments=larger)
    media = replace(sound_film.main.media[0], uri=other.name, name="Other", default=False)
    film = on_main(media=(*sound_film.main.media, media))(sound_film)
    film = replace(film, streams={**film.streams, other.name: other})
    assert film.bandwidth(film.main.variants[-1], sound) == other.bandwidth
    top = film.streams[TOP]
    (variant,) = [variant for variant in film.main.variants if variant.uri == TOP]
    assert film.bandwidth(variant, top) == top.bandwidth + other.bandwidth


def test_the_first_variant_is_compared_with_those_of_its_own_group(
    sound_film: Presentation,
) -> None:
    first = sound_film.main.variants[0]
    media = tuple(replace(one, group_id="surround") for one in sound_film.main.media)
    nearer = replace(first, uri="video/480/media.m3u8", bandwidth_bps=2_000_000, audio="surround")
    main = replace(
        sound_film.main,
        variants=(*sound_film.main.variants, nearer),
        media=(*sound_film.main.media, *media),
    )
    (rule,) = [rule for rule in RULES if rule.number == "1.32"]
    assert list(judge(replace(sound_film, main=main), rule)) == []

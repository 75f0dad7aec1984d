"""Playlists at random, for properties that hold for all."""

from decimal import Decimal

from hypothesis import strategies as st

from shared.hls.media import ByteRange, Key, Map, MediaPlaylist, Segment
from shared.hls.multivariant import (
    IFrameVariant,
    Media,
    MultivariantPlaylist,
    SessionData,
    Variant,
)

texts = st.text(
    st.characters(exclude_characters='"', exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8
)
uris = st.from_regex(r"[a-z0-9_./-]{1,12}", fullmatch=True)
counts = st.integers(0, 10**9)
durations = st.decimals(0, 10, places=3)

maps = st.builds(Map, uri=uris, byte_range=st.none() | st.builds(ByteRange, counts, counts))
keys = st.builds(
    Key,
    method=st.sampled_from(["AES-128", "SAMPLE-AES"]),
    uri=uris,
    iv=st.none() | st.from_regex(r"0x[0-9A-F]{1,32}", fullmatch=True),
)
segments = st.builds(
    Segment,
    uri=uris,
    duration_s=durations,
    byte_range=st.none() | st.builds(ByteRange, counts, counts),
    map=maps,
    key=st.none() | keys,
    discontinuity=st.booleans(),
)
media_playlists = st.builds(
    MediaPlaylist,
    target_duration_s=st.integers(10, 20),
    segments=st.lists(segments, max_size=5).map(tuple),
    version=st.integers(1, 12),
    media_sequence=counts,
    playlist_type=st.sampled_from([None, "VOD", "EVENT"]),
    independent_segments=st.booleans(),
    i_frames_only=st.booleans(),
    ended=st.booleans(),
)

sizes = st.tuples(st.integers(1, 9999), st.integers(1, 9999))
renditions = st.builds(
    Media,
    type=st.just("AUDIO"),
    group_id=st.sampled_from(["a", "b"]),
    name=texts,
    uri=st.none() | uris,
    language=st.none() | texts,
    default=st.booleans(),
    autoselect=st.booleans(),
    forced=st.booleans(),
    channels=st.none() | texts,
    characteristics=st.none() | texts,
)
EVERY_GROUP = (
    Media("AUDIO", "a", "A"),
    Media("AUDIO", "b", "B"),
    Media("SUBTITLES", "t", "T"),
    Media("CLOSED-CAPTIONS", "c", "C"),
)
variants = st.builds(
    Variant,
    uri=uris,
    bandwidth_bps=counts,
    average_bandwidth_bps=st.none() | counts,
    codecs=st.none() | texts,
    resolution=st.none() | sizes,
    frame_rate=st.none() | st.decimals(1, 120, places=5).map(Decimal),
    video_range=st.sampled_from([None, "SDR", "PQ"]),
    audio=st.sampled_from([None, "a", "b"]),
    subtitles=st.sampled_from([None, "t"]),
    closed_captions=st.sampled_from([None, "NONE", "c"]),
)
i_frame_variants = st.builds(
    IFrameVariant,
    uri=uris,
    bandwidth_bps=counts,
    average_bandwidth_bps=st.none() | counts,
    codecs=st.none() | texts,
    resolution=st.none() | sizes,
    video_range=st.sampled_from([None, "SDR", "PQ"]),
)
session_data = st.builds(SessionData, texts, value=texts, language=st.none() | texts) | st.builds(
    SessionData, texts, uri=uris
)
multivariant_playlists = st.builds(
    MultivariantPlaylist,
    variants=st.lists(variants, min_size=1, max_size=4).map(tuple),
    media=st.lists(renditions, max_size=3).map(lambda some: (*some, *EVERY_GROUP)),
    i_frame_variants=st.lists(i_frame_variants, max_size=3).map(tuple),
    session_data=st.lists(session_data, max_size=2).map(tuple),
    version=st.integers(1, 12),
    independent_segments=st.booleans(),
)

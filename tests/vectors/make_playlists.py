"""Writes the playlists of this folder from their models, one of each sort.

Run `python -m tests.vectors.make_playlists` after a change of the format; a changed vector is one.
"""

from decimal import Decimal
from pathlib import Path
from typing import Final

from shared.hls.media import ByteRange, Key, Map, MediaPlaylist, Segment, render_media
from shared.hls.multivariant import (
    IFrameVariant,
    Media,
    MultivariantPlaylist,
    SessionData,
    Variant,
    render_multivariant,
)

FOLDER: Final = Path(__file__).parent

MULTIVARIANT: Final = MultivariantPlaylist(
    variants=(
        Variant(
            "video/720/index.m3u8",
            bandwidth_bps=3_120_448,
            average_bandwidth_bps=2_410_112,
            codecs="avc1.64001f,mp4a.40.2",
            resolution=(1280, 720),
            frame_rate=Decimal(30000) / 1001,
            video_range="SDR",
            audio="audio",
            subtitles="text",
            closed_captions="NONE",
        ),
        Variant(
            "video/360/index.m3u8",
            bandwidth_bps=912_004,
            average_bandwidth_bps=700_120,
            codecs="avc1.64001e,mp4a.40.2",
            resolution=(640, 360),
            frame_rate=Decimal(30000) / 1001,
            video_range="SDR",
            audio="audio",
            subtitles="text",
            closed_captions="NONE",
        ),
    ),
    media=(
        Media("AUDIO", "audio", "English", "audio/en/index.m3u8", "en", True, True, channels="2"),
        Media("AUDIO", "audio", "Fran\u00e7ais", "audio/fr/index.m3u8", "fr", channels="2"),
        Media(
            "SUBTITLES",
            "text",
            "English, for the hard of hearing",
            "text/en/index.m3u8",
            "en",
            autoselect=True,
            characteristics="public.accessibility.transcribes-spoken-dialog",
        ),
    ),
    i_frame_variants=(
        IFrameVariant(
            "video/720/i_frames.m3u8",
            bandwidth_bps=640_208,
            average_bandwidth_bps=300_010,
            codecs="avc1.64001f",
            resolution=(1280, 720),
            video_range="SDR",
        ),
    ),
    session_data=(SessionData("com.apple.hls.chapters", uri="text/chapters.json"),),
    independent_segments=True,
)

INIT: Final = Map("init.mp4")
MEDIA: Final = MediaPlaylist(
    target_duration_s=6,
    segments=(
        Segment("1.m4s", Decimal("6.006"), map=INIT),
        Segment("2.m4s", Decimal("6.006"), map=INIT, key=Key("AES-128", "../../key/1.key", "0x01")),
        Segment("3.m4s", Decimal("2.5"), map=Map("init_2.mp4"), discontinuity=True),
    ),
    playlist_type="VOD",
    independent_segments=True,
    ended=True,
)

I_FRAMES: Final = MediaPlaylist(
    target_duration_s=2,
    segments=(
        Segment("1.m4s", Decimal(2), ByteRange(20_110, 804), Map("init.mp4", ByteRange(812, 0))),
        Segment("1.m4s", Decimal(2), ByteRange(18_204), Map("init.mp4", ByteRange(812, 0))),
        Segment(
            "2.m4s", Decimal("1.5"), ByteRange(17_008, 804), Map("init.mp4", ByteRange(812, 0))
        ),
    ),
    playlist_type="VOD",
    independent_segments=True,
    i_frames_only=True,
    ended=True,
)


def render_vectors() -> dict[str, str]:
    """The text of each file, by its name."""
    return {
        "multivariant.m3u8": render_multivariant(MULTIVARIANT),
        "media.m3u8": render_media(MEDIA),
        "i_frames.m3u8": render_media(I_FRAMES),
    }


if __name__ == "__main__":
    for name, text in render_vectors().items():
        (FOLDER / name).write_text(text)

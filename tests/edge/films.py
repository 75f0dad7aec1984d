"""Films of random bytes, published as the transcoder would: nothing here can be watched."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.asset import (
    Asset,
    AssetFile,
    Rendition,
    SegmentRun,
    VideoPointer,
    content_type_of,
    etag_of,
    render_asset,
)
from shared.hls.multivariant import Media, MultivariantPlaylist, Variant, render_multivariant
from shared.keyring import SigningKey, public_jwk, render_jwks
from shared.paths import asset_document_key, asset_key, video_pointer_key
from shared.runtime.store.interface import Store
from shared.tokens import Claims, issue_token

ASSET_ID = "0198c0de-0000-7000-8000-00000000a001"
VIDEO_ID = "0198c0de-0000-7000-8000-00000000f001"
OTHER_ASSET_ID = "0198c0de-0000-7000-8000-00000000a002"
OTHER_VIDEO_ID = "0198c0de-0000-7000-8000-00000000f002"
ISSUER = "https://sluice.example"

SEGMENT_IN_PAGES = "video/720/9.m4s"
"""Large enough to be sent from the page cache, where a film has it."""

RUNGS = (360, 720, 1080)
SEGMENTS = 3
_BODIES = {
    "poster/poster.jpg": 900,
    "storyboard/storyboard.vtt": 300,
    "storyboard/sheet_1.jpg": 1_200,
    "text/en.vtt": 400,
    "key/1.key": 16,
    "download/film.mp4": 5_000,
    "audio/stereo/playlist.m3u8": 500,
    "audio/stereo/init.mp4": 700,
    **{f"video/{height}/playlist.m3u8": 600 for height in RUNGS},
    **{f"video/{height}/init.mp4": 800 for height in RUNGS},
}
_AUDIO = "audio/stereo/{number}.m4s"


@dataclass(frozen=True, slots=True)
class Film:
    """An asset and all its bytes by name."""

    asset: Asset
    contents: Mapping[str, bytes]


def make_film(
    *,
    asset_id: str = ASSET_ID,
    video_id: str = VIDEO_ID,
    segment_bytes: int = 3_000,
    sizes: Mapping[str, int] | None = None,
) -> Film:
    """A film of three rungs, audio and one file of every kind; `sizes` adds or resizes files."""
    source = random.Random(asset_id)  # noqa: S311  (film, not secrets)
    contents = {"main.m3u8": _main_playlist().encode()}
    heights: dict[str, int] = {}
    for height in RUNGS:
        for name in (f"video/{height}/playlist.m3u8", f"video/{height}/init.mp4"):
            contents[name] = source.randbytes(600)
            heights[name] = height
    contents |= {name: source.randbytes(size) for name, size in _BODIES.items()}
    for name, size in (sizes or {}).items():
        # from a source of their own, so that all else stays as it is without them
        contents[name] = random.Random(f"{asset_id}/{name}").randbytes(size)  # noqa: S311
    listed = tuple(
        AssetFile(
            name=name,
            size_bytes=len(content),
            etag=etag_of(content),
            content_type=content_type_of(name),
            height=_height_of(name),
        )
        for name, content in contents.items()
    )
    runs = {
        pattern: [source.randbytes(segment_bytes) for _ in range(SEGMENTS)]
        for pattern in [*(f"video/{height}/{{number}}.m4s" for height in RUNGS), _AUDIO]
    }
    for pattern, segments in runs.items():
        names = (pattern.format(number=number) for number in range(1, SEGMENTS + 1))
        contents |= dict(zip(names, segments, strict=True))
    renditions = tuple(_rendition(pattern, segments) for pattern, segments in runs.items())
    asset = Asset(
        asset_id=asset_id,
        video_id=video_id,
        created_at=1_767_225_600,
        duration_ms=18_000,
        files=listed,
        renditions=renditions,
    )
    return Film(asset, contents)


def _main_playlist() -> str:
    variants = tuple(
        Variant(
            uri=f"video/{height}/playlist.m3u8",
            bandwidth_bps=height * 4_000,
            codecs="avc1.640028,mp4a.40.2",
            resolution=(height * 16 // 9, height),
            frame_rate=Decimal("25.000"),
            audio="stereo",
        )
        for height in RUNGS
    )
    audio = Media(type="AUDIO", group_id="stereo", name="Stereo", uri="audio/stereo/playlist.m3u8")
    return render_multivariant(MultivariantPlaylist(variants=variants, media=(audio,)))


def _height_of(name: str) -> int | None:
    return int(name.split("/")[1]) if name.startswith("video/") else None


def _rendition(pattern: str, segments: list[bytes]) -> Rendition:
    height = _height_of(pattern)
    return Rendition(
        id=pattern.split("/")[1],
        kind="audio" if height is None else "video",
        codecs="mp4a.40.2" if height is None else "avc1.640028",
        duration_ms=18_000,
        bandwidth_bps=1_000_000,
        average_bandwidth_bps=900_000,
        height=height,
        segments=SegmentRun(
            pattern=pattern,
            sizes_bytes=tuple(len(segment) for segment in segments),
            etags=tuple(etag_of(segment) for segment in segments),
        ),
    )


def publish_film(store: Store, film: Film) -> None:
    """Put every file into the store, `asset.json` last, then point the video at the asset."""
    asset = film.asset
    for name, content in film.contents.items():
        store.put(asset_key(asset.asset_id, name), content)
    store.put(asset_document_key(asset.asset_id), render_asset(asset))
    point_video(store, video_id=asset.video_id, asset_id=asset.asset_id)


def point_video(store: Store, *, video_id: str, asset_id: str) -> None:
    pointer = VideoPointer(video_id=video_id, asset_id=asset_id)
    store.put(video_pointer_key(video_id), pointer.model_dump_json().encode())


@dataclass(frozen=True, slots=True)
class Signer:
    """A deployment's signing key, and tokens by it that are good for an hour unless told."""

    key: SigningKey

    def jwks(self) -> bytes:
        return render_jwks([public_jwk(self.key.private.public_key())])

    def issue(self, **claims: Any) -> str:
        return issue_token(self.claims(**claims), self.key)

    def claims(self, **claims: Any) -> Claims:
        now = int(time.time())
        scope = {} if "asset_id" in claims else {"video_id": VIDEO_ID}
        times = {"issued_at": now - 60, "not_before": now - 60, "expires_at": now + 3600}
        names = {"issuer": self.key.issuer, "subject": "viewer", "session_id": "session"}
        return Claims(**{**names, **scope, **times, **claims})


def make_signer(issuer: str = ISSUER) -> Signer:
    private = Ed25519PrivateKey.generate()
    return Signer(SigningKey(public_jwk(private.public_key())["kid"], issuer, private))

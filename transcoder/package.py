"""The package of one asset: its files on their way into the store, and its `asset.json`.

Names: `video/<height>/` and `audio/stereo/` each hold `init.mp4`, segments `1.m4s` and on, and
`media.m3u8`; a rung has `iframes.m3u8` as well. `main.m3u8` names them all.
"""

from collections.abc import Iterable
from fractions import Fraction

from shared.asset import SEGMENT_NUMBER, Asset, AssetFile, SegmentRun, content_type_of, etag_of
from shared.asset import Rendition as Record
from shared.paths import asset_key
from shared.runtime.store.interface import Store
from transcoder.film import Film, Rendition, VideoRendition
from transcoder.ladder import AUDIO_CHANNELS
from transcoder.playlists import choose_target, measure_rendition


class AssetFolder:
    """An asset's place in the store; remembers what was put there."""

    def __init__(self, store: Store, asset_id: str) -> None:
        self._store = store
        self._asset_id = asset_id
        self.files: list[AssetFile] = []

    def put(self, name: str, content: bytes) -> str:
        """Store a finished file; returns its entity tag. Threads may call this at once."""
        etag = etag_of(content)
        self._store.put(asset_key(self._asset_id, name), content)
        self.files.append(
            AssetFile(
                name=name,
                size_bytes=len(content),
                etag=etag,
                content_type=content_type_of(name),
                height=_height_of(name),
            )
        )
        return etag

    def get(self, name: str) -> bytes:
        return self._store.get(asset_key(self._asset_id, name))

    def get_range(self, name: str, offset: int, length: int) -> bytes:
        return self._store.get_range(asset_key(self._asset_id, name), offset, length)


def _height_of(name: str) -> int | None:
    """The rung a file belongs to, `video/720/...`."""
    folder, _, rest = name.partition("/")
    return int(rest.partition("/")[0]) if folder == "video" else None


def describe_asset(
    film: Film, files: Iterable[AssetFile], *, asset_id: str, video_id: str, now: int
) -> Asset:
    """The asset's document; of `files`, segments are left to the renditions."""
    target_s = choose_target(film)
    others = (file for file in files if not file.name.endswith(".m4s"))
    return Asset(
        asset_id=asset_id,
        video_id=video_id,
        created_at=now,
        duration_ms=_milliseconds(film.duration_s),
        files=tuple(sorted(others, key=lambda file: file.name)),
        renditions=tuple(_record(rendition, target_s) for rendition in film.renditions),
    )


def _record(rendition: Rendition, target_s: int) -> Record:
    rung = rendition.rung if isinstance(rendition, VideoRendition) else None
    needed = measure_rendition(rendition, target_s)
    return Record(
        id=rendition.folder.rpartition("/")[2],
        kind="video" if rung else "audio",
        codecs=rendition.codecs,
        duration_ms=_milliseconds(rendition.duration_s),
        bandwidth_bps=needed.peak_bps,
        average_bandwidth_bps=needed.average_bps,
        segments=SegmentRun(
            pattern=f"{rendition.folder}/{SEGMENT_NUMBER}.m4s",
            sizes_bytes=tuple(segment.size_bytes for segment in rendition.segments),
            etags=tuple(segment.etag for segment in rendition.segments),
        ),
        height=rung.height if rung else None,
        frame_width_px=rung.width_px if rung else None,
        frame_height_px=rung.height_px if rung else None,
        frame_rate=f"{rung.frame_rate.numerator}/{rung.frame_rate.denominator}" if rung else None,
        channels=None if rung else AUDIO_CHANNELS,
    )


def _milliseconds(seconds: Fraction) -> int:
    return max(1, round(seconds * 1000))

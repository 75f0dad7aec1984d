"""Orders, and the short way from a source to its asset."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.asset import Asset
from shared.jobs import TranscodeOrder
from shared.paths import asset_prefix, original_key
from shared.runtime.store.local import LocalStore
from transcoder.pipeline import make_asset
from transcoder.progress import Meter
from transcoder.settings import Settings

JOB_ID: Final = "0198c0de-0000-7000-8000-000000000001"
VIDEO_ID: Final = "0198c0de-0000-7000-8000-000000000002"
ASSET_ID: Final = "0198c0de-0000-7000-8000-000000000003"
UPLOAD_ID: Final = "0198c0de-0000-7000-8000-000000000004"
SOURCE_KEY: Final = original_key(VIDEO_ID, UPLOAD_ID)
NOW: Final = 1_767_225_600

# faster still would be without B-frames, which are half the difficulty
QUICK: Final = Settings(preset="superfast")


@dataclass(frozen=True, slots=True)
class Made:
    """An asset and the folder it lies in."""

    asset: Asset
    folder: Path
    store: LocalStore


def make_order(**changes: Any) -> TranscodeOrder:
    order = TranscodeOrder(
        job_id=JOB_ID,
        chunk=0,
        attempt=1,
        video_id=VIDEO_ID,
        asset_id=ASSET_ID,
        source_key=SOURCE_KEY,
        lease_ends_at=NOW + 20,
    )
    return order.model_copy(update=changes)


def transcode(source: bytes, root: Path, settings: Settings = QUICK) -> Made:
    """Put a source into a store at `root` and make its asset."""
    store = LocalStore(root)
    order = make_order()
    store.put(order.source_key, source)
    asset = make_asset(order, store, settings, now=NOW, meter=Meter(lambda _: None))
    return Made(asset, root / asset_prefix(order.asset_id), store)

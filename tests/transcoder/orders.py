"""Orders, and the short way from a source to its asset."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.asset import Asset, parse_asset
from shared.jobs import EncodeOrder, PackageOrder, PlanOrder
from shared.paths import asset_document_key, asset_prefix, original_key
from shared.runtime.store.local import LocalStore
from transcoder.pipeline import make_chunk, make_package, make_plan
from transcoder.progress import Meter
from transcoder.settings import Limits, Settings

JOB_ID: Final = "0198c0de-0000-7000-8000-000000000001"
VIDEO_ID: Final = "0198c0de-0000-7000-8000-000000000002"
ASSET_ID: Final = "0198c0de-0000-7000-8000-000000000003"
UPLOAD_ID: Final = "0198c0de-0000-7000-8000-000000000004"
SOURCE_KEY: Final = original_key(VIDEO_ID, UPLOAD_ID)
NOW: Final = 1_767_225_600

# faster still would be without B-frames, which are half the difficulty
QUICK: Final = Settings(preset="superfast")

# progress that nobody listens to
MUTE: Final = Meter(lambda _: None)

_COMMON: Final[dict[str, Any]] = {
    "job_id": JOB_ID,
    "attempt": 1,
    "video_id": VIDEO_ID,
    "source_key": SOURCE_KEY,
    "lease_ends_at": NOW + 20,
}


@dataclass(frozen=True, slots=True)
class Made:
    """An asset and the folder it lies in."""

    asset: Asset
    folder: Path
    store: LocalStore


def make_limits(**changes: int) -> Limits:
    limits = Limits(
        cpu_s=600, wall_s=600, stall_s=180, address_bytes=6 * 10**9, file_bytes=512 * 10**6
    )
    return limits.model_copy(update=changes)


def plan_order(**changes: Any) -> PlanOrder:
    return PlanOrder(**{**_COMMON, "chunk": 0, **changes})


def encode_order(chunk: int = 1, **changes: Any) -> EncodeOrder:
    return EncodeOrder(**{**_COMMON, "chunk": chunk, "memory_bytes": 1_000_000, **changes})


def package_order(chunks: int = 1, **changes: Any) -> PackageOrder:
    members = {**_COMMON, "chunk": chunks + 1, "chunks": chunks, "asset_id": ASSET_ID}
    return PackageOrder(**{**members, **changes})


def transcode(source: bytes, root: Path, settings: Settings = QUICK) -> Made:
    """Put a source into a store at `root` and make its asset."""
    store = LocalStore(root)
    store.put(SOURCE_KEY, source)
    plan = make_plan(plan_order(), store, settings, MUTE)
    for chunk in plan.chunks:
        make_chunk(encode_order(chunk.number), store, settings, MUTE)
    make_package(package_order(len(plan.chunks)), store, settings, MUTE, now=NOW)
    return read_made(store, root, ASSET_ID)


def read_made(store: LocalStore, root: Path, asset_id: str) -> Made:
    asset = parse_asset(store.get(asset_document_key(asset_id)))
    return Made(asset, root / asset_prefix(asset_id), store)

"""What is served: assets of random bytes, written plainly since nothing here needs to last."""

import os
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from shared.asset import Asset, AssetFile, content_type_of, etag_of, render_asset
from shared.paths import (
    MAIN_PLAYLIST,
    asset_document_key,
    asset_key,
)
from tests.edge.films import VIDEO_ID

RUNG: Final = 720
LINKS: Final = 50_000
"""ext4 gives a file 65,000 names at most."""

_CREATED_AT: Final = 1_767_225_600


def number_asset(number: int) -> str:
    return f"0198c0de-0000-7000-8000-{number:012x}"


def name_file(size_bytes: int, number: int = 0) -> str:
    return f"video/{RUNG}/{size_bytes}_{number}.m4s"


def put_asset(media: Path, asset_id: str, sizes: Mapping[str, int]) -> None:
    """Write an asset of VIDEO_ID with files of these sizes, `asset.json` last."""
    source = random.Random(asset_id)  # noqa: S311  (film, not secrets)
    contents = {size: source.randbytes(size) for size in set(sizes.values())}
    for name, size in sizes.items():
        _write(media / asset_key(asset_id, name), contents[size])
    _write(media / asset_document_key(asset_id), render_asset(_describe(asset_id, sizes)))


def put_tiny_assets(media: Path, asset_ids: Sequence[str]) -> None:
    """Write very many assets: of each a folder, a document and one file, which they share. The
    document is rendered once, since a hundred thousand times that takes long."""
    first = asset_ids[0]
    document = render_asset(_describe(first, {MAIN_PLAYLIST: 4}))
    file = media / "tiny"
    for number, asset_id in enumerate(asset_ids):
        if number % LINKS == 0:
            file.unlink(missing_ok=True)
            _write(file, b"tiny")
        own = document.replace(first.encode(), asset_id.encode())
        _write(media / asset_document_key(asset_id), own)
        os.link(file, media / asset_key(asset_id, MAIN_PLAYLIST))
    file.unlink()


def evict(files: Iterable[Path]) -> None:
    """Have the kernel forget what it keeps of these files in RAM."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fdatasync(descriptor)  # a page that is not on the disk yet stays
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def _describe(asset_id: str, sizes: Mapping[str, int]) -> Asset:
    files = tuple(
        AssetFile(
            name=name,
            size_bytes=size,
            etag=etag_of(f"{asset_id}/{name}".encode()),
            content_type=content_type_of(name),
            height=RUNG if name.startswith("video/") else None,
        )
        for name, size in sizes.items()
    )
    return Asset(
        asset_id=asset_id,
        video_id=VIDEO_ID,
        created_at=_CREATED_AT,
        duration_ms=6_000,
        files=files,
        renditions=(),
    )


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)

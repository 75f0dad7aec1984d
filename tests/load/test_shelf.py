"""The files of the benchmark are assets that an edge can serve."""

import os
from pathlib import Path

import pytest

from edge.content.assets import parse_index
from shared.paths import asset_document_key, asset_key
from tests.load import shelf
from tests.load.shelf import evict, name_file, number_asset, put_asset, put_tiny_assets


def test_an_asset_lists_the_files_that_lie_beside_it(tmp_path: Path) -> None:
    sizes = {name_file(2_000): 2_000, name_file(30, 7): 30}
    put_asset(tmp_path, number_asset(1), sizes)
    index = parse_index(
        number_asset(1), (tmp_path / asset_document_key(number_asset(1))).read_bytes()
    )
    for name, size in sizes.items():
        listed = index.find(name)
        assert listed is not None
        assert listed.size_bytes == size == (tmp_path / listed.store_key).stat().st_size


def test_tiny_assets_are_many_and_share_few_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "LINKS", 4)
    asset_ids = [number_asset(number) for number in range(10)]
    put_tiny_assets(tmp_path, asset_ids)
    files = [tmp_path / asset_key(asset_id, "main.m3u8") for asset_id in asset_ids]
    assert len({file.stat().st_ino for file in files}) == 3
    for asset_id in asset_ids:
        document = (tmp_path / asset_document_key(asset_id)).read_bytes()
        assert parse_index(asset_id, document).find("main.m3u8") is not None
    assert [entry.name for entry in tmp_path.iterdir()] == ["assets"]


def test_evicted_files_keep_their_bytes(tmp_path: Path) -> None:
    files = [tmp_path / str(number) for number in range(3)]
    for file in files:
        file.write_bytes(os.urandom(10_000))
    before = [file.read_bytes() for file in files]
    evict(files)
    assert [file.read_bytes() for file in files] == before

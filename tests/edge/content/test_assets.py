"""The index of an asset's files agrees with what asset.json lists."""

import pytest

from edge.content.assets import AssetIndex, parse_index, parse_pointer
from shared.asset import AssetInvalid, VideoPointer, index_files, render_asset
from shared.paths import Kind, kind_of
from tests.edge.films import ASSET_ID, OTHER_ASSET_ID, OTHER_VIDEO_ID, VIDEO_ID, make_film

ASSET = make_film().asset


def test_every_listed_file_is_found_as_it_is_listed() -> None:
    index = AssetIndex(ASSET)
    for name, listed in index_files(ASSET).items():
        file = index.find(name)
        assert file is not None
        assert file.size_bytes == listed.size_bytes
        assert file.representation.etag == f'"{listed.etag}"'
        assert file.representation.content_type == listed.content_type
        assert file.store_key == f"assets/{ASSET_ID}/{name}"
        assert file.wanted.asset_id == ASSET_ID
        assert file.wanted.video_id == VIDEO_ID
        assert file.wanted.kind is kind_of(name)
        if name != "main.m3u8":
            assert file.wanted.height == listed.height


@pytest.mark.parametrize(
    "name",
    [
        "video/720/0.m4s",
        "video/720/4.m4s",
        "video/720/01.m4s",
        "video/720/-1.m4s",
        "video/720/.m4s",
        "video/720/1.m4s.m4s",
        "video/720/1",
        "video/720/{number}.m4s",
        "video/720/9999999999.m4s",
        "video/480/1.m4s",
        "video/720/x",
        "asset.json",
    ],
)
def test_what_is_not_listed_is_not_found(name: str) -> None:
    assert AssetIndex(ASSET).find(name) is None


def test_the_main_playlist_counts_as_the_lowest_rung_and_knows_them_all() -> None:
    main = AssetIndex(ASSET).find("main.m3u8")
    assert main is not None
    assert main.wanted.height == 360
    assert main.rungs == (360, 720, 1080)


def test_the_main_playlist_of_mere_sound_belongs_to_no_rung() -> None:
    sound = [rendition for rendition in ASSET.renditions if rendition.kind == "audio"]
    main = AssetIndex(ASSET.model_copy(update={"renditions": sound})).find("main.m3u8")
    assert main is not None
    assert main.wanted.height is None
    assert main.rungs == ()


def test_a_segment_larger_than_any_disk_is_refused() -> None:
    document = render_asset(ASSET).replace(b"[3000,", b"[18446744073709551616,", 1)
    with pytest.raises(AssetInvalid, match="larger than any disk"):
        parse_index(ASSET_ID, document)


def test_sound_belongs_to_no_rung_and_opens_with_the_video() -> None:
    segment = AssetIndex(ASSET).find("audio/stereo/1.m4s")
    assert segment is not None
    assert segment.wanted.height is None
    assert segment.wanted.kind is Kind.VIDEO
    assert segment.representation.content_type == "audio/mp4"


def test_an_asset_document_is_indexed() -> None:
    assert parse_index(ASSET_ID, render_asset(ASSET)).video_id == VIDEO_ID


def test_an_asset_document_in_another_s_place_is_refused() -> None:
    with pytest.raises(AssetInvalid, match="holds the document of"):
        parse_index(OTHER_ASSET_ID, render_asset(ASSET))


def test_a_pointer_is_parsed() -> None:
    pointer = VideoPointer(video_id=VIDEO_ID, asset_id=ASSET_ID)
    assert parse_pointer(VIDEO_ID, pointer.model_dump_json().encode()) == pointer


def test_a_pointer_in_another_s_place_is_refused() -> None:
    pointer = VideoPointer(video_id=VIDEO_ID, asset_id=ASSET_ID)
    with pytest.raises(AssetInvalid, match="holds the pointer of"):
        parse_pointer(OTHER_VIDEO_ID, pointer.model_dump_json().encode())


@pytest.mark.parametrize("document", [b"", b"{}", b"null", b'{"asset_id": "../x"}'])
def test_what_is_no_pointer_is_refused(document: bytes) -> None:
    with pytest.raises(AssetInvalid):
        parse_pointer(VIDEO_ID, document)

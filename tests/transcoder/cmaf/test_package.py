"""What an asset's document says of its files and renditions."""

from shared.asset import content_type_of, etag_of, index_files, render_asset
from shared.paths import ASSET_DOCUMENT, FILM_DOCUMENT, REPORT_DOCUMENT, asset_prefix
from shared.runtime.store.local import LocalStore
from tests.transcoder.orders import ASSET_ID, Made
from transcoder.cmaf.package import AssetFolder

DOCUMENTS = (ASSET_DOCUMENT, REPORT_DOCUMENT, FILM_DOCUMENT)


def test_every_file_in_the_store_is_listed_and_no_other(film: Made) -> None:
    prefix = asset_prefix(ASSET_ID)
    stored = {key.removeprefix(prefix) for key in film.store.list_keys(prefix)}
    assert stored == {*index_files(film.asset), *DOCUMENTS}


def test_files_are_listed_as_they_are(film: Made) -> None:
    for name, file in index_files(film.asset).items():
        content = (film.folder / name).read_bytes()
        assert (file.size_bytes, file.etag) == (len(content), etag_of(content))
        assert file.content_type == content_type_of(name)


def test_files_of_a_rung_carry_its_height(film: Made) -> None:
    heights = {name: file.height for name, file in index_files(film.asset).items()}
    assert heights["video/480/media.m3u8"] == heights["video/480/2.m4s"] == 480
    assert heights["audio/stereo/1.m4s"] is heights["main.m3u8"] is None


def test_renditions_are_described(film: Made) -> None:
    renditions = {rendition.id: rendition for rendition in film.asset.renditions}
    assert list(renditions) == ["360", "480", "720", "stereo"]
    rung, sound = renditions["720"], renditions["stereo"]
    assert (rung.kind, rung.height, rung.frame_rate) == ("video", 720, "30/1")
    assert (rung.frame_width_px, rung.frame_height_px, rung.duration_ms) == (1280, 720, 7000)
    assert rung.average_bandwidth_bps <= rung.bandwidth_bps
    assert (sound.kind, sound.channels, sound.codecs) == ("audio", 2, "mp4a.40.2")
    assert len(rung.segments.sizes_bytes) == len(sound.segments.sizes_bytes) == 2


def test_the_document_is_small(film: Made) -> None:
    assert len(render_asset(film.asset)) < 8000


def test_a_folder_remembers_what_was_put_there(store: LocalStore) -> None:
    folder = AssetFolder(store, ASSET_ID)
    etag = folder.put("video/720/init.mp4", b"init")
    (file,) = folder.files
    assert (file.name, file.size_bytes, file.etag, file.height) == (
        "video/720/init.mp4",
        4,
        etag,
        720,
    )
    assert folder.get("video/720/init.mp4") == b"init"
    assert folder.get_range("video/720/init.mp4", 1, 2) == b"ni"

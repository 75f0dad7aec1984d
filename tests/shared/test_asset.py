"""`asset.json`: what it says, and that nothing ill-formed is read."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.asset import (
    Asset,
    AssetFile,
    AssetInvalid,
    Rendition,
    SegmentRun,
    VideoPointer,
    content_type_of,
    etag_of,
    index_files,
    parse_asset,
    render_asset,
)
from shared.base64url import decode_base64url
from shared.paths import Kind, check_name, kind_of

ASSET = "0198c0de-0000-7000-8000-000000000001"
VIDEO = "0198c0de-0000-7000-8000-000000000002"
ETAG = etag_of(b"")

MAIN = {
    "name": "main.m3u8",
    "size_bytes": 812,
    "etag": ETAG,
    "content_type": "application/vnd.apple.mpegurl",
}
INIT = {
    "name": "video/720/init.mp4",
    "size_bytes": 900,
    "etag": ETAG,
    "content_type": "video/mp4",
    "height": 720,
}
SEGMENTS = {
    "pattern": "video/720/{number}.m4s",
    "sizes_bytes": [1000, 500],
    "etags": [etag_of(b"1"), etag_of(b"2")],
}
RUNG = {
    "id": "720",
    "kind": "video",
    "codecs": "avc1.64001f",
    "duration_ms": 8000,
    "bandwidth_bps": 2_000_000,
    "average_bandwidth_bps": 1_500_000,
    "segments": SEGMENTS,
    "height": 720,
    "frame_width_px": 1280,
    "frame_height_px": 720,
    "frame_rate": "30000/1001",
}
SOUND = {
    "id": "stereo",
    "kind": "audio",
    "codecs": "mp4a.40.2",
    "duration_ms": 8000,
    "bandwidth_bps": 130_000,
    "average_bandwidth_bps": 128_000,
    "segments": {**SEGMENTS, "pattern": "audio/stereo/{number}.m4s"},
    "channels": 2,
    "language": "en",
    "group": "stereo",
    "name": "English",
    "is_default": True,
    "loudness": {
        "integrated_lufs": -21.5,
        "range_lu": 6.1,
        "true_peak_dbtp": -3.2,
        "gain_db": 1.7,
    },
}
ADDED = ("group", "name", "is_default", "loudness")
CAPTIONS = {
    "name": "text/en/captions.vtt",
    "size_bytes": 700,
    "etag": ETAG,
    "content_type": "text/vtt; charset=utf-8",
}
CAPTIONS_PLAYLIST = {**MAIN, "name": "text/en/media.m3u8"}
POSTER = {
    "name": "poster/1.jpg",
    "size_bytes": 9000,
    "etag": ETAG,
    "content_type": "image/jpeg",
}
TEXT = {
    "name": "English (CC)",
    "language": "en",
    "file": "text/en/captions.vtt",
    "playlist": "text/en/media.m3u8",
    "is_forced": False,
    "is_sdh": True,
    "is_sidecar": True,
}
CANDIDATE = {"name": "poster/1.jpg", "time_ms": 2000, "score": 0.08, "is_chosen": True}
DOCUMENT = {
    "format": 1,
    "asset_id": ASSET,
    "video_id": VIDEO,
    "created_at": 1767225600,
    "duration_ms": 8000,
    "files": [MAIN, INIT, CAPTIONS, CAPTIONS_PLAYLIST, POSTER],
    "renditions": [RUNG, SOUND],
    "texts": [TEXT],
    "posters": [CANDIDATE],
}


def written(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def test_document_is_read_and_written_back() -> None:
    asset = parse_asset(written(DOCUMENT))
    assert asset.renditions[0].height == 720
    assert json.loads(render_asset(asset)) == DOCUMENT


def test_a_document_from_before_captions_and_candidates_is_read() -> None:
    old = {**PLAIN, "renditions": [RUNG, {m: SOUND[m] for m in SOUND if m not in ADDED}]}
    asset = parse_asset(written(old))
    assert (asset.texts, asset.posters, asset.renditions[1].group) == ((), (), None)


def test_every_file_is_found_by_its_name() -> None:
    files = index_files(parse_asset(written(DOCUMENT)))
    assert list(files) == [
        "main.m3u8",
        "video/720/init.mp4",
        "text/en/captions.vtt",
        "text/en/media.m3u8",
        "poster/1.jpg",
        "video/720/1.m4s",
        "video/720/2.m4s",
        "audio/stereo/1.m4s",
        "audio/stereo/2.m4s",
    ]
    assert files["video/720/2.m4s"] == AssetFile(
        name="video/720/2.m4s",
        size_bytes=500,
        etag=etag_of(b"2"),
        content_type="video/mp4",
        height=720,
    )
    assert files["audio/stereo/1.m4s"].content_type == "audio/mp4"
    assert files["audio/stereo/1.m4s"].height is None


def without(part: dict[str, Any], name: str) -> dict[str, Any]:
    return {member: value for member, value in part.items() if member != name}


PLAIN: dict[str, Any] = without(without(DOCUMENT, "texts"), "posters")


BAD_DOCUMENTS: dict[str, dict[str, Any]] = {
    "another format": {**PLAIN, "format": 2},
    "an unknown member": {**PLAIN, "owner": "x"},
    "an asset of no name": {**PLAIN, "asset_id": "x"},
    "a video of no name": {**PLAIN, "video_id": VIDEO.upper()},
    "no asset": without(PLAIN, "asset_id"),
    "no video": without(PLAIN, "video_id"),
    "no time at all": {**PLAIN, "duration_ms": 0},
    "a fractional duration": {**PLAIN, "duration_ms": 8000.5},
    "a duration as text": {**PLAIN, "duration_ms": "8000"},
    "a truth as time": {**PLAIN, "created_at": True},
    "files as an object": {**PLAIN, "files": {}},
    "a file twice": {**PLAIN, "files": [MAIN, MAIN]},
    "a rendition twice": {**PLAIN, "renditions": [RUNG, RUNG]},
    "a file that is a segment, too": {
        **PLAIN,
        "files": [{**INIT, "name": "video/720/2.m4s"}],
    },
}

BAD_FILES: dict[str, dict[str, Any]] = {
    "the document itself": {**MAIN, "name": "asset.json"},
    "a way out": {**INIT, "name": "video/../../x"},
    "an unknown kind": {**MAIN, "name": "secret/x"},
    "a negative size": {**MAIN, "size_bytes": -1},
    "a size as text": {**MAIN, "size_bytes": "1"},
    "a size as truth": {**MAIN, "size_bytes": True},
    "a quoted etag": {**MAIN, "etag": f'"{ETAG}"'},
    "a short etag": {**MAIN, "etag": ETAG[:-1]},
    "an etag and a line end": {**MAIN, "etag": ETAG + "\n"},
    "no content type": {**MAIN, "content_type": ""},
    "a content type that ends its header": {**MAIN, "content_type": "text/vtt\r\nSet-Cookie: a=b"},
    "a content type with a parameter of its own": {**MAIN, "content_type": "text/html; x=y"},
    "a rung's file without its height": without(INIT, "height"),
    "no height at all": {**INIT, "height": 0},
    "an unknown member": {**MAIN, "path": "/etc/passwd"},
}

BAD_RUNS: dict[str, dict[str, Any]] = {
    "no number": {**SEGMENTS, "pattern": "video/720/1.m4s"},
    "two numbers": {**SEGMENTS, "pattern": "video/{number}/{number}.m4s"},
    "a way out": {**SEGMENTS, "pattern": "video/../{number}.m4s"},
    "a rooted pattern": {**SEGMENTS, "pattern": "/video/{number}.m4s"},
    "another folder": {**SEGMENTS, "pattern": "poster/{number}.m4s"},
    "sound's folder": {**SEGMENTS, "pattern": "audio/720/{number}.m4s"},
    "a name that grows too long": {**SEGMENTS, "pattern": f"video/{'x' * 200}/{{number}}.m4s"},
    "more sizes than etags": {**SEGMENTS, "sizes_bytes": [1, 2, 3]},
    "fewer sizes than etags": {**SEGMENTS, "sizes_bytes": [1]},
    "an empty segment": {**SEGMENTS, "sizes_bytes": [1, 0]},
    "no segment": {**SEGMENTS, "sizes_bytes": [], "etags": []},
}

BAD_RENDITIONS: dict[str, dict[str, Any]] = {
    "a rung without height": without(RUNG, "height"),
    "a height that is not the short side": {**RUNG, "height": 480},
    "sound with a height": {**SOUND, "height": 720},
    "an unknown kind": {**RUNG, "kind": "text"},
    "no bandwidth": {**RUNG, "bandwidth_bps": 0},
    "a frame rate as number": {**RUNG, "frame_rate": 29.97},
    "a frame rate over nothing": {**RUNG, "frame_rate": "30/0"},
    "a frame rate in other digits": {**RUNG, "frame_rate": "\u0663\u0660/1"},
}

BAD_NAMED: dict[str, dict[str, Any]] = {
    "captions that are not listed": {"texts": [{**TEXT, "file": "text/de/captions.vtt"}]},
    "a playlist that is not listed": {"texts": [{**TEXT, "playlist": "text/de/media.m3u8"}]},
    "captions that anybody may have": {"texts": [{**TEXT, "file": "poster/1.jpg"}]},
    "captions without a name": {"texts": [without(TEXT, "name")]},
    "a poster that is not listed": {"posters": [{**CANDIDATE, "name": "poster/2.jpg"}]},
    "captions for a poster": {"posters": [{**CANDIDATE, "name": "text/en/captions.vtt"}]},
    "a poster from before the film": {"posters": [{**CANDIDATE, "time_ms": -1}]},
    "two chosen posters": {"posters": [CANDIDATE, CANDIDATE]},
}

BAD = {
    **BAD_DOCUMENTS,
    **{f"named: {name}": {**DOCUMENT, **part} for name, part in BAD_NAMED.items()},
    **{f"file: {name}": {**PLAIN, "files": [part]} for name, part in BAD_FILES.items()},
    **{
        f"segments: {name}": {**PLAIN, "renditions": [{**RUNG, "segments": part}]}
        for name, part in BAD_RUNS.items()
    },
    **{
        f"rendition: {name}": {**PLAIN, "renditions": [part]}
        for name, part in BAD_RENDITIONS.items()
    },
}


@pytest.mark.parametrize("document", BAD.values(), ids=BAD)
def test_ill_formed_document_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(AssetInvalid):
        parse_asset(written(document))


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"{", b"\xff", b'{"format": 1}'])
def test_other_text_is_no_document(text: bytes) -> None:
    with pytest.raises(AssetInvalid):
        parse_asset(text)


def test_portrait_rung_is_named_by_its_short_side() -> None:
    portrait = {**RUNG, "frame_width_px": 720, "frame_height_px": 1280}
    assert parse_asset(written({**DOCUMENT, "renditions": [portrait]})).renditions[0].height == 720


etags = st.binary(min_size=1, max_size=4).map(etag_of)
sizes = st.integers(1, 2**40)


@st.composite
def renditions(draw: st.DrawFn) -> tuple[Rendition, ...]:
    heights = draw(st.lists(st.integers(2, 4320), max_size=4, unique=True))
    return tuple(
        Rendition(
            id=str(height),
            kind="video",
            codecs="avc1.64001f",
            duration_ms=1,
            bandwidth_bps=draw(sizes),
            average_bandwidth_bps=1,
            height=height,
            segments=SegmentRun(
                pattern=f"video/{height}/{{number}}.m4s",
                sizes_bytes=tuple(draw(st.lists(sizes, min_size=3, max_size=3))),
                etags=tuple(draw(st.lists(etags, min_size=3, max_size=3))),
            ),
        )
        for height in heights
    )


@given(renditions=renditions(), created_at=st.integers(0, 2**53))
def test_what_is_written_is_read(renditions: tuple[Rendition, ...], created_at: int) -> None:
    asset = Asset(
        asset_id=ASSET,
        video_id=VIDEO,
        created_at=created_at,
        duration_ms=1,
        files=(AssetFile.model_validate(MAIN),),
        renditions=renditions,
    )
    assert parse_asset(render_asset(asset)) == asset
    files = index_files(asset)
    assert all(check_name(name) == name == file.name for name, file in files.items())
    assert all(file.height is not None for file in files.values() if file.name.startswith("video/"))
    assert {kind_of(name) for name in files} == {Kind.VIDEO}


def test_two_hours_stay_small() -> None:
    run = {"sizes_bytes": [9_999_999] * 1200, "etags": [ETAG] * 1200}
    rungs = [
        {**RUNG, "id": str(side), "height": side, "frame_width_px": side, "frame_height_px": side}
        | {"segments": {**run, "pattern": f"video/{side}/{{number}}.m4s"}}
        for side in (360, 480, 720, 1080)
    ]
    sounds = [
        {**SOUND, "id": name, "segments": {**run, "pattern": f"audio/{name}/{{number}}.m4s"}}
        for name in ("stereo", "commentary")
    ]
    document = render_asset(parse_asset(written({**DOCUMENT, "renditions": rungs + sounds})))
    assert len(document) <= 256 * 1024


def test_etag_is_half_the_sha256_of_the_content() -> None:
    digest = hashlib.sha256(b"film").digest()
    assert decode_base64url(etag_of(b"film")) == digest[:16]


CONTENT_TYPES = {
    "main.m3u8": "application/vnd.apple.mpegurl",
    "video/720/init.mp4": "video/mp4",
    "video/720/1.m4s": "video/mp4",
    "audio/stereo/init.mp4": "audio/mp4",
    "audio/stereo/1.m4s": "audio/mp4",
    "audio/stereo/index.m3u8": "application/vnd.apple.mpegurl",
    "text/en.vtt": "text/vtt; charset=utf-8",
    "storyboard/storyboard.json": "application/json",
    "poster/poster.jpg": "image/jpeg",
    "poster/poster.webp": "image/webp",
    "key/1.key": "application/octet-stream",
    "download/original": "application/octet-stream",
    "download/film.mkv": "application/octet-stream",
}


@pytest.mark.parametrize(("name", "content_type"), CONTENT_TYPES.items(), ids=CONTENT_TYPES)
def test_content_type_goes_by_folder_and_ending(name: str, content_type: str) -> None:
    assert content_type_of(name) == content_type
    file = AssetFile(name=name, size_bytes=1, etag=ETAG, content_type=content_type, height=720)
    assert file.content_type == content_type


def test_pointer_is_written_and_read() -> None:
    pointer = VideoPointer(video_id=VIDEO, asset_id=ASSET)
    assert VideoPointer.model_validate_json(pointer.model_dump_json()) == pointer


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"video_id": VIDEO, "asset_id": "../x"}, id="a way out"),
        pytest.param({"video_id": VIDEO, "asset_id": f"{ASSET}\r\n"}, id="a line end"),
        pytest.param({"video_id": "x", "asset_id": ASSET}, id="no video"),
        pytest.param({"video_id": VIDEO}, id="no asset"),
        pytest.param({"video_id": VIDEO, "asset_id": None}, id="null"),
    ],
)
def test_pointer_to_no_asset_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        VideoPointer.model_validate_json(written(document))

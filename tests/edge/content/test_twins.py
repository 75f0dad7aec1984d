"""Compressed twins of texts."""

import gzip
from dataclasses import replace

import pytest

from edge.content.assets import MediaFile
from edge.content.twins import MAX_TEXT_BYTES, add_twin, may_have_twin
from edge.gate.decisions import Wanted
from edge.http.responses import IMMUTABLE, Representation
from shared.paths import Kind

TEXT = b"#EXTINF:6.000,\n1.m4s\n" * 50


def make_file(
    content_type: str = "application/vnd.apple.mpegurl",
    *,
    body: bytes | None = TEXT,
    kind: Kind = Kind.VIDEO,
    size_bytes: int = len(TEXT),
) -> MediaFile:
    representation = Representation(size_bytes, '"tag"', content_type, IMMUTABLE)
    return MediaFile(Wanted("asset", "video", kind), "key", representation, body)


def test_a_twin_holds_the_same_text() -> None:
    twin = add_twin(make_file()).twin
    assert twin is not None
    assert twin.body is not None
    assert gzip.decompress(twin.body) == TEXT
    assert twin.representation.size_bytes == len(twin.body) < len(TEXT)


def test_a_twin_is_another_representation_of_the_same_file() -> None:
    file = add_twin(make_file())
    assert file.twin is not None
    assert file.twin.wanted == file.wanted
    assert file.representation.etag == '"tag"'
    assert file.twin.representation.etag == '"tag-gz"'
    assert file.twin.representation.encoding == "gzip"
    assert file.representation.varies
    assert file.twin.representation.varies


def test_a_twin_is_the_same_bytes_whenever_it_is_made() -> None:
    assert add_twin(make_file()) == add_twin(make_file())


def test_a_file_with_a_twin_takes_the_room_of_both() -> None:
    file = add_twin(make_file())
    assert file.twin is not None
    assert file.size_bytes == len(TEXT) + file.twin.size_bytes


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/vtt; charset=utf-8", "application/vnd.apple.mpegurl"]
)
def test_texts_have_twins(content_type: str) -> None:
    assert add_twin(make_file(content_type)).twin is not None


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(make_file("video/mp4"), id="film"),
        pytest.param(make_file("image/jpeg"), id="picture"),
        pytest.param(make_file("text/plain", kind=Kind.KEY), id="key"),
        pytest.param(make_file(size_bytes=MAX_TEXT_BYTES + 1), id="too long"),
    ],
)
def test_what_is_no_text_has_none(file: MediaFile) -> None:
    assert not may_have_twin(file)
    assert add_twin(file) == file


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(make_file(body=None), id="bytes not at hand"),
        pytest.param(make_file(body=b"\x07", size_bytes=1), id="a twin would be larger"),
    ],
)
def test_a_text_may_be_without_one(file: MediaFile) -> None:
    assert may_have_twin(file)
    assert add_twin(file) == replace(file, twin=None)
    assert not add_twin(file).representation.varies

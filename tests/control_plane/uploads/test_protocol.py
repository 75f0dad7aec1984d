"""Tests for control_plane/uploads/protocol.py; its refusals stand where they are sent."""

import pytest

from control_plane.uploads.protocol import clean_file_name, parse_creation

VIDEO = "0198c0de-0000-7000-8000-000000000001"
VIDEO_BASE64 = "MDE5OGMwZGUtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAx"


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("film.mp4", "film.mp4"),
        ("Der große Film.mp4", "Der große Film.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\film.mp4", "film.mp4"),
        ("a\0b\nc\x1b[31m.mp4", "abc[31m.mp4"),
        ("\u202efilm.mp4", "film.mp4"),
        ("x" * 300, "x" * 255),
        ("", ""),
        ("..", ".."),
        ("films/", ""),
    ],
    ids=ascii,
)
def test_name_is_cleaned(name: str, cleaned: str) -> None:
    assert clean_file_name(name) == cleaned


@pytest.mark.parametrize(
    "metadata",
    [
        f"video_id {VIDEO_BASE64}",
        f"video_id {VIDEO_BASE64},filename",
        f" filename , video_id {VIDEO_BASE64} ,,type dmlkZW8=",
    ],
)
def test_metadata_may_hold_more_or_less(metadata: str) -> None:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "0", "Upload-Metadata": metadata}
    creation = parse_creation(headers)
    assert (str(creation.video_id), creation.file_name) == (VIDEO, "")

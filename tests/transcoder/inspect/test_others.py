"""Packages of Shaka Packager and ffmpeg: read in all their forms, judged by the same rules."""

import shutil
from pathlib import Path

import pytest

from shared.report import Report, StreamFigures
from tests.transcoder.inspect.packages import SECONDS
from transcoder.inspect.package import inspect_place


def failed(report: Report) -> set[str]:
    return {finding.rule for finding in report.failures}


def warned(report: Report) -> set[str]:
    return {finding.rule for finding in report.warnings}


def videos(report: Report) -> list[StreamFigures]:
    return [figures for figures in report.figures if figures.kind == "video"]


@pytest.mark.parametrize("form", ["shaka", "shaka_ts", "shaka_files"])
def test_packages_of_shaka_packager_keep_the_rules(
    form: str, request: pytest.FixtureRequest
) -> None:
    report = inspect_place(str(request.getfixturevalue(form)))
    assert report.failures == ()
    # it rounds 6.016 s up
    assert "7.5" in warned(report)


@pytest.mark.parametrize(
    ("form", "others"),
    [("ffmpeg", {"9.11"}), ("ffmpeg_ts", {"9.11"}), ("ffmpeg_files", set())],
)
def test_packages_of_ffmpeg_lack_what_it_does_not_write(
    form: str, others: set[str], request: pytest.FixtureRequest
) -> None:
    report = inspect_place(str(request.getfixturevalue(form)))
    assert failed(report) == {"6.1", "9.15"} | others
    assert "9.5" in warned(report)


@pytest.mark.parametrize(
    "form", ["shaka", "shaka_ts", "shaka_files", "ffmpeg", "ffmpeg_ts", "ffmpeg_files"]
)
def test_every_picture_is_counted_in_every_form(form: str, request: pytest.FixtureRequest) -> None:
    report = inspect_place(str(request.getfixturevalue(form)), decodes_all=True)
    for figures in videos(report):
        assert figures.frames == SECONDS * 30
        assert figures.key_frames == 7
        assert figures.duration_ms == SECONDS * 1000
        assert figures.frame_rate == "30.000"
        assert figures.codecs.startswith("avc1.64")
    assert {"decode"}.isdisjoint(failed(report))


@pytest.mark.parametrize("form", ["shaka", "shaka_ts", "ffmpeg", "ffmpeg_ts"])
def test_sound_is_measured_alone_and_beside_pictures(
    form: str, request: pytest.FixtureRequest
) -> None:
    report = inspect_place(str(request.getfixturevalue(form)))
    sounds = [figures for figures in report.figures if figures.sound_starts_us is not None]
    assert sounds
    assert all("mp4a.40.2" in figures.codecs for figures in sounds)


def test_a_key_frame_that_is_left_out_is_missed(shaka: Path, tmp_path: Path) -> None:
    """The first key frame's range of Shaka's second segment, two bytes short."""
    folder = copy(shaka, tmp_path)
    playlist = folder / "180/iframe.m3u8"
    before, _, rest = playlist.read_text().partition("#EXT-X-BYTERANGE:")
    length, at, after = rest.partition("@")
    playlist.write_text(f"{before}#EXT-X-BYTERANGE:{int(length) - 2}{at}{after}")
    assert failed(inspect_place(str(folder))) == {"6.2"}


def test_a_damaged_segment_of_a_transport_stream_is_found(ffmpeg_ts: Path, tmp_path: Path) -> None:
    folder = copy(ffmpeg_ts, tmp_path)
    (folder / "v01.ts").write_bytes(b"G" + bytes(187))
    report = inspect_place(str(folder))
    assert [f.name for f in report.failures if f.rule == "readable"] == ["v0.m3u8"]


def test_lost_packets_of_a_transport_stream_are_found(ffmpeg_ts: Path, tmp_path: Path) -> None:
    folder = copy(ffmpeg_ts, tmp_path)
    content = (folder / "v01.ts").read_bytes()
    half = len(content) // 2 // 188 * 188
    (folder / "v01.ts").write_bytes(content[:half])
    assert {"7.3", "8.1"} <= failed(inspect_place(str(folder)))


def test_encrypted_segments_are_not_opened(ffmpeg_ts: Path, tmp_path: Path) -> None:
    folder = copy(ffmpeg_ts, tmp_path)
    playlist = folder / "v0.m3u8"
    key = '#EXT-X-KEY:METHOD=AES-128,URI="key"\n#EXTINF'
    playlist.write_text(playlist.read_text().replace("#EXTINF", key, 1))
    (finding,) = [f for f in inspect_place(str(folder)).failures if f.rule == "readable"]
    assert "encrypted" in finding.text


def test_a_playlist_may_be_named_itself(shaka_files: Path) -> None:
    assert inspect_place(str(shaka_files / "master.m3u8")).failures == ()


@pytest.mark.parametrize(
    "uri", ["%2e%2e/secret.m3u8", "/etc/passwd", "file:///etc/passwd", "180/out.m3u8", "//host/a"]
)
def test_nothing_outside_the_folder_is_read(uri: str, shaka: Path, tmp_path: Path) -> None:
    folder = copy(shaka, tmp_path)
    (tmp_path / "secret.m3u8").write_text("#EXTM3U\n")
    (folder / "180/out.m3u8").symlink_to(tmp_path / "secret.m3u8")
    playlist = folder / "main.m3u8"
    playlist.write_text(playlist.read_text().replace("\n180/main.m3u8", f"\n{uri}"))
    texts = [finding.text for finding in inspect_place(str(folder)).failures]
    assert any("lies outside the folder" in text for text in texts)


def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "package"))

"""The command, as it is typed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.report import parse_report
from tests.transcoder.orders import Made
from transcoder.inspect.__main__ import main


def test_it_prints_a_table_of_a_good_asset(film: Made, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(film.folder)]) == 0
    out = capsys.readouterr().out
    assert "video/720/media.m3u8     avc1.64001f  1280x720@30.000  7.000 s" in out
    assert "warning 8.10: audio/stereo/media.m3u8: 'Original' has no LANGUAGE" in out
    assert out.endswith("\n0 failures, 1 warning\n")


def test_it_says_what_is_wrong(
    film: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "asset"
    shutil.copytree(film.folder, folder)
    (folder / "video/360/2.m4s").unlink()
    assert main([str(folder)]) == 1
    assert "failure readable: video/360/media.m3u8: " in capsys.readouterr().out


def test_it_prints_the_report_as_json(film: Made, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "--decode-all", str(film.folder)]) == 0
    report = parse_report(capsys.readouterr().out.encode())
    assert len(report.figures) == 4


def test_an_asset_may_be_looked_at_as_anybodys(film: Made) -> None:
    assert main([str(film.folder / "main.m3u8")]) == 0


@pytest.mark.parametrize(
    ("place", "text"),
    [
        pytest.param("/nowhere", "/nowhere: no such folder", id="nothing there"),
        pytest.param("ftp://example.com/main.m3u8", "neither a folder nor a URL", id="FTP"),
        pytest.param("file:///etc/passwd", "neither a folder nor a URL", id="a file's URL"),
        pytest.param("", "no multivariant playlist", id="a folder without one"),
        pytest.param("media.m3u8", "is a media playlist", id="a media playlist"),
        pytest.param("text.m3u8", "does not begin with #EXTM3U", id="no playlist"),
        pytest.param("bytes.m3u8", "cannot be read", id="no text"),
    ],
)
def test_where_there_is_nothing_to_inspect_it_says_so(
    place: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "media.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n1.ts\n")
    (tmp_path / "text.m3u8").write_text("hello\n")
    (tmp_path / "bytes.m3u8").write_bytes(b"\xff\xfe\x00")
    assert main([place if ":" in place or place == "/nowhere" else str(tmp_path / place)]) == 2
    captured = capsys.readouterr()
    assert text in captured.err
    assert captured.out == ""


def test_several_playlists_are_not_chosen_from(
    shaka_files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one.m3u8", "two.m3u8"):
        shutil.copy(shaka_files / "master.m3u8", tmp_path / name)
    assert main([str(tmp_path)]) == 2
    assert "several multivariant playlists: one.m3u8, two.m3u8" in capsys.readouterr().err


def test_a_document_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "asset.json").write_text("{}")
    assert main([str(tmp_path)]) == 2
    assert "asset.json cannot be read" in capsys.readouterr().err


def test_it_runs_by_its_name(film: Made) -> None:
    command = [sys.executable, "-m", "transcoder.inspect", str(film.folder)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0

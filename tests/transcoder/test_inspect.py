"""The publish gate finds what is wrong with a package, and nothing with a good one."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.asset import Asset, etag_of
from shared.runtime.store.interface import ObjectMissing
from tests.transcoder.orders import Made
from transcoder.inspect import Finding, inspect_package, main

Files = dict[str, bytes]


def load(made: Made) -> Files:
    return {
        path.relative_to(made.folder).as_posix(): path.read_bytes()
        for path in made.folder.rglob("*")
        if path.is_file()
    }


def inspect(asset: Asset, files: Files) -> list[Finding]:
    def read(name: str) -> bytes:
        if name not in files:
            raise ObjectMissing(name)
        return files[name]

    return inspect_package(asset, read)


def relist(asset: Asset, files: Files) -> Asset:
    """The document as it would be had the files been written so from the start."""

    def size_and_etag(name: str) -> dict[str, Any]:
        return {"size_bytes": len(files[name]), "etag": etag_of(files[name])}

    renditions = []
    for rendition in asset.renditions:
        names = [name for name in rendition.segments.names() if name in files]
        run = rendition.segments.model_copy(
            update={
                "sizes_bytes": tuple(len(files[name]) for name in names),
                "etags": tuple(etag_of(files[name]) for name in names),
            }
        )
        renditions.append(rendition.model_copy(update={"segments": run}))
    listed = [
        file.model_copy(update=size_and_etag(file.name))
        for file in asset.files
        if file.name in files
    ]
    return asset.model_copy(update={"files": tuple(listed), "renditions": tuple(renditions)})


def test_a_good_package_has_no_findings(film: Made) -> None:
    assert inspect(film.asset, load(film)) == []


@pytest.mark.parametrize(
    "name",
    [
        "main.m3u8",
        "video/360/1.m4s",
        "video/360/init.mp4",
        "video/480/media.m3u8",
        "video/720/iframes.m3u8",
        "audio/stereo/2.m4s",
        "poster/poster.jpg",
        "storyboard/storyboard.vtt",
    ],
)
def test_a_missing_file_is_found(film: Made, name: str) -> None:
    files = load(film)
    del files[name]
    assert inspect(film.asset, files)


@pytest.mark.parametrize("name", ["video/360/1.m4s", "poster/poster.jpg", "main.m3u8"])
def test_a_changed_file_is_found(film: Made, name: str) -> None:
    files = load(film)
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])
    findings = inspect(film.asset, files)
    assert Finding(name, "is not the file that is listed") in findings


def replace_text(name: str, old: str, new: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        text = files[name].decode()
        assert old in text
        files[name] = text.replace(old, new).encode()

    return change


def swap(one: str, other: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files[one], files[other] = files[other], files[one]

    return change


def spoil_key_frame(files: Files) -> None:
    content = bytearray(files["video/360/2.m4s"])
    place = content.index(b"mdat") + 4
    content[place + 20 : place + 60] = bytes(40)
    files["video/360/2.m4s"] = bytes(content)


def shift_times(files: Files) -> None:
    """The second segment a tick later than it should be."""
    content = bytearray(files["video/360/2.m4s"])
    place = 0
    while (place := content.find(b"tfdt", place)) != -1:
        content[place + 15] += 1
        place += 4
    files["video/360/2.m4s"] = bytes(content)


@pytest.mark.parametrize(
    ("change", "name", "fault"),
    [
        pytest.param(spoil_key_frame, "video/360/2.m4s", "do not decode", id="broken key frame"),
        pytest.param(shift_times, "video/360/2.m4s", "not where the one before", id="a gap"),
        pytest.param(shift_times, "480", "other moments", id="rungs out of step"),
        pytest.param(
            swap("video/360/1.m4s", "video/360/2.m4s"),
            "360",
            "does not begin at 0",
            id="segments in the wrong order",
        ),
        pytest.param(
            replace_text("video/480/media.m3u8", "#EXTINF:6.000000", "#EXTINF:5.900000"),
            "video/480/1.m4s",
            "lasts 6.0000 s",
            id="a wrong duration",
        ),
        pytest.param(
            replace_text("video/480/media.m3u8", "TARGETDURATION:6", "TARGETDURATION:5"),
            "480",
            "cannot be read",
            id="a target that is too short",
        ),
        pytest.param(
            replace_text("video/480/media.m3u8", "#EXTINF:1.000000,\n2.m4s\n", ""),
            "480",
            "1 segments are listed",
            id="a segment left out",
        ),
        pytest.param(
            replace_text("video/720/iframes.m3u8", "2.m4s", "1.m4s"),
            "video/720/2.m4s",
            "has no key frame",
            id="key frames left out",
        ),
        pytest.param(
            replace_text("main.m3u8", "video/720/media.m3u8", "video/1080/media.m3u8"),
            "main.m3u8",
            "names video/1080/media.m3u8",
            id="an unknown rendition",
        ),
        pytest.param(
            lambda files: files.update({"main.m3u8": b"#EXTM3U\n"}),
            "main.m3u8",
            "cannot be read",
            id="an empty main playlist",
        ),
        pytest.param(
            lambda files: files.update({"video/360/1.m4s": b"\0" * 40}),
            "360",
            "cannot be read",
            id="no boxes",
        ),
        pytest.param(
            lambda files: files.update({"video/360/1.m4s": files["video/360/1.m4s"][:28]}),
            "360",
            "no samples",
            id="an empty segment",
        ),
    ],
)
def test_what_is_wrong_is_found(
    film: Made, change: Callable[[Files], None], name: str, fault: str
) -> None:
    files = load(film)
    change(files)
    findings = inspect(relist(film.asset, files), files)
    assert any(finding.name == name and fault in finding.fault for finding in findings), findings


def understate_bandwidth(asset: Asset) -> Asset:
    rendition = asset.renditions[0].model_copy(update={"bandwidth_bps": 1000})
    return asset.model_copy(update={"renditions": (rendition, *asset.renditions[1:])})


def overstate_duration(asset: Asset) -> Asset:
    rendition = asset.renditions[0].model_copy(update={"duration_ms": 8000})
    return asset.model_copy(update={"renditions": (rendition, *asset.renditions[1:])})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(understate_bandwidth, "360: peaks at", id="bandwidth"),
        pytest.param(overstate_duration, "360: lasts 7.000 s", id="duration of a rendition"),
        pytest.param(
            lambda asset: asset.model_copy(update={"duration_ms": 9000}),
            "720: does not last as long as the asset",
            id="duration of the asset",
        ),
    ],
)
def test_a_document_that_says_otherwise_is_found(
    film: Made, change: Callable[[Asset], Asset], fault: str
) -> None:
    findings = [str(finding) for finding in inspect(change(film.asset), load(film))]
    assert any(fault in finding for finding in findings), findings


def test_a_bandwidth_below_the_peak_is_found(film: Made) -> None:
    files = load(film)
    text = files["main.m3u8"].decode()
    bandwidth = text.partition(":BANDWIDTH=")[2].partition(",")[0]
    files["main.m3u8"] = text.replace(f":BANDWIDTH={bandwidth},", ":BANDWIDTH=1000,", 1).encode()
    findings = inspect(relist(film.asset, files), files)
    assert [finding.name for finding in findings] == ["main.m3u8"]


def test_a_finding_is_told_once(film: Made) -> None:
    files = load(film)
    files["main.m3u8"] += b"\n"
    findings = inspect(film.asset, files)
    assert len(findings) == len(set(findings)) == 1


def test_the_command_is_content_with_a_good_folder(
    film: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(film.folder)]) == 0
    assert capsys.readouterr().err == ""


def test_the_command_says_what_is_wrong(
    film: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "asset"
    shutil.copytree(film.folder, folder)
    (folder / "video/360/2.m4s").unlink()
    assert main([str(folder)]) == 1
    assert "video/360/2.m4s" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [([], 2, "usage"), (["/nowhere"], 1, "asset.json: cannot be read")],
    ids=["no folder", "no asset"],
)
def test_the_command_refuses(
    arguments: list[str], code: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == code
    assert text in capsys.readouterr().err


def test_the_command_runs_by_its_name(film: Made) -> None:
    command = [sys.executable, "-m", "transcoder.inspect", str(film.folder)]
    assert subprocess.run(command, check=False).returncode == 0

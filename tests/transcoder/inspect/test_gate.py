"""The publish gate finds what is wrong with a package, and nothing with a good one."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.asset import Asset, etag_of
from shared.jobs import SidecarText
from shared.paths import asset_prefix, asset_report_key, original_key
from shared.report import Report, parse_report
from shared.runtime.store.interface import ObjectMissing
from shared.runtime.store.local import LocalStore
from tests.transcoder.inspect.packages import Files, load_files
from tests.transcoder.orders import (
    ASSET_ID,
    MUTE,
    NOW,
    QUICK,
    VIDEO_ID,
    Made,
    package_order,
    read_made,
)
from transcoder.inspect.gate import inspect_package
from transcoder.pipeline import make_package

OTHER_ID = "0198c0de-0000-7000-8000-000000000009"


def inspect(asset: Asset, files: Files, *, decodes_all: bool = False) -> Report:
    def read(name: str) -> bytes:
        if name not in files:
            raise ObjectMissing(name)
        return files[name]

    return inspect_package(asset, read, decodes_all=decodes_all)


def complaints(report: Report) -> list[str]:
    return [str(finding) for finding in report.failures]


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


def test_a_good_package_has_no_failures(film: Made) -> None:
    report = inspect(film.asset, load_files(film.folder))
    assert complaints(report) == []
    # nobody said what language the film is in
    assert [finding.rule for finding in report.warnings] == ["8.10"]


def test_a_good_package_decodes_whole(film: Made) -> None:
    assert inspect(film.asset, load_files(film.folder), decodes_all=True).failures == ()


def test_the_report_is_kept_with_the_asset(film: Made) -> None:
    kept = parse_report(film.store.get(asset_report_key(ASSET_ID)))
    assert kept == inspect(film.asset, load_files(film.folder))


def test_a_report_says_what_was_measured(film: Made) -> None:
    report = inspect(film.asset, load_files(film.folder))
    figures = {one.name: one for one in report.figures}
    video = figures["video/720/media.m3u8"]
    assert (video.width_px, video.height_px, video.frame_rate) == (1280, 720, "30.000")
    assert (video.frames, video.key_frames, video.duration_ms) == (210, 4, 7000)
    assert (video.picture_starts_us, video.sound_starts_us) == (0, None)
    assert 0 < video.overhead_bytes < video.size_bytes / 100
    sound = figures["audio/stereo/media.m3u8"]
    assert (sound.kind, sound.codecs, sound.sound_starts_us) == ("audio", "mp4a.40.2", 0)


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
    files = load_files(film.folder)
    del files[name]
    assert any(name in complaint for complaint in complaints(inspect(film.asset, files)))


@pytest.mark.parametrize("name", ["video/360/1.m4s", "poster/poster.jpg", "main.m3u8"])
def test_a_changed_file_is_found(film: Made, name: str) -> None:
    files = load_files(film.folder)
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])
    wanted = f"{name}: is not the file that is listed [document]"
    assert wanted in complaints(inspect(film.asset, files))


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
    ("change", "wanted"),
    [
        pytest.param(
            spoil_key_frame,
            ["video/360/2.m4s: 1 pictures do not decode [decode]"],
            id="broken key frame",
        ),
        pytest.param(
            shift_times,
            [
                "video/360/media.m3u8: video/360/2.m4s does not begin at 6.0000 s",
                "video/360/media.m3u8: is cut at other moments",
            ],
            id="a gap",
        ),
        pytest.param(
            swap("video/360/1.m4s", "video/360/2.m4s"),
            [
                "video/360/media.m3u8: begins at 6.0000 s, not at 0 [frames]",
                "video/360/1.m4s: lasts 1.0000 s, not 6.0000 s [8.1]",
            ],
            id="segments in the wrong order",
        ),
        pytest.param(
            replace_text("video/480/media.m3u8", "#EXTINF:6.000000", "#EXTINF:5.900000"),
            ["video/480/1.m4s: lasts 6.0000 s, not 5.9000 s [8.1]"],
            id="a wrong duration",
        ),
        pytest.param(
            replace_text("video/480/media.m3u8", "TARGETDURATION:6", "TARGETDURATION:5"),
            ["video/480/media.m3u8: cannot be read", "480: is in no playlist that can be read"],
            id="a target that is too short",
        ),
        pytest.param(
            replace_text("video/480/media.m3u8", "TARGETDURATION:6", "TARGETDURATION:7"),
            ["video/480/media.m3u8: has a target duration of 7 s, others of 6 s [8.2]"],
            id="another target",
        ),
        pytest.param(
            replace_text("video/480/media.m3u8", "#EXTINF:1.000000,\n2.m4s\n", ""),
            [
                "video/480/media.m3u8: 1 segments are listed",
                "video/480/media.m3u8: lasts 6.0000 s, the asset 7.0000 s [frames]",
                "video/480/media.m3u8: lasts 6.0000 s, others 7.0187 s [length]",
            ],
            id="a segment left out",
        ),
        pytest.param(
            replace_text("video/720/iframes.m3u8", "2.m4s", "1.m4s"),
            ["video/720/2.m4s: has 1 key frames, not as many entries [6.2]"],
            id="key frames left out",
        ),
        pytest.param(
            replace_text("video/480/media.m3u8", "#EXT-X-ENDLIST\n", ""),
            ["video/480/media.m3u8: has no EXT-X-ENDLIST [8.6]"],
            id="no end",
        ),
        pytest.param(
            replace_text("main.m3u8", "video/720/media.m3u8", "video/1080/media.m3u8"),
            ["video/1080/media.m3u8: cannot be read", "720: is in no playlist that can be read"],
            id="an unknown rendition",
        ),
        pytest.param(
            replace_text("main.m3u8", "avc1.64001f", "avc1.640029"),
            ["CODECS are avc1.640029,mp4a.40.2 [9.1]"],
            id="other codecs",
        ),
        pytest.param(
            replace_text("main.m3u8", "RESOLUTION=1280x720", "RESOLUTION=1280x718"),
            ["video/720/media.m3u8: is 1280x720, not 1280x718 [9.2]"],
            id="another size",
        ),
        pytest.param(
            lambda files: files.update({"main.m3u8": b"#EXTM3U\n"}),
            ["main.m3u8: main.m3u8 cannot be read: no variant [readable]"],
            id="an empty main playlist",
        ),
        pytest.param(
            lambda files: files.update({"video/360/1.m4s": b"\0" * 40}),
            ["video/360/media.m3u8: cannot be read: video/360/1.m4s: b'"],
            id="no boxes",
        ),
        pytest.param(
            lambda files: files.update({"video/360/1.m4s": files["video/360/1.m4s"][:28]}),
            ["video/360/media.m3u8: cannot be read: video/360/1.m4s: no samples"],
            id="an empty segment",
        ),
        pytest.param(
            replace_text(
                "audio/main.m3u8", "../audio/stereo/media.m3u8", "../video/360/media.m3u8"
            ),
            ["audio/main.m3u8: ../video/360/media.m3u8 is no sound of the film [readable]"],
            id="sound alone that is no sound",
        ),
        pytest.param(
            lambda files: files.update({"audio/main.m3u8": b"#EXTM3U\n"}),
            ["audio/main.m3u8: cannot be read: no variant [readable]"],
            id="no sound to be heard alone",
        ),
        pytest.param(
            replace_text("storyboard/storyboard.vtt", "00:00:07.000", "00:00:06.500"),
            ["storyboard/storyboard.vtt: ends at 6500 ms, the film at 7000 ms [storyboard]"],
            id="a storyboard that ends too early",
        ),
        pytest.param(
            replace_text("storyboard/storyboard.vtt", "00:00:06.000", "00:00:05.500"),
            ["has no tile for the last second: the last one stands for 1500 ms [storyboard]"],
            id="a storyboard without its last second",
        ),
        pytest.param(
            replace_text("storyboard/storyboard.vtt", "00:00:02.000 -->", "00:00:03.000 -->"),
            ["storyboard/storyboard.vtt: shows nothing from 2000 to 3000 ms [storyboard]"],
            id="a storyboard with a gap",
        ),
        pytest.param(
            replace_text("storyboard/storyboard.vtt", "xywh=480,0,", "xywh=500,0,"),
            ["sheet_1.jpg#xywh=500,0,160,90 lies beside the sheet [storyboard]"],
            id="a tile beside its sheet",
        ),
        pytest.param(
            replace_text(
                "storyboard/storyboard.vtt", "sheet_1.jpg#xywh=480", "sheet_2.jpg#xywh=480"
            ),
            ["storyboard/storyboard.vtt: cannot be read: storyboard/sheet_2.jpg is missing"],
            id="a tile of no sheet",
        ),
        pytest.param(
            lambda files: files.update({"storyboard/sheet_1.jpg": bytes(2000)}),
            ["storyboard/storyboard.vtt: sheet_1.jpg does not decode [storyboard]"],
            id="a sheet that does not decode",
        ),
        pytest.param(
            replace_text("storyboard/storyboard.json", '"start":4.0', '"start":4.5'),
            ["storyboard/storyboard.json names other tiles [storyboard]"],
            id="a storyboard that says two things",
        ),
    ],
)
def test_what_is_wrong_is_found(
    film: Made, change: Callable[[Files], None], wanted: list[str]
) -> None:
    files = load_files(film.folder)
    change(files)
    found = complaints(inspect(relist(film.asset, files), files))
    missing = [text for text in wanted if not any(text in complaint for complaint in found)]
    assert missing == [], found


@pytest.fixture(scope="module")
def captioned(film: Made, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The film with captions that tell of sounds."""
    folder = tmp_path_factory.mktemp("captioned")
    store = LocalStore(folder)
    for key in film.store.list_keys(asset_prefix(ASSET_ID)):
        store.put(key, film.store.get(key))
    key = original_key(VIDEO_ID, OTHER_ID)
    store.put(key, b"1\n00:00:01,000 --> 00:00:02,000\n[a bell]\n")
    text = SidecarText(key=key, language="en", name="Sounds", is_sdh=True)
    order = package_order(0, base_asset_id=ASSET_ID, asset_id=OTHER_ID, texts=(text,))
    make_package(order, store, QUICK, MUTE, now=NOW)
    return read_made(store, folder, OTHER_ID)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param('NAME="Sounds"', 'NAME="Words"', "has another NAME", id="name"),
        pytest.param('LANGUAGE="en"', 'LANGUAGE="fr"', "has another NAME, LANGUAGE", id="language"),
        pytest.param(
            'GROUP-ID="text"', 'GROUP-ID="text",FORCED=YES', "LANGUAGE or FORCED", id="forced"
        ),
        pytest.param(
            ",public.accessibility.describes-music-and-sound", "", "tell sounds [4.5]", id="SDH"
        ),
        pytest.param(
            "text/en/media.m3u8", "text/fr/media.m3u8", "is not in the multi", id="no captions"
        ),
    ],
)
def test_captions_that_players_are_told_otherwise_of_are_found(
    captioned: Made, old: str, new: str, fault: str
) -> None:
    files = load_files(captioned.folder)
    assert complaints(inspect(captioned.asset, files)) == []
    replace_text("main.m3u8", old, new)(files)
    found = complaints(inspect(relist(captioned.asset, files), files))
    assert any(one.startswith("text/en/") and fault in one for one in found), found


def test_captions_that_the_document_does_not_have_are_found(captioned: Made) -> None:
    asset = captioned.asset.model_copy(update={"texts": ()})
    found = complaints(inspect(asset, load_files(captioned.folder)))
    assert found == ["text/en/media.m3u8: is no text of the document [document]"]


def test_pictures_between_key_frames_are_decoded_when_wanted(film: Made) -> None:
    files = load_files(film.folder)
    content = bytearray(files["video/360/2.m4s"])
    place = content.rindex(b"mdat") + 4
    content[place + 4 :] = bytes(len(content) - place - 4)
    files["video/360/2.m4s"] = bytes(content)
    asset = relist(film.asset, files)
    assert complaints(inspect(asset, files)) == []
    (complaint,) = complaints(inspect(asset, files, decodes_all=True))
    assert "pictures do not decode" in complaint


def understate_bandwidth(asset: Asset) -> Asset:
    rendition = asset.renditions[0].model_copy(update={"bandwidth_bps": 1000})
    return asset.model_copy(update={"renditions": (rendition, *asset.renditions[1:])})


def overstate_duration(asset: Asset) -> Asset:
    rendition = asset.renditions[0].model_copy(update={"duration_ms": 8000})
    return asset.model_copy(update={"renditions": (rendition, *asset.renditions[1:])})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(understate_bandwidth, "video/360/media.m3u8: peaks at", id="bandwidth"),
        pytest.param(
            overstate_duration,
            "video/360/media.m3u8: lasts 7.0000 s, not 8000 ms",
            id="duration of a rendition",
        ),
        pytest.param(
            lambda asset: asset.model_copy(update={"duration_ms": 9000}),
            "video/720/media.m3u8: lasts 7.0000 s, the asset 9.0000 s",
            id="duration of the asset",
        ),
    ],
)
def test_a_document_that_says_otherwise_is_found(
    film: Made, change: Callable[[Asset], Asset], fault: str
) -> None:
    found = complaints(inspect(change(film.asset), load_files(film.folder)))
    assert any(fault in complaint for complaint in found), found


def test_a_bandwidth_below_the_peak_is_found(film: Made) -> None:
    files = load_files(film.folder)
    text = files["main.m3u8"].decode()
    bandwidth = text.partition(":BANDWIDTH=")[2].partition(",")[0]
    files["main.m3u8"] = text.replace(f":BANDWIDTH={bandwidth},", ":BANDWIDTH=1000,", 1).encode()
    report = inspect(relist(film.asset, files), files)
    assert {finding.rule for finding in report.failures} == {"1.27", "1.32", "RFC 8216 4.3.4.2"}


def test_a_finding_is_told_once(film: Made) -> None:
    files = load_files(film.folder)
    files["main.m3u8"] += b"\n"
    assert len(inspect(film.asset, files).failures) == 1


def test_rules_that_are_decided_otherwise_are_not_told(film: Made) -> None:
    rules = {finding.rule for finding in inspect(film.asset, load_files(film.folder)).warnings}
    assert "9.21" not in rules


def test_what_others_may_do_is_a_failure_here(film: Made) -> None:
    files = load_files(film.folder)
    lines = files["main.m3u8"].decode().splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("#EXT-X-STREAM-INF"))
    lines[first : first + 4] = lines[first + 2 : first + 4] + lines[first : first + 2]
    files["main.m3u8"] = ("\n".join(lines) + "\n").encode()
    (complaint,) = complaints(inspect(relist(film.asset, files), files))
    assert complaint.endswith("[1.32]")

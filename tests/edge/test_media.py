"""Media over HTTP, as players ask for it."""

import json
from typing import Any

import pytest
from aiohttp import ClientPayloadError

from edge.content.files import OpenFile
from edge.content.reader import Reader
from shared.hls.multivariant import parse_multivariant
from shared.paths import Kind, asset_key
from shared.runtime.store.interface import StoreUnavailable
from tests.edge.edges import Answer, World
from tests.edge.films import (
    ASSET_ID,
    OTHER_ASSET_ID,
    OTHER_VIDEO_ID,
    VIDEO_ID,
    make_film,
    point_video,
    publish_film,
)

SEGMENT = "video/720/1.m4s"
EVERY_KIND = {"kinds": frozenset(Kind)}


def etag_of(world: World, name: str) -> str:
    return next(f'"{file.etag}"' for file in world.film.asset.files if file.name == name)


async def test_every_file_of_a_film_is_served_as_it_lies_in_the_store(world: World) -> None:
    token = world.signer.issue(**EVERY_KIND)
    for name, content in world.film.contents.items():
        answer = await world.fetch(name, token=token)
        assert (answer.status, answer.body) == (200, content), name
        assert answer.headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("main.m3u8", "application/vnd.apple.mpegurl"),
        (SEGMENT, "video/mp4"),
        ("video/720/init.mp4", "video/mp4"),
        ("audio/stereo/1.m4s", "audio/mp4"),
        ("poster/poster.jpg", "image/jpeg"),
        ("storyboard/storyboard.vtt", "text/vtt; charset=utf-8"),
        ("key/1.key", "application/octet-stream"),
    ],
)
async def test_files_have_the_type_that_their_asset_says(
    world: World, name: str, content_type: str
) -> None:
    assert (await world.fetch(name)).headers["Content-Type"] == content_type


async def test_a_second_answer_comes_from_ram(world: World) -> None:
    first = await world.fetch(SEGMENT)
    world.store.delete(asset_key(ASSET_ID, SEGMENT))
    second = await world.fetch(SEGMENT)
    assert (second.status, second.body) == (200, first.body)


async def test_head_answers_as_get_would_without_the_body(world: World) -> None:
    for name in (SEGMENT, "main.m3u8"):
        await world.fetch(name)
        got, head = await world.fetch(name), await world.fetch(name, method="HEAD")
        assert (head.status, head.body) == (200, b"")
        fields = dict(got.headers) | {"Date": ""}
        assert dict(head.headers) | {"Date": ""} == fields


async def test_head_of_a_file_nobody_has_read_yet_tells_its_size(world: World) -> None:
    head = await world.fetch(
        "download/film.mp4", method="HEAD", token=world.signer.issue(**EVERY_KIND)
    )
    assert (head.status, head.headers["Content-Length"]) == (200, "5000")


async def test_a_range_is_a_part(world: World) -> None:
    answer = await world.fetch(SEGMENT, headers={"Range": "bytes=100-199"})
    assert answer.status == 206
    assert answer.headers["Content-Range"] == "bytes 100-199/3000"
    assert answer.body == world.film.contents[SEGMENT][100:200]


async def test_ffmpeg_s_open_range_is_a_206_of_everything(world: World) -> None:
    answer = await world.fetch("main.m3u8", headers={"Range": "bytes=0-"})
    assert (answer.status, answer.body) == (206, world.film.contents["main.m3u8"])


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Range": "bytes=0-1,5-9"}, id="several ranges"),
        pytest.param({"Range": "lines=0-1"}, id="another unit"),
        pytest.param({"Range": "bytes=0-9", "If-Range": '"other"'}, id="a file that changed"),
    ],
)
async def test_a_range_that_does_not_apply_is_the_whole(
    world: World, headers: dict[str, str]
) -> None:
    answer = await world.fetch(SEGMENT, headers=headers)
    assert (answer.status, len(answer.body)) == (200, 3000)


async def test_head_knows_no_ranges(world: World) -> None:
    answer = await world.fetch(SEGMENT, method="HEAD", headers={"Range": "bytes=0-9"})
    assert (answer.status, answer.headers["Content-Length"]) == (200, "3000")


async def test_a_range_past_the_end_is_a_416_with_the_size(world: World) -> None:
    answer = await world.fetch(SEGMENT, headers={"Range": "bytes=3000-"})
    assert (answer.status, answer.code) == (416, "range_not_satisfiable")
    assert answer.headers["Content-Range"] == "bytes */3000"
    assert "ETag" not in answer.headers


async def test_an_unchanged_file_is_a_304(world: World) -> None:
    etag = etag_of(world, "main.m3u8")
    answer = await world.fetch("main.m3u8", headers={"If-None-Match": etag, "Range": "bytes=0-"})
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["ETag"] == etag


async def test_a_failed_precondition_is_a_412(world: World) -> None:
    answer = await world.fetch(SEGMENT, headers={"If-Match": '"other"'})
    assert (answer.status, answer.code) == (412, "precondition_failed")


async def test_a_resumed_download_goes_on_with_the_same_file(world: World) -> None:
    name = "video/720/init.mp4"
    headers = {"Range": "bytes=10-", "If-Range": etag_of(world, name)}
    answer = await world.fetch(name, headers=headers)
    assert (answer.status, answer.body) == (206, world.film.contents[name][10:])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (SEGMENT, "private, max-age=31536000, immutable"),
        ("main.m3u8", "private, max-age=60"),
        ("key/1.key", "private, no-store"),
    ],
)
async def test_files_may_be_kept_as_long_as_they_hold(
    world: World, name: str, expected: str
) -> None:
    assert (await world.fetch(name)).headers["Cache-Control"] == expected


@pytest.mark.parametrize("name", ["video/720/99.m4s", "video/144/1.m4s", "text/de.vtt"])
async def test_a_name_that_is_not_listed_is_a_404(world: World, name: str) -> None:
    answer = await world.fetch(name)
    assert (answer.status, answer.code) == (404, "not_found")


async def test_a_file_that_lies_in_the_folder_but_is_not_listed_is_a_404(world: World) -> None:
    world.store.put(asset_key(ASSET_ID, "video/720/extra.mp4"), b"unlisted")
    assert (await world.fetch("video/720/extra.mp4")).status == 404


async def test_large_files_are_served_in_chunks(world: World) -> None:
    film = make_film(asset_id=OTHER_ASSET_ID, sizes={"download/large.mp4": 3_000_000})
    publish_film(world.store, film)
    content = film.contents["download/large.mp4"]
    path = f"/v1/{world.signer.issue(**EVERY_KIND)}/{OTHER_ASSET_ID}/download/large.mp4"
    whole = await world.get(path)
    assert (whole.status, whole.body) == (200, content)
    part = await world.get(path, headers={"Range": "bytes=1000000-2999990"})
    assert (part.status, part.body) == (206, content[1_000_000:2_999_991])


async def test_a_body_that_cannot_be_read_on_is_broken_off(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publish_film(
        world.store, make_film(asset_id=OTHER_ASSET_ID, sizes={"download/large.mp4": 3_000_000})
    )
    read_part = Reader.read_part

    async def read_once(
        reader: Reader, file: OpenFile, offset: int, length: int, *, patient: bool = False
    ) -> bytes:
        if patient:
            raise StoreUnavailable("the disk is gone")
        return await read_part(reader, file, offset, length)

    monkeypatch.setattr(Reader, "read_part", read_once)
    path = f"/v1/{world.signer.issue(**EVERY_KIND)}/{OTHER_ASSET_ID}/download/large.mp4"
    with pytest.raises(ClientPayloadError):
        await world.get(path)
    assert "a body was cut short: the disk is gone" in caplog.text
    assert "Traceback" not in caplog.text


class TestHeights:
    """`max_height` in the main playlist and below it."""

    async def read_playlist(self, world: World, **claims: Any) -> Answer:
        return await world.fetch("main.m3u8", token=world.signer.issue(**claims))

    async def test_the_main_playlist_lists_what_the_token_opens(self, world: World) -> None:
        answer = await self.read_playlist(world, max_height=720)
        variants = parse_multivariant(answer.body.decode()).variants
        assert [min(v.resolution) for v in variants if v.resolution] == [360, 720]

    async def test_limits_have_entity_tags_of_their_own(self, world: World) -> None:
        answers = [
            await self.read_playlist(world, max_height=height) for height in (360, 720, 1080)
        ]
        assert len({answer.headers["ETag"] for answer in answers}) == 3
        assert answers[2].body == world.film.contents["main.m3u8"]

    async def test_a_limited_playlist_s_tag_makes_a_304_under_that_limit_only(
        self, world: World
    ) -> None:
        etag = (await self.read_playlist(world, max_height=720)).headers["ETag"]
        for height, status in ((720, 304), (360, 200), (1080, 200)):
            token = world.signer.issue(max_height=height)
            answer = await world.fetch("main.m3u8", token=token, headers={"If-None-Match": etag})
            assert answer.status == status

    async def test_head_of_a_limited_playlist_tells_the_limited_size(self, world: World) -> None:
        token = world.signer.issue(max_height=360)
        head = await world.fetch("main.m3u8", method="HEAD", token=token)
        got = await world.fetch("main.m3u8", token=token)
        assert head.headers["Content-Length"] == str(len(got.body))

    @pytest.mark.parametrize("name", ["1.m4s", "playlist.m3u8", "init.mp4"])
    async def test_files_of_a_higher_rung_are_refused(self, world: World, name: str) -> None:
        token = world.signer.issue(max_height=720)
        assert (await world.fetch(f"video/720/{name}", token=token)).status == 200
        refused = await world.fetch(f"video/1080/{name}", token=token)
        assert (refused.status, refused.code) == (403, "not_in_scope")

    async def test_a_limit_below_the_lowest_rung_opens_nothing_to_play(self, world: World) -> None:
        answer = await self.read_playlist(world, max_height=240)
        assert (answer.status, answer.code) == (403, "not_in_scope")


class TestTokenPlaces:
    """Where the token may stand, and what follows from it."""

    path = f"/v1/a/{ASSET_ID}/main.m3u8"

    async def test_bearer(self, world: World) -> None:
        headers = {"Authorization": f"Bearer {world.signer.issue()}"}
        assert (await world.get(self.path, headers=headers)).status == 200

    async def test_cookie(self, world: World) -> None:
        headers = {"Cookie": f"sluice_token={world.signer.issue()}"}
        assert (await world.get(self.path, headers=headers)).status == 200

    async def test_query_leads_to_the_path_form(self, world: World) -> None:
        token = world.signer.issue()
        answer = await world.get(f"{self.path}?token={token}")
        assert answer.status == 307
        assert answer.headers["Location"] == f"/v1/{token}/{ASSET_ID}/main.m3u8"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert (await world.get(answer.headers["Location"])).status == 200

    async def test_a_bad_token_in_the_query_is_refused_and_not_sent_on(self, world: World) -> None:
        answer = await world.get(f"{self.path}?token=a%0d%0aSet-Cookie:x")
        assert (answer.status, answer.code) == (403, "token_invalid")
        assert "Location" not in answer.headers

    async def test_other_parameters_do_not_matter(self, world: World) -> None:
        answer = await world.fetch(f"{SEGMENT}?CMCD=br%3D800")
        assert answer.status == 200

    async def test_two_tokens_that_differ_are_refused(self, world: World) -> None:
        headers = {"Authorization": f"Bearer {world.signer.issue(subject='another')}"}
        answer = await world.fetch("main.m3u8", headers=headers)
        assert (answer.status, answer.code) == (403, "token_invalid")


class TestVideos:
    """`/v1/<token>/v/<video>/main.m3u8`."""

    async def test_a_video_leads_to_its_present_asset(self, world: World) -> None:
        token = world.signer.issue()
        answer = await world.get(f"/v1/{token}/v/{VIDEO_ID}/main.m3u8")
        assert answer.status == 307
        assert answer.headers["Location"] == f"/v1/{token}/{ASSET_ID}/main.m3u8"

    async def test_a_token_in_the_header_stays_there(self, world: World) -> None:
        headers = {"Authorization": f"Bearer {world.signer.issue()}"}
        answer = await world.get(f"/v1/a/v/{VIDEO_ID}/main.m3u8", headers=headers)
        assert answer.headers["Location"] == f"/v1/a/{ASSET_ID}/main.m3u8"

    async def test_a_token_in_the_query_moves_to_the_path(self, world: World) -> None:
        token = world.signer.issue()
        answer = await world.get(f"/v1/a/v/{VIDEO_ID}/main.m3u8?token={token}")
        assert answer.headers["Location"] == f"/v1/{token}/{ASSET_ID}/main.m3u8"

    async def test_a_token_of_another_video_is_refused(self, world: World) -> None:
        token = world.signer.issue(video_id=OTHER_VIDEO_ID)
        answer = await world.get(f"/v1/{token}/v/{VIDEO_ID}/main.m3u8")
        assert (answer.status, answer.code) == (403, "not_in_scope")

    async def test_a_token_for_an_asset_leads_there_while_it_is_the_present_one(
        self, world: World
    ) -> None:
        path = f"/v1/{{}}/v/{VIDEO_ID}/main.m3u8"
        present = await world.get(path.format(world.signer.issue(asset_id=ASSET_ID)))
        another = await world.get(path.format(world.signer.issue(asset_id=OTHER_ASSET_ID)))
        assert (present.status, another.status) == (307, 403)

    async def test_a_video_without_an_asset_is_a_404_to_who_may_see_it(self, world: World) -> None:
        token = world.signer.issue(video_id=OTHER_VIDEO_ID)
        answer = await world.get(f"/v1/{token}/v/{OTHER_VIDEO_ID}/main.m3u8")
        assert (answer.status, answer.code) == (404, "not_found")

    async def test_a_damaged_pointer_is_a_declared_failure(self, world: World) -> None:
        point_video(world.store, video_id=OTHER_VIDEO_ID, asset_id=ASSET_ID)
        world.store.put(f"videos/{OTHER_VIDEO_ID}.json", b"{}")
        token = world.signer.issue(video_id=OTHER_VIDEO_ID)
        answer = await world.get(f"/v1/{token}/v/{OTHER_VIDEO_ID}/main.m3u8")
        assert (answer.status, answer.code) == (503, "store_unavailable")
        assert answer.headers["Retry-After"] == "2"


async def test_a_listed_file_that_cannot_be_read_is_a_declared_failure(world: World) -> None:
    world.store.delete(asset_key(ASSET_ID, SEGMENT))
    answer = await world.fetch(SEGMENT)
    assert (answer.status, answer.code) == (503, "store_unavailable")
    assert SEGMENT not in json.loads(answer.body)["detail"]


async def test_an_asset_damaged_in_the_store_is_a_declared_failure(world: World) -> None:
    world.store.put(f"assets/{OTHER_ASSET_ID}/asset.json", b"{")
    path = f"/v1/{world.signer.issue(asset_id=OTHER_ASSET_ID)}/{OTHER_ASSET_ID}/main.m3u8"
    assert (await world.get(path)).code == "store_unavailable"

"""Files as HTTP wants them: twins, caches, and where the bytes came from."""

import gzip
import re
from typing import Any

import pytest

from shared.paths import Kind
from tests.edge.edges import World
from tests.edge.films import ASSET_ID, OTHER_ASSET_ID, make_film, publish_film

SEGMENT = "video/720/1.m4s"
PLAYLIST = "video/720/playlist.m3u8"
MAIN = "main.m3u8"
GZIP = {"Accept-Encoding": "gzip, deflate, br"}

HIT = "sluice; hit; detail=ram"
STORED = "sluice; fwd=miss; stored; detail=disk"
FORWARDED = "sluice; fwd=miss; detail=disk"


class TestTwins:
    """The main playlist compresses; files of random bytes do not."""

    async def test_who_wants_gzip_gets_it(self, world: World) -> None:
        answer = await world.fetch(MAIN, headers=GZIP)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert gzip.decompress(answer.body) == world.film.contents[MAIN]

    async def test_two_accept_encoding_fields_are_one_list(self, world: World) -> None:
        fields = [("Accept-Encoding", "br"), ("Accept-Encoding", "gzip")]
        assert "Content-Encoding" in (await world.fetch(MAIN, headers=fields)).headers

    @pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip;q=0"}], ids=str)
    async def test_nobody_else_does(self, world: World, headers: dict[str, str]) -> None:
        answer = await world.fetch(MAIN, headers=headers)
        assert answer.body == world.film.contents[MAIN]
        assert "Content-Encoding" not in answer.headers

    async def test_both_say_that_they_vary_under_tags_of_their_own(self, world: World) -> None:
        plain, packed = await world.fetch(MAIN), await world.fetch(MAIN, headers=GZIP)
        assert [one.headers["Vary"] for one in (plain, packed)] == ["Accept-Encoding"] * 2
        assert packed.headers["ETag"] == plain.headers["ETag"][:-1] + '-gz"'

    @pytest.mark.parametrize("name", [SEGMENT, PLAYLIST], ids=["film", "incompressible"])
    async def test_a_file_without_one_does_not_vary(self, world: World, name: str) -> None:
        answer = await world.fetch(name, headers=GZIP)
        assert answer.body == world.film.contents[name]
        assert not {"Vary", "Content-Encoding"} & answer.headers.keys()

    async def test_each_is_unchanged_under_its_own_tag_only(self, world: World) -> None:
        tag = (await world.fetch(MAIN, headers=GZIP)).headers["ETag"]
        packed = await world.fetch(MAIN, headers={**GZIP, "If-None-Match": tag})
        plain = await world.fetch(MAIN, headers={"If-None-Match": tag})
        assert (packed.status, plain.status) == (304, 200)
        assert packed.headers["Vary"] == "Accept-Encoding"

    async def test_a_twin_has_no_parts(self, world: World) -> None:
        for value in ("bytes=0-9", "bytes=999999-"):
            answer = await world.fetch(MAIN, headers={**GZIP, "Range": value})
            assert (answer.status, answer.headers["Accept-Ranges"]) == (200, "none")
            assert gzip.decompress(answer.body) == world.film.contents[MAIN]

    async def test_head_describes_the_one_that_get_would_send(self, world: World) -> None:
        head = await world.fetch(MAIN, method="HEAD", headers=GZIP)
        got = await world.fetch(MAIN, headers=GZIP)
        for name in ("Content-Length", "Content-Encoding", "ETag", "Vary"):
            assert head.headers[name] == got.headers[name]

    async def test_limited_playlists_have_twins_of_their_own(self, world: World) -> None:
        token = world.signer.issue(max_height=720)
        plain = await world.fetch(MAIN, token=token)
        packed = await world.fetch(MAIN, token=token, headers=GZIP)
        assert gzip.decompress(packed.body) == plain.body != world.film.contents[MAIN]


class TestCaches:
    """What may be kept, and by whom."""

    @pytest.mark.parametrize("name", [SEGMENT, PLAYLIST, "video/720/init.mp4", "text/en.vtt"])
    @pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}], ids=["whole", "part"])
    async def test_shared_caches_may_keep_what_is_the_same_for_all_but_have_to_ask(
        self, world: World, name: str, headers: dict[str, str]
    ) -> None:
        answer = await world.fetch(name, headers=headers)
        assert answer.headers["CDN-Cache-Control"] == "no-cache"

    @pytest.mark.parametrize(
        ("name", "options"),
        [
            pytest.param(MAIN, {}, id="main playlist"),
            pytest.param("key/1.key", {}, id="key"),
            pytest.param("none.vtt", {}, id="nothing"),
            pytest.param(SEGMENT, {"token": "rubbish"}, id="refusal"),
            pytest.param(SEGMENT, {"headers": {"Range": "bytes=9999-"}}, id="416"),
            pytest.param(SEGMENT, {"headers": {"If-Match": '"other"'}}, id="412"),
            pytest.param(SEGMENT, {"method": "PUT"}, id="405"),
        ],
    )
    async def test_nothing_else_is_for_shared_caches(
        self, world: World, name: str, options: dict[str, Any]
    ) -> None:
        answer = await world.fetch(name, **options)
        assert "CDN-Cache-Control" not in answer.headers
        assert answer.headers["Cache-Control"].startswith("private")

    async def test_a_shared_cache_that_asks_is_told_by_the_gate(self, world: World) -> None:
        etag = (await world.fetch(SEGMENT)).headers["ETag"]
        asking = {"If-None-Match": etag}
        allowed = await world.fetch(SEGMENT, headers=asking)
        refused = await world.fetch(
            SEGMENT, headers=asking, token=world.signer.issue(kinds=frozenset({Kind.POSTER}))
        )
        assert (allowed.status, refused.status) == (304, 403)

    async def test_a_304_repeats_what_the_200_said_to_caches(self, world: World) -> None:
        for name in (SEGMENT, MAIN, PLAYLIST):
            full = await world.fetch(name)
            asking = {"If-None-Match": full.headers["ETag"]}
            unchanged = await world.fetch(name, headers=asking)
            assert unchanged.status == 304
            for field in ("ETag", "Cache-Control", "CDN-Cache-Control", "Vary"):
                assert unchanged.headers.get(field) == full.headers.get(field)
            assert "Date" in unchanged.headers
            assert not {"Content-Length", "Content-Type"} & unchanged.headers.keys()


class TestOrigin:
    """Cache-Status and Server-Timing."""

    async def test_bytes_come_from_disk_once(self, world: World) -> None:
        for name in (SEGMENT, MAIN, "poster/poster.jpg"):
            found = [(await world.fetch(name)).headers["Cache-Status"] for _ in range(3)]
            assert found == [STORED, HIT, HIT]

    @pytest.mark.parametrize(
        ("headers", "status"),
        [({"Range": "bytes=0-9"}, 206), ({"If-None-Match": "*"}, 304)],
        ids=["part", "unchanged"],
    )
    async def test_parts_and_news_of_no_change_come_from_ram_too(
        self, world: World, headers: dict[str, str], status: int
    ) -> None:
        await world.fetch(SEGMENT)
        answer = await world.fetch(SEGMENT, headers=headers)
        assert (answer.status, answer.headers["Cache-Status"]) == (status, HIT)

    async def test_what_is_too_large_to_keep_is_forwarded(self, world: World) -> None:
        publish_film(
            world.store, make_film(asset_id=OTHER_ASSET_ID, sizes={"video/720/big.m4s": 3_000_000})
        )
        path = f"/v1/{world.signer.issue()}/{OTHER_ASSET_ID}/video/720/big.m4s"
        for _ in range(2):
            assert (await world.get(path)).headers["Cache-Status"] == FORWARDED

    async def test_what_needed_no_bytes_names_no_cache(self, world: World) -> None:
        answer = await world.fetch(SEGMENT, method="HEAD")
        assert (answer.status, "Cache-Status" in answer.headers) == (200, False)

    async def test_time_is_told_where_it_was_spent(self, world: World) -> None:
        token, other = world.signer.issue(), world.signer.issue(subject="other")
        first = await world.fetch(SEGMENT, token=token)
        again = await world.fetch(SEGMENT, token=token)
        newcomer = await world.fetch(SEGMENT, token=other)
        assert re.fullmatch(r"verify;dur=\d+\.\d, read;dur=\d+\.\d", first.headers["Server-Timing"])
        assert "Server-Timing" not in again.headers
        assert re.fullmatch(r"verify;dur=\d+\.\d", newcomer.headers["Server-Timing"])

    async def test_repeated_answers_are_the_same_bytes(self, world: World) -> None:
        path = f"/v1/{world.signer.issue()}/{ASSET_ID}/{SEGMENT}"
        line = f"GET {path} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n".encode()
        _, *answers = [await world.send_raw(line) for _ in range(4)]
        masked = {re.sub(rb"\r\nDate: [^\r]+", b"", answer) for answer in answers}
        assert len(masked) == 1

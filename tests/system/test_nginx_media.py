"""Playback through nginx: the same bytes and the same refusals as from the edge itself."""

import gzip
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin

import pytest
from aiohttp import ClientSession

from shared.hls.media import parse_media
from shared.hls.multivariant import parse_multivariant
from tests.nginx_front import Front
from tests.stack import Stack

pytestmark = pytest.mark.system

COMPRESSED: Final = {"Accept-Encoding": "gzip"}


async def fetch_direct(stack: Stack, path: str) -> bytes:
    async with ClientSession(stack.edge_url) as session, session.get(path) as response:
        assert response.status == HTTPStatus.OK
        return await response.read()


async def find_segment(stack: Stack, playback_path: str) -> str:
    """The path of a segment of the first rung."""
    main = parse_multivariant((await fetch_direct(stack, playback_path)).decode())
    media_path = urljoin(playback_path, main.variants[0].uri)
    media = parse_media((await fetch_direct(stack, media_path)).decode())
    return urljoin(media_path, media.segments[1].uri)


async def test_player_gets_the_same_bytes_as_from_the_edge(
    stack: Stack, player: ClientSession, playback_path: str
) -> None:
    for path in (playback_path, await find_segment(stack, playback_path)):
        async with player.get(path) as response:
            assert response.status == HTTPStatus.OK
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert await response.read() == await fetch_direct(stack, path)


async def test_range_of_a_segment_passes(
    stack: Stack, player: ClientSession, playback_path: str
) -> None:
    path = await find_segment(stack, playback_path)
    whole = await fetch_direct(stack, path)
    async with player.get(path, headers={"Range": "bytes=100-1099"}) as response:
        assert response.status == HTTPStatus.PARTIAL_CONTENT
        assert response.headers["Content-Range"] == f"bytes 100-1099/{len(whole)}"
        assert await response.read() == whole[100:1100]
        etag = response.headers["ETag"]
    headers = {"Range": "bytes=0-9", "If-Range": etag}
    async with player.get(path, headers=headers) as response:
        assert response.status == HTTPStatus.PARTIAL_CONTENT
    async with player.get(path, headers={"Range": f"bytes={len(whole)}-"}) as response:
        assert response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE


async def test_segment_is_never_compressed(
    stack: Stack, player: ClientSession, playback_path: str
) -> None:
    path = await find_segment(stack, playback_path)
    async with player.get(path, headers=COMPRESSED) as response:
        assert "Content-Encoding" not in response.headers
        assert not response.headers["ETag"].startswith("W/")


async def test_playlist_is_compressed_for_whoever_asks(
    stack: Stack, player: ClientSession, playback_path: str
) -> None:
    async with player.get(playback_path, headers=COMPRESSED) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in response.headers["Vary"]
        assert response.headers["Accept-Ranges"] == "none"
        playlist = gzip.decompress(await response.read())
    assert playlist == await fetch_direct(stack, playback_path)


async def test_compressed_playlist_can_be_revalidated_and_not_resumed(
    player: ClientSession, playback_path: str
) -> None:
    async with player.get(playback_path, headers=COMPRESSED) as response:
        etag = response.headers["ETag"]
    assert etag.endswith('-gz"')
    for headers, status in (
        ({"If-None-Match": etag}, HTTPStatus.NOT_MODIFIED),
        ({"If-Range": etag, "Range": "bytes=0-9"}, HTTPStatus.OK),
    ):
        async with player.get(playback_path, headers=COMPRESSED | headers) as response:
            assert response.status == status


async def test_a_part_is_one_of_the_uncompressed_playlist(
    stack: Stack, player: ClientSession, playback_path: str
) -> None:
    whole = await fetch_direct(stack, playback_path)
    async with player.get(playback_path, headers={"Range": "bytes=0-9"}) as response:
        assert response.status == HTTPStatus.PARTIAL_CONTENT
        assert await response.read() == whole[:10]
    headers = COMPRESSED | {"Range": "bytes=0-9"}
    async with player.get(playback_path, headers=headers) as response:
        assert response.status == HTTPStatus.OK
        assert gzip.decompress(await response.read()) == whole


async def test_refusal_of_the_edge_passes_as_it_is(
    player: ClientSession, playback_path: str
) -> None:
    _, version, token, rest = playback_path.split("/", 3)
    async with player.get(f"/{version}/{token[:-3]}AAA/{rest}") as response:
        assert response.status == HTTPStatus.FORBIDDEN
        assert response.content_type == "application/problem+json"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        problem = await response.json(content_type=None)
    assert problem["code"] == "token_invalid"
    assert problem["decision_id"] == response.headers["X-Decision-Id"]


async def test_refusal_can_be_found_in_the_log(
    front: Front, player: ClientSession, playback_path: str
) -> None:
    _, version, _, rest = playback_path.split("/", 3)
    async with player.get(f"/{version}/no-token/{rest}") as response:
        decision_id = response.headers["X-Decision-Id"]
    (line,) = await front.read_log(lines=1)
    assert line["decision_id"] == decision_id

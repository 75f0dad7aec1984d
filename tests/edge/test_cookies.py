"""`POST /v1/cookie`."""

import time
from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest

from edge.routes import COOKIE_PATH, MAX_CONTENT
from shared.paths import Kind
from tests.edge.edges import Answer, World
from tests.edge.films import ASSET_ID, OTHER_VIDEO_ID, VIDEO_ID


async def order(world: World, token: str, **options: Any) -> Answer:
    headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
    return await world.get(COOKIE_PATH, method="POST", headers=headers, **options)


def read_cookies(answer: Answer) -> list[Morsel[str]]:
    return [SimpleCookie(text)["sluice_token"] for text in answer.headers.getall("Set-Cookie")]


async def test_a_token_for_a_video_opens_its_present_asset_and_its_link(world: World) -> None:
    token = world.signer.issue()
    answer = await order(world, token)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Cache-Control"] == "private, no-store"
    cookies = read_cookies(answer)
    assert [cookie["path"] for cookie in cookies] == [f"/v1/a/{ASSET_ID}/", f"/v1/a/v/{VIDEO_ID}/"]
    assert {cookie.value for cookie in cookies} == {token}


async def test_a_token_for_an_asset_opens_that(world: World) -> None:
    cookies = read_cookies(await order(world, world.signer.issue(asset_id=ASSET_ID)))
    assert [cookie["path"] for cookie in cookies] == [f"/v1/a/{ASSET_ID}/"]


async def test_a_cookie_lives_as_long_as_its_token_away_from_scripts(world: World) -> None:
    cookie, _ = read_cookies(await order(world, world.signer.issue()))
    left_s = world.signer.claims().expires_at - time.time()
    assert left_s - 60 < int(cookie["max-age"]) <= left_s + 1
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")


async def test_the_cookie_opens_what_it_is_for(world: World) -> None:
    for cookie in read_cookies(await order(world, world.signer.issue())):
        headers = {"Cookie": f"sluice_token={cookie.value}"}
        answer = await world.get(f"{cookie['path']}main.m3u8", headers=headers)
        assert answer.status in (200, 307)


async def test_a_cookie_takes_no_place_among_streams(world: World) -> None:
    assert (await order(world, world.signer.issue(max_streams=1))).status == 204


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        pytest.param({"start_by": 1}, "start_window_closed", id="too late"),
        pytest.param({"ip": "192.0.2.0/24"}, "address_refused", id="another network"),
        pytest.param({"origins": ("https://a.example",)}, "origin_refused", id="another site"),
    ],
)
async def test_a_refused_token_becomes_no_cookie(
    world: World, claims: dict[str, Any], code: str
) -> None:
    answer = await order(
        world, world.signer.issue(**claims), headers={"Origin": "https://b.example"}
    )
    assert (answer.status, answer.code) == (403, code)
    assert "Set-Cookie" not in answer.headers


async def test_an_expired_token_becomes_no_cookie(world: World) -> None:
    answer = await order(world, world.signer.issue(expires_at=int(time.time())))
    assert (answer.status, answer.code) == (403, "token_expired")


async def test_an_order_without_a_bearer_token_is_refused(world: World) -> None:
    token = world.signer.issue()
    for path, headers in (
        (COOKIE_PATH, {}),
        (f"{COOKIE_PATH}?token={token}", {}),
        (COOKIE_PATH, {"Cookie": f"sluice_token={token}"}),
    ):
        answer = await world.get(path, method="POST", headers=headers)
        assert (answer.status, answer.code) == (403, "token_missing")


async def test_a_bad_token_is_refused(world: World) -> None:
    assert (await order(world, "rubbish")).code == "token_invalid"


async def test_a_video_without_an_asset_has_no_cookie(world: World) -> None:
    answer = await order(world, world.signer.issue(video_id=OTHER_VIDEO_ID))
    assert (answer.status, answer.code) == (404, "not_found")


async def test_a_poster_s_token_has_a_cookie_too(world: World) -> None:
    token = world.signer.issue(kinds=frozenset({Kind.POSTER}))
    assert (await order(world, token)).status == 204


async def test_a_body_says_nothing_and_is_not_waited_for(world: World) -> None:
    token = world.signer.issue()
    assert (await order(world, token, data=b'{"token": "x"}')).status == 204
    answer = await order(world, token, data=bytes(MAX_CONTENT + 1))
    assert (answer.status, answer.code) == (413, "content_too_large")
    assert "Set-Cookie" not in answer.headers

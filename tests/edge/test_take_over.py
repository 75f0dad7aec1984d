"""`POST /v1/take-over`, with leases in a real Redis."""

import json
from typing import Any

import pytest

from edge.routes import TAKE_OVER_PATH
from shared.paths import Kind
from tests.edge.edges import Answer, World
from tests.edge.films import ASSET_ID
from tests.edge.leases import make_viewer

SEGMENT = "video/720/1.m4s"


def issue(world: World, viewer: str, session_id: str, **claims: Any) -> str:
    return world.signer.issue(subject=viewer, session_id=session_id, max_streams=1, **claims)


async def order(world: World, token: str, **headers: str) -> Answer:
    fields = {"Authorization": f"Bearer {token}", **headers}
    return await world.get(TAKE_OVER_PATH, method="POST", headers=fields)


async def test_a_refused_session_takes_the_place_of_the_first(world: World) -> None:
    viewer = make_viewer()
    first, second = (issue(world, viewer, name) for name in ("first", "second"))
    assert (await world.fetch(SEGMENT, token=first)).status == 200
    refused = await world.fetch(SEGMENT, token=second)
    assert (refused.status, refused.code) == (403, "stream_limit")
    holders = json.loads(refused.body)["holders"]
    assert [holder["session_id"] for holder in holders] == ["first"]
    taken = await order(world, second)
    assert (taken.status, taken.body) == (204, b"")
    assert taken.headers["Cache-Control"] == "private, no-store"
    assert (await world.fetch(SEGMENT, token=second)).status == 200
    assert (await world.fetch(SEGMENT, token=first)).code == "stream_limit"


async def test_a_session_that_lost_its_place_can_take_it_back(world: World) -> None:
    viewer = make_viewer()
    first, second = (issue(world, viewer, name) for name in ("first", "second"))
    await world.fetch(SEGMENT, token=first)
    for taker, loser in ((second, first), (first, second)):
        assert (await order(world, taker)).status == 204
        assert (await world.fetch(SEGMENT, token=taker)).status == 200
        assert (await world.fetch(SEGMENT, token=loser)).code == "stream_limit"


async def test_a_session_that_plays_has_nothing_to_take(world: World) -> None:
    token = issue(world, make_viewer(), "only")
    await world.fetch(SEGMENT, token=token)
    assert (await order(world, token)).status == 204


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        pytest.param({"kinds": frozenset({Kind.POSTER})}, "not_in_scope", id="poster only"),
        pytest.param({"ip": "192.0.2.0/24"}, "address_refused", id="another network"),
        pytest.param({"start_by": 1}, "start_window_closed", id="too late"),
    ],
)
async def test_nobody_loses_a_place_to_what_is_refused_for_something_else(
    world: World, claims: dict[str, Any], code: str
) -> None:
    viewer = make_viewer()
    first = issue(world, viewer, "first")
    await world.fetch(SEGMENT, token=first)
    answer = await order(world, issue(world, viewer, "second", **claims))
    assert (answer.status, answer.code) == (403, code)
    assert (await world.fetch(SEGMENT, token=first)).status == 200


async def test_an_order_needs_the_authorization_header(world: World) -> None:
    token = world.signer.issue()
    for headers in ({}, {"Cookie": f"sluice_token={token}"}):
        answer = await world.get(TAKE_OVER_PATH, method="POST", headers=headers)
        assert (answer.status, answer.code) == (403, "token_missing")
    answer = await world.get(TAKE_OVER_PATH)
    assert (answer.status, answer.headers["Allow"]) == (405, "OPTIONS, POST")


async def test_the_path_below_is_no_route(world: World) -> None:
    assert (await world.get(f"{TAKE_OVER_PATH}/{ASSET_ID}")).status == 404

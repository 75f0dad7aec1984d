"""hls.js and Shaka in Chromium: every cell that docs/players.md has of them."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Page

from edge.gate.credentials import COOKIE_NAME
from tests.browser.bare_players import (
    ask_for_cookie,
    list_faults,
    open_player,
    start_film,
    take_rung,
)
from tests.browser.complaints import take
from tests.browser.visits import ask_video, await_player, await_video, read_time
from tests.players import (
    SKILLS,
    TRANSPORTS,
    Breaking,
    Player,
    Refusal,
    Seeking,
    Switching,
    Transport,
    Verdict,
)
from tests.stack import Stack
from tests.stack_tokens import sign
from tests.waiting import wait_for
from tests.wire import Wire

pytestmark = pytest.mark.browser

PLAYERS: Final = [Player.HLS_JS, Player.SHAKA]
SECONDS: Final = 24
# Long enough for a player to start on a busy machine.
LIFE_S: Final = 5
SOUND: Final = r"audio/stereo/2\.m4s"
BROKEN_AT: Final = 50_000
SECOND_HALF: Final = r"/[34]\.m4s$"


@pytest.fixture(params=PLAYERS)
def player(
    request: pytest.FixtureRequest, page: Page, stack: Stack, wire: Wire, complaints: list[str]
) -> Iterator[Player]:
    """A player on a page of another origin than the wire's, by its port."""
    assert wire.url != stack.edge_url
    chosen = Player(request.param)
    open_player(page, chosen, edge_url=stack.edge_url)
    yield chosen
    leave(page)
    complaints[:] = [words for words in complaints if "favicon.ico" not in words]


def leave(page: Page) -> None:
    """Its player asks for nothing more, so there is nothing more to complain of."""
    page.goto("about:blank")


@pytest.mark.parametrize("transport", [Transport.PATH, Transport.QUERY, Transport.HEADER])
def test_a_player_plays(
    page: Page, player: Player, transport: Transport, stack: Stack, wire: Wire
) -> None:
    cell, ticket = TRANSPORTS[player][transport], sign(stack)
    assert cell.verdict is Verdict.PLAYS
    start_film(page, player, ticket.url(wire.url, transport), *cell.tell(ticket.token))
    await_player(page)
    carrier = Transport.PATH if transport is Transport.QUERY else transport
    segments = [one for one in wire.list_answered(r"video/\d+/\d\.m4s") if one.method == "GET"]
    assert segments
    assert all(ticket.find_carriers(exchange) == {carrier} for exchange in segments)
    assert not any(fault.status for fault in list_faults(page))


def test_a_header_costs_a_question_before_every_request(
    page: Page, player: Player, stack: Stack, wire: Wire
) -> None:
    ticket = sign(stack)
    told = TRANSPORTS[player][Transport.HEADER].tell(ticket.token)
    start_film(page, player, ticket.url(wire.url, Transport.HEADER), *told)
    await_player(page)
    asked = {method: set[str]() for method in ("OPTIONS", "GET")}
    for exchange in wire.list_answered("."):
        asked[exchange.method].add(exchange.name)
    assert asked["GET"] <= asked["OPTIONS"]


def test_a_path_costs_none(page: Page, player: Player, stack: Stack, wire: Wire) -> None:
    start_film(page, player, sign(stack).url(wire.url))
    await_player(page)
    assert {exchange.method for exchange in wire.exchanges} == {"GET"}


def test_a_cookie_of_the_edge_plays_on_its_own_pages(
    page: Page, player: Player, stack: Stack, wire: Wire
) -> None:
    cell, ticket = TRANSPORTS[player][Transport.COOKIE], sign(stack)
    assert cell.verdict is Verdict.SAME_ORIGIN
    open_player(page, player, edge_url=wire.url)
    assert ask_for_cookie(page, wire.url, ticket.token) == 204
    start_film(page, player, ticket.url(wire.url, Transport.COOKIE), *cell.told)
    await_player(page)
    segments = wire.list_answered(r"video/\d+/\d\.m4s")
    assert segments
    assert all(ticket.find_carriers(one) == {Transport.COOKIE} for one in segments)


def test_and_on_no_other(
    page: Page, player: Player, stack: Stack, wire: Wire, complaints: list[str]
) -> None:
    ticket = sign(stack)
    page.context.add_cookies([{"name": COOKIE_NAME, "value": ticket.token, "url": wire.url}])
    told = TRANSPORTS[player][Transport.COOKIE].told
    start_film(page, player, ticket.url(wire.url, Transport.COOKIE), *told)
    wait_for(lambda: bool(list_faults(page)), what="a fault", within_s=20)
    assert ask_video(page, "readyState") == 0
    assert not wire.list_answered(r"\.m4s$")
    leave(page)
    take(complaints, "blocked by CORS policy|ERR_FAILED")


def test_a_film_has_its_length_and_comes_to_its_end(
    page: Page, player: Player, stack: Stack, wire: Wire
) -> None:
    start_film(page, player, sign(stack).url(wire.url))
    await_player(page)
    assert ask_video(page, "duration") == pytest.approx(SECONDS, abs=0.1)
    jump(page, SECONDS - 0.5)
    ask_video(page, "play()")
    await_video(page, "ended")


def jump(page: Page, seconds: float) -> None:
    """Until the picture of that moment is shown."""
    ask_video(page, f"currentTime = {seconds}")
    wait_for(lambda: abs(read_time(page) - seconds) < 0.1, what="the picture", within_s=20)


@pytest.mark.parametrize("seconds", [7.3, 18.0])
def test_a_jump_shows_the_picture_of_that_moment(
    page: Page, player: Player, seconds: float, stack: Stack, wire: Wire
) -> None:
    assert SKILLS[player].seeking is Seeking.ANYWHERE
    start_film(page, player, sign(stack).url(wire.url))
    await_player(page)
    jump(page, seconds)


def test_another_rung_is_taken_in_mid_play(
    page: Page, player: Player, stack: Stack, wire: Wire
) -> None:
    assert SKILLS[player].switching is Switching.IN_MID_PLAY
    start_film(page, player, sign(stack).url(wire.url))
    await_player(page)
    ask_video(page, "play()")
    for height in (360, 480):
        take_rung(page, player, height)
        await_video(page, f"videoHeight === {height}")


def test_a_token_that_ends_in_mid_stream_ends_the_film(
    page: Page, player: Player, stack: Stack, wire: Wire, complaints: list[str]
) -> None:
    assert SKILLS[player].refusal is Refusal.FAILS
    ticket = sign(stack, life_s=LIFE_S)
    ends_at = ticket.claims.expires_at
    wire.hold(SECOND_HALF, until=ends_at)
    start_film(page, player, ticket.url(wire.url))
    await_player(page)
    ask_video(page, "play()")
    wait_for(lambda: bool(list_faults(page)), what="a fault", within_s=20)
    assert list_faults(page)[0].status == 403
    assert wire.list_answered(r"video/\d+/2\.m4s$")
    late = [exchange for exchange in wire.exchanges if exchange.answered_at >= ends_at]
    assert {exchange.status for exchange in late} == {403}
    leave(page)
    take(complaints, "403")


def test_chromium_asks_for_the_rest_of_a_segment_that_broke_off(
    page: Page, player: Player, stack: Stack, wire: Wire, complaints: list[str]
) -> None:
    assert SKILLS[player].breaking is Breaking.RESUMES
    wire.cut(SOUND, after_bytes=BROKEN_AT)
    start_film(page, player, sign(stack).url(wire.url))
    await_player(page)
    jump(page, 11.0)
    broken, *again = wire.list_answered(SOUND)
    assert {one.headers["if-range"] for one in again} == {broken.answer_headers["etag"]}
    assert {one.status for one in again} == {206}
    assert again[-1].headers["range"].startswith(f"bytes={BROKEN_AT}-")
    leave(page)
    take(complaints, "ERR_CONTENT_LENGTH_MISMATCH")

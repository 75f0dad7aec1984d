"""The token ends in mid-stream: nothing more is sent, and how each player takes it."""

import json
from typing import Final

import pytest

from tests.players import SKILLS, Player, Refusal
from tests.stack import Stack
from tests.stack_tokens import Ticket, sign
from tests.system.clients import PLAYERS, Run, describe_playbin, start
from tests.waiting import wait_for
from tests.wire import Wire

pytestmark = pytest.mark.system

# Long enough for a player to start on a busy machine.
LIFE_S: Final = 8
SECONDS: Final = 24
# The half that players come to when the token has ended.
SECOND_HALF: Final = r"/[34]\.m4s$"


ENDING: Final = [player for player in PLAYERS if SKILLS[player].refusal is not Refusal.WAITS]


@pytest.mark.parametrize("player", ENDING)
def test_a_token_that_ends_in_mid_stream_ends_the_film(
    player: Player, stack: Stack, wire: Wire
) -> None:
    ticket = sign(stack, life_s=LIFE_S)
    wire.hold(SECOND_HALF, until=ticket.claims.expires_at)
    ended = PLAYERS[player](ticket.url(wire.url), seconds=SECONDS)
    check_that_nothing_came_later(wire, ticket)
    assert describe(ended) is SKILLS[player].refusal, ended.said


def test_playbin_waits(stack: Stack, wire: Wire) -> None:
    assert SKILLS[Player.PLAYBIN].refusal is Refusal.WAITS
    ticket = sign(stack, life_s=LIFE_S)
    wire.hold(SECOND_HALF, until=ticket.claims.expires_at)
    with start(*describe_playbin("playbin", ticket.url(wire.url))) as player:
        wait_for(lambda: was_told_twice(wire), what="both to be refused twice", within_s=20)
        assert player.poll() is None
    check_that_nothing_came_later(wire, ticket)


def was_told_twice(wire: Wire) -> bool:
    """Picture and sound each."""
    refused = (wire.list_answered(f"{kind}/.*{SECOND_HALF}") for kind in ("video", "audio"))
    return all(len(exchanges) >= 2 for exchanges in refused)


def check_that_nothing_came_later(wire: Wire, ticket: Ticket) -> None:
    """Behind the end of the token there are refusals alone."""
    assert wire.list_answered(r"video/\d+/2\.m4s$")
    ends_at = ticket.claims.expires_at
    late = [exchange for exchange in wire.exchanges if exchange.answered_at >= ends_at]
    assert late
    assert {exchange.status for exchange in late} == {403}
    assert {exchange.status for exchange in wire.list_answered(SECOND_HALF)} == {403}
    # of the last, only the head may have come by
    codes = {json.loads(exchange.body)["code"] for exchange in late if exchange.body}
    assert codes == {"token_expired"}


def describe(ended: Run) -> Refusal:
    if ended.code != 0:
        return Refusal.FAILS
    return Refusal.TELLS if "403 Forbidden" in ended.said else Refusal.SILENT

"""Every player of this machine x every way to carry the token, as docs/players.md has it."""

import re

import pytest

from tests.players import TRANSPORTS, Player, Transport, Verdict, list_cells
from tests.stack import Stack
from tests.stack_tokens import sign
from tests.system.clients import PLAYERS, run
from tests.wire import Wire

pytestmark = pytest.mark.system

CELLS = list(list_cells(*PLAYERS))
PLAYING = [cell for cell in CELLS if TRANSPORTS[cell[0]][cell[1]].verdict is Verdict.PLAYS]
LOST = [cell for cell in CELLS if TRANSPORTS[cell[0]][cell[1]].verdict is Verdict.LOST]
NO_WAY = [cell for cell in CELLS if TRANSPORTS[cell[0]][cell[1]].verdict is Verdict.NO_WAY]


@pytest.mark.parametrize(("player", "transport"), PLAYING)
def test_a_player_plays(player: Player, transport: Transport, stack: Stack, wire: Wire) -> None:
    ticket = sign(stack)
    options = TRANSPORTS[player][transport].tell(ticket.token)
    ended = PLAYERS[player](ticket.url(wire.url, transport), options)
    assert ended.code == 0, ended.said
    segments = wire.list_answered(r"video/\d+/1\.m4s")
    assert segments
    assert {exchange.status for exchange in segments} <= {200, 206}
    carrier = Transport.PATH if transport is Transport.QUERY else transport
    assert all(ticket.find_carriers(exchange) == {carrier} for exchange in segments)


@pytest.mark.parametrize(("player", "transport"), LOST)
def test_a_player_loses_what_its_source_alone_was_told(
    player: Player, transport: Transport, stack: Stack, wire: Wire
) -> None:
    ticket = sign(stack)
    options = TRANSPORTS[player][transport].tell(ticket.token)
    ended = PLAYERS[player](ticket.url(wire.url, transport), options)
    assert ended.code != 0
    assert "Forbidden" in ended.said
    assert wire.list_answered(r"^main\.m3u8$", status=200)
    assert wire.list_answered(r"media\.m3u8$", status=403)
    assert not wire.list_answered(r"\.m4s$")


def test_for_these_there_is_no_option() -> None:
    assert NO_WAY == [
        (Player.PLAYBIN, Transport.COOKIE),
        (Player.PLAYBIN_3, Transport.COOKIE),
        (Player.PLAYBIN_3, Transport.HEADER),
        (Player.VLC, Transport.COOKIE),
        (Player.VLC, Transport.HEADER),
    ]


def test_gstreamer_takes_no_list_of_cookies_from_its_command() -> None:
    ended = run("gst-launch-1.0", "souphttpsrc", "cookies=sluice_token=a", "!", "fakesink")
    assert 'could not set property "cookies"' in ended.said


def test_playbin_3_has_no_source_of_its_own_to_be_told() -> None:
    source = ("souphttpsrc", "location=http://127.0.0.1:9/")
    ended = run("gst-launch-1.0", *source, "!", "hlsdemux2", "!", "fakesink")
    assert "requires a streams-aware context" in ended.said


def test_vlc_has_no_option_for_a_header_or_a_cookie() -> None:
    options = set(re.findall(r"--(http-[a-z-]+)", run("vlc", "-H", "--advanced").said))
    assert "http-user-agent" in options
    # of cookies that a redirect brings
    assert {name for name in options if re.search("cookie|header|auth", name)} == {
        "http-forward-cookies"
    }

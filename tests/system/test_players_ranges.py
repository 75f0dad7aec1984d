"""Parts of files: what breaks off is resumed, and byte ranges in playlists are played."""

import http.client
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from shared.paths import Kind
from tests.players import SKILLS, Breaking, Player
from tests.stack import Stack
from tests.stack_tokens import find_asset, sign
from tests.system.clients import PLAYERS, describe_playbin, run, start
from tests.waiting import wait_for
from tests.wire import Exchange, Wire

pytestmark = pytest.mark.system

SECONDS: Final = 24
SEGMENT: Final = "video/720/2.m4s"
BROKEN_AT: Final = 100_000


def read_file(stack: Stack, name: str) -> bytes:
    return (stack.state / "media" / "assets" / find_asset(stack) / name).read_bytes()


@pytest.mark.parametrize("player", [one for one in PLAYERS if one is not Player.PLAYBIN_3])
def test_a_film_goes_on_behind_a_segment_that_broke_off(
    player: Player, stack: Stack, wire: Wire
) -> None:
    wire.cut(SEGMENT, after_bytes=BROKEN_AT)
    PLAYERS[player](sign(stack).url(wire.url), seconds=SECONDS)
    broken, *again = wire.list_answered(SEGMENT)
    assert len(broken.body) == BROKEN_AT
    assert describe(again) is SKILLS[player].breaking
    assert wire.list_answered(r"video/720/3\.m4s")


def test_playbin_3_asks_for_all_of_it_again(stack: Stack, wire: Wire) -> None:
    """Now and then it goes no further, whatever it gets."""
    wire.cut(SEGMENT, after_bytes=BROKEN_AT)
    with start(*describe_playbin("playbin3", sign(stack).url(wire.url))):
        wait_for(
            lambda: len(wire.list_answered(SEGMENT)) == 2,
            what="the segment to be asked for again",
            within_s=20,
        )
    assert describe(wire.list_answered(SEGMENT)[1:]) is SKILLS[Player.PLAYBIN_3].breaking


def describe(again: Sequence[Exchange]) -> Breaking:
    if not again:
        return Breaking.GOES_ON
    rest = again[0].headers.get("range") == f"bytes={BROKEN_AT}-"
    return Breaking.RESUMES if rest else Breaking.ASKS_AGAIN


@pytest.mark.parametrize(
    "command",
    [
        "ffmpeg -v error -reconnect 1 -f data -i <url> -map 0 -c copy -f data <file>",
        "mpv --no-config --ytdl=no --stream-lavf-o=reconnect=1 --stream-dump=<file> <url>",
        "gst-launch-1.0 -q souphttpsrc location=<url> ! filesink location=<file>",
    ],
    ids=lambda command: command.split()[0],
)
def test_a_download_that_broke_off_is_resumed(
    command: str, stack: Stack, wire: Wire, tmp_path: Path
) -> None:
    wire.cut(SEGMENT, after_bytes=BROKEN_AT)
    url, file = sign(stack).url(wire.url, name=SEGMENT), tmp_path / "segment"
    ended = run(*command.replace("<url>", url).replace("<file>", str(file)).split())
    assert ended.code == 0, ended.said
    assert file.read_bytes() == read_file(stack, SEGMENT)
    broken, rest = wire.list_answered(SEGMENT)
    assert (rest.status, rest.headers["range"]) == (206, f"bytes={BROKEN_AT}-")
    assert len(broken.body) + len(rest.body) == file.stat().st_size


def fetch(url: str, **headers: str) -> tuple[int, str, bytes]:
    """Status, entity tag and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", parts.path, headers=names)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("ETag", ""), answer.read()
    finally:
        connection.close()


def test_the_rest_of_the_same_file_is_sent(stack: Stack) -> None:
    url = sign(stack).url(stack.edge_url, name=SEGMENT)
    _, tag, whole = fetch(url)
    status, same_tag, rest = fetch(url, Range=f"bytes={BROKEN_AT}-", If_Range=tag)
    assert (status, same_tag) == (HTTPStatus.PARTIAL_CONTENT, tag)
    assert whole[:BROKEN_AT] + rest == read_file(stack, SEGMENT)


def test_of_another_file_all_is_sent(stack: Stack) -> None:
    url = sign(stack).url(stack.edge_url, name=SEGMENT)
    status, _, body = fetch(url, Range=f"bytes={BROKEN_AT}-", If_Range='"another"')
    assert (status, body) == (HTTPStatus.OK, read_file(stack, SEGMENT))


def test_the_rest_needs_a_token_as_well(stack: Stack) -> None:
    url = sign(stack, kinds=frozenset({Kind.POSTER})).url(stack.edge_url, name=SEGMENT)
    status, _, body = fetch(url, Range=f"bytes={BROKEN_AT}-")
    assert status == HTTPStatus.FORBIDDEN
    assert b"not_in_scope" in body


@pytest.mark.parametrize("player", PLAYERS)
def test_byte_ranges_of_a_playlist_are_played(player: Player, stack: Stack, wire: Wire) -> None:
    url = sign(stack).url(wire.url, name="video/360/iframes.m3u8")
    ended = PLAYERS[player](url, seconds=SECONDS)
    assert ended.code == 0, ended.said
    parts = wire.list_answered(r"\.m4s$")
    assert len(parts) >= SECONDS // 2
    for part in parts:
        first, last = part.headers["range"].removeprefix("bytes=").split("-")
        whole = read_file(stack, part.name)
        assert (part.status, bytes(part.body)) == (206, whole[int(first) : int(last) + 1])

"""What each player can do with the edge: the tables of docs/players.md.

Tests hold every cell against the player itself; `python -m tests.players` prints the tables.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Player(StrEnum):
    """Who plays. FFmpeg stands for all that is made with it, so it is here twice."""

    FFMPEG_5 = "ffmpeg 5.1"
    FFMPEG_8 = "FFmpeg 8.1 (PyAV)"
    PLAYBIN = "GStreamer 1.22, playbin"
    PLAYBIN_3 = "GStreamer 1.22, playbin3"
    VLC = "VLC 3.0"
    MPV = "mpv 0.35"
    HLS_JS = "hls.js 1.7"
    SHAKA = "Shaka Player 5.2"


class Transport(StrEnum):
    """Where a player carries its token."""

    PATH = "in the path"
    QUERY = "`?token=`"
    COOKIE = "cookie"
    HEADER = "`Authorization`"


class Verdict(StrEnum):
    """What becomes of a film that is asked for so."""

    PLAYS = "plays"
    SAME_ORIGIN = "plays on pages of the edge's own origin"
    LOST = "refused: sent for the entry alone"
    NO_WAY = "its command has no option for it"


@dataclass(frozen=True, slots=True)
class Cell:
    """A verdict, and what the player is told beside the URL: options of its command, or code.

    `<token>` in it stands for the token.
    """

    verdict: Verdict
    told: tuple[str, ...] = ()

    def tell(self, token: str) -> tuple[str, ...]:
        return tuple(words.replace("<token>", token) for words in self.told)


class Seeking(StrEnum):
    ANYWHERE = "anywhere"
    WITHIN_CACHE = "in what it holds"
    BY_READING = "by reading on: `-ss` behind `-i`"


class Switching(StrEnum):
    """When a player can be made to take another rung."""

    IN_MID_PLAY = "in mid-play"
    AT_THE_START = "at the start"


class Refusal(StrEnum):
    """What a player does when the token ends in mid-stream."""

    FAILS = "stops with an error"
    TELLS = "ends early, tells of the 403"
    SILENT = "ends early without a word"
    WAITS = "stops without a word, and does not end"


class Breaking(StrEnum):
    """What a player does when a segment breaks off."""

    RESUMES = "asks for the rest (`Range`)"
    ASKS_AGAIN = "asks for all of it again"
    GOES_ON = "goes on with the next"


@dataclass(frozen=True, slots=True)
class Skills:
    """A row of the second table."""

    seeking: Seeking
    switching: Switching
    refusal: Refusal
    breaking: Breaking


_PLAYS: Final = Cell(Verdict.PLAYS)
_NO_WAY: Final = Cell(Verdict.NO_WAY)

TRANSPORTS: Final[Mapping[Player, Mapping[Transport, Cell]]] = {
    Player.FFMPEG_5: {
        Transport.PATH: _PLAYS,
        Transport.QUERY: _PLAYS,
        Transport.COOKIE: Cell(Verdict.PLAYS, ("-cookies", "sluice_token=<token>; path=/v1/a/")),
        Transport.HEADER: Cell(Verdict.PLAYS, ("-headers", "Authorization: Bearer <token>")),
    },
    Player.FFMPEG_8: {
        Transport.PATH: _PLAYS,
        Transport.QUERY: _PLAYS,
        Transport.COOKIE: Cell(Verdict.PLAYS, ("cookies", "sluice_token=<token>; path=/v1/a/")),
        Transport.HEADER: Cell(Verdict.PLAYS, ("headers", "Authorization: Bearer <token>\r\n")),
    },
    Player.PLAYBIN: {
        Transport.PATH: _PLAYS,
        Transport.QUERY: _PLAYS,
        Transport.COOKIE: _NO_WAY,
        Transport.HEADER: Cell(
            Verdict.LOST, ('extra-headers="h,Authorization=(string)\\"Bearer <token>\\""',)
        ),
    },
    Player.PLAYBIN_3: {
        Transport.PATH: _PLAYS,
        Transport.QUERY: _PLAYS,
        Transport.COOKIE: _NO_WAY,
        Transport.HEADER: _NO_WAY,
    },
    Player.VLC: {
        Transport.PATH: _PLAYS,
        Transport.QUERY: _PLAYS,
        Transport.COOKIE: _NO_WAY,
        Transport.HEADER: _NO_WAY,
    },
    Player.MPV: {
        Transport.PATH: _PLAYS,
        Transport.QUERY: _PLAYS,
        Transport.COOKIE: Cell(
            Verdict.PLAYS, ("--http-header-fields=Cookie: sluice_token=<token>",)
        ),
        Transport.HEADER: Cell(
            Verdict.PLAYS, ("--http-header-fields=Authorization: Bearer <token>",)
        ),
    },
    Player.HLS_JS: {
        Transport.PATH: _PLAYS,
        Transport.QUERY: _PLAYS,
        Transport.COOKIE: Cell(
            Verdict.SAME_ORIGIN, ("xhrSetup: (xhr) => { xhr.withCredentials = true; }",)
        ),
        Transport.HEADER: Cell(
            Verdict.PLAYS,
            ('xhrSetup: (xhr) => xhr.setRequestHeader("Authorization", "Bearer <token>")',),
        ),
    },
    Player.SHAKA: {
        Transport.PATH: _PLAYS,
        Transport.QUERY: _PLAYS,
        Transport.COOKIE: Cell(
            Verdict.SAME_ORIGIN,
            (
                "registerRequestFilter((_, request) => {"
                " request.allowCrossSiteCredentials = true; })",
            ),
        ),
        Transport.HEADER: Cell(
            Verdict.PLAYS,
            (
                "registerRequestFilter((_, request) => {"
                ' request.headers.Authorization = "Bearer <token>"; })',
            ),
        ),
    },
}

SKILLS: Final[Mapping[Player, Skills]] = {
    Player.FFMPEG_5: Skills(
        Seeking.BY_READING, Switching.AT_THE_START, Refusal.TELLS, Breaking.GOES_ON
    ),
    Player.FFMPEG_8: Skills(
        Seeking.ANYWHERE, Switching.IN_MID_PLAY, Refusal.SILENT, Breaking.GOES_ON
    ),
    Player.PLAYBIN: Skills(
        Seeking.ANYWHERE, Switching.IN_MID_PLAY, Refusal.WAITS, Breaking.RESUMES
    ),
    Player.PLAYBIN_3: Skills(
        Seeking.ANYWHERE, Switching.IN_MID_PLAY, Refusal.FAILS, Breaking.ASKS_AGAIN
    ),
    Player.VLC: Skills(Seeking.ANYWHERE, Switching.AT_THE_START, Refusal.SILENT, Breaking.GOES_ON),
    Player.MPV: Skills(
        Seeking.WITHIN_CACHE, Switching.AT_THE_START, Refusal.TELLS, Breaking.GOES_ON
    ),
    Player.HLS_JS: Skills(Seeking.ANYWHERE, Switching.IN_MID_PLAY, Refusal.FAILS, Breaking.RESUMES),
    Player.SHAKA: Skills(Seeking.ANYWHERE, Switching.IN_MID_PLAY, Refusal.FAILS, Breaking.RESUMES),
}


def list_cells(*players: Player) -> Iterator[tuple[Player, Transport]]:
    """Every cell of the first table that belongs to these players."""
    return ((player, transport) for player in players for transport in Transport)


def render_transports() -> str:
    """The first table of the document, in Markdown."""
    rows = [
        [player, *(row[transport].verdict for transport in Transport)]
        for player, row in TRANSPORTS.items()
    ]
    return _render_table(["", *Transport], rows)


def render_told() -> str:
    """What stands behind its cells: a list of what players were told."""
    return "".join(
        f"- {player}, {transport}: `{_render_told(cell)}`\n"
        for player, row in TRANSPORTS.items()
        for transport, cell in row.items()
        if cell.told
    )


def render_skills() -> str:
    """The second table."""
    rows = [
        [player, skills.seeking, skills.switching, skills.refusal, skills.breaking]
        for player, skills in SKILLS.items()
    ]
    heads = ["", "seeks", "takes another rung", "token ends in mid-stream", "segment breaks off"]
    return _render_table(heads, rows)


def _render_told(cell: Cell) -> str:
    told = cell.told[0] if len(cell.told) == 1 else shlex.join(cell.told)
    return told.replace("\r\n", "\\r\\n")


def _render_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    print(render_transports(), render_told(), render_skills(), sep="\n")  # noqa: T201

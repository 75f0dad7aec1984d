"""docs/players.md has the tables that players are held to, and advice for each of them."""

import re
from typing import Final

import pytest

from tests.house.tracked_files import ROOT
from tests.players import (
    SKILLS,
    TRANSPORTS,
    Player,
    Transport,
    render_skills,
    render_told,
    render_transports,
)

TEXT: Final = (ROOT / "docs" / "players.md").read_text()
ADVICE: Final = TEXT.partition("## What to use")[2]


@pytest.mark.parametrize("part", [render_transports(), render_told(), render_skills()])
def test_the_document_has_what_the_tests_hold(part: str) -> None:
    assert f"\n\n{part}\n" in TEXT, "print the tables by python -m tests.players"


@pytest.mark.parametrize("player", Player)
def test_every_player_has_its_rows(player: Player) -> None:
    assert TRANSPORTS[player].keys() == set(Transport)
    assert player in SKILLS


@pytest.mark.parametrize("player", Player)
def test_every_player_has_its_advice(player: Player) -> None:
    advised = re.findall(r"^- \*\*(.+?)\*\*: ", ADVICE, re.MULTILINE)
    assert [name for name in advised if player.startswith(name)]

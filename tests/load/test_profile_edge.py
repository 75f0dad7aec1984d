"""What a profile shows."""

import cProfile
import pstats

from tests.load.profile_edge import render_profile


def answer() -> int:
    return len("answer")


def start() -> None:
    """Once, not for every request."""


def test_what_is_called_for_every_request_is_shown_with_its_share() -> None:
    profile = cProfile.Profile()
    profile.enable()
    start()
    for _ in range(100):
        answer()
    profile.disable()
    head, *rows = render_profile(pstats.Stats(profile), requests=100)
    assert head.startswith("100 requests")
    assert [row.split()[2:] for row in rows if "test_profile_edge" in row] == [
        ["answer", f"load/test_profile_edge.py:{answer.__code__.co_firstlineno}"]
    ]
    assert {row.split()[1] for row in rows} == {"1.00"}

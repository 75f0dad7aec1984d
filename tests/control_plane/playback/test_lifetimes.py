"""Tests for control_plane/playback/lifetimes.py."""

from datetime import UTC, datetime, timedelta

import pytest

from control_plane.entitlements.decisions import Rule, Verdict
from control_plane.playback.lifetimes import choose_end

MINUTE, HOUR = 60, 3600
NOW = datetime(2026, 1, 1, tzinfo=UTC)

MEMBERS = Verdict(True, Rule.MEMBERS, "")
PREVIEW = Verdict(True, Rule.PREVIEW, "")


def granted_for(**time: float) -> Verdict:
    return Verdict(True, Rule.GRANT, "", NOW + timedelta(**time))


@pytest.mark.parametrize(
    ("film_s", "wanted_s", "verdict", "seconds"),
    [
        pytest.param(MINUTE, None, MEMBERS, 4 * HOUR, id="a short film"),
        pytest.param(2 * HOUR, None, MEMBERS, 6 * HOUR, id="a long film"),
        pytest.param(9 * HOUR, None, MEMBERS, 24 * HOUR, id="no longer than any token"),
        pytest.param(MINUTE, 10 * MINUTE, MEMBERS, 10 * MINUTE, id="less is wanted"),
        pytest.param(MINUTE, 24 * HOUR, MEMBERS, 4 * HOUR, id="more is wanted"),
        pytest.param(MINUTE, 24 * HOUR, PREVIEW, 24 * HOUR, id="more is wanted by the owner"),
        pytest.param(MINUTE, None, PREVIEW, 4 * HOUR, id="the owner wants nothing"),
        pytest.param(MINUTE, None, granted_for(hours=9), 4 * HOUR, id="a grant that lasts"),
        pytest.param(MINUTE, None, granted_for(hours=1), HOUR, id="a grant that ends before"),
        pytest.param(MINUTE, None, granted_for(seconds=90.7), 90, id="in whole seconds"),
        pytest.param(MINUTE, None, granted_for(seconds=0.3), 1, id="a grant that ends now"),
        pytest.param(MINUTE, MINUTE, granted_for(hours=1), MINUTE, id="less than the grant"),
    ],
)
def test_a_url_lives_for_as_long_as_watching_takes(
    film_s: int, wanted_s: int | None, verdict: Verdict, seconds: int
) -> None:
    end = choose_end(NOW, film_s * 1000, verdict=verdict, wanted_s=wanted_s)
    assert end == NOW + timedelta(seconds=seconds)

"""Tests for control_plane/signing/posters.py."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from control_plane.signing.posters import poster_url
from control_plane.signing.selectors import published_jwks
from shared.keyring import parse_jwks
from shared.paths import Kind, MediaUrl, parse_media_path
from shared.tokens import TokenExpired, check_clock, verify_token

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VIDEO, ASSET = uuid.uuid4(), uuid.uuid4()


def parse(url: str) -> MediaUrl:
    parsed = parse_media_path(url.removeprefix("http://edge.test"))
    assert parsed is not None
    return parsed


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def test_a_poster_url_opens_the_poster_and_nothing_else() -> None:
    url = parse(poster_url(VIDEO, ASSET, now=NOON))
    assert (url.asset_id, url.name) == (str(ASSET), "poster/poster.jpg")
    assert url.token is not None
    keys = parse_jwks(published_jwks(now=NOON), issuer="http://testserver")
    claims = verify_token(url.token, keys)
    assert claims.kinds == {Kind.POSTER}
    assert (claims.subject, claims.video_id) == ("listing", str(VIDEO))


@pytest.mark.parametrize("hours", [0, 1, 11.99])
def test_everybody_has_the_same_url_for_half_a_day(hours: float) -> None:
    assert poster_url(VIDEO, ASSET, now=NOON + timedelta(hours=hours)) == poster_url(
        VIDEO, ASSET, now=NOON
    )


@pytest.mark.parametrize("hours", [-0.01, 12])
def test_another_half_day_has_another_url(hours: float) -> None:
    assert poster_url(VIDEO, ASSET, now=NOON + timedelta(hours=hours)) != poster_url(
        VIDEO, ASSET, now=NOON
    )


def test_the_url_of_a_draft_is_a_minute_old_at_most() -> None:
    now = NOON + timedelta(hours=5, seconds=119)
    token = parse(poster_url(VIDEO, ASSET, now=now, is_draft=True)).token
    assert token is not None
    claims = verify_token(token, parse_jwks(published_jwks(now=NOON), issuer="http://testserver"))
    assert claims.issued_at == seconds(now) - 59
    check_clock(claims, now=seconds(now))


def test_a_url_of_the_half_day_before_is_still_good_but_not_of_the_one_before_that() -> None:
    token = parse(poster_url(VIDEO, ASSET, now=NOON)).token
    assert token is not None
    claims = verify_token(token, parse_jwks(published_jwks(now=NOON), issuer="http://testserver"))
    check_clock(claims, now=seconds(NOON))
    check_clock(claims, now=seconds(NOON + timedelta(hours=23.99)))
    with pytest.raises(TokenExpired):
        check_clock(claims, now=seconds(NOON + timedelta(hours=24)))


def test_films_do_not_share_a_token() -> None:
    other = poster_url(uuid.uuid4(), ASSET, now=NOON)
    assert parse(other).token != parse(poster_url(VIDEO, ASSET, now=NOON)).token

"""The gate's rules, one by one, with a token that is fine but for what the case says."""

from ipaddress import ip_address
from typing import Any

import pytest

from edge.gate import ALLOWED, Decision, Wanted, decide
from shared.events.refusals import RefusalCode
from shared.paths import Kind
from shared.tokens import DEFAULT_KINDS, Claims
from tests.edge.films import ASSET_ID, ISSUER, OTHER_ASSET_ID, OTHER_VIDEO_ID, VIDEO_ID

NOW = 1_767_225_600
SEGMENT = Wanted(ASSET_ID, VIDEO_ID, Kind.VIDEO, 720)


def make_claims(**claims: Any) -> Claims:
    scope = {} if "asset_id" in claims else {"video_id": VIDEO_ID}
    defaults = {
        "issuer": ISSUER,
        "subject": "viewer",
        "session_id": "session",
        "issued_at": NOW - 60,
        "not_before": NOW - 60,
        "expires_at": NOW + 60,
    }
    return Claims(**{**defaults, **scope, **claims})


def ask(
    wanted: Wanted = SEGMENT,
    *,
    now: int = NOW,
    origin: str | None = None,
    peer: str | None = "192.0.2.7",
    **claims: Any,
) -> Decision:
    address = None if peer is None else ip_address(peer)
    return decide(wanted, make_claims(**claims), now=now, origin=origin, peer=address)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({}, id="the video"),
        pytest.param({"asset_id": ASSET_ID}, id="the asset"),
        pytest.param({"kinds": frozenset({Kind.VIDEO})}, id="its kind"),
        pytest.param({"max_height": 720}, id="its very height"),
        pytest.param({"origins": ("https://site.example",)}, id="no Origin sent"),
        pytest.param({"ip": "192.0.2.0/24"}, id="its network"),
        pytest.param({"ip": "192.0.2.7"}, id="its address"),
        pytest.param({"start_by": NOW + 1}, id="before the start window closes"),
        pytest.param({"not_before": NOW + 30}, id="a clock that is 30 s behind"),
    ],
)
def test_a_token_opens(claims: dict[str, Any]) -> None:
    assert ask(**claims) is ALLOWED


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        pytest.param({"expires_at": NOW}, RefusalCode.TOKEN_EXPIRED, id="expired now"),
        pytest.param({"not_before": NOW + 31}, RefusalCode.TOKEN_INVALID, id="of the future"),
        pytest.param({"video_id": OTHER_VIDEO_ID}, RefusalCode.NOT_IN_SCOPE, id="other video"),
        pytest.param({"asset_id": OTHER_ASSET_ID}, RefusalCode.NOT_IN_SCOPE, id="other asset"),
        pytest.param(
            {"kinds": frozenset({Kind.POSTER})}, RefusalCode.NOT_IN_SCOPE, id="other kind"
        ),
        pytest.param({"max_height": 719}, RefusalCode.NOT_IN_SCOPE, id="rung too high"),
        pytest.param({"ip": "198.51.100.0/24"}, RefusalCode.ADDRESS_REFUSED, id="other network"),
        pytest.param({"ip": "2001:db8::/32"}, RefusalCode.ADDRESS_REFUSED, id="other family"),
        pytest.param(
            {"origins": ("https://site.example",), "origins_strict": True},
            RefusalCode.ORIGIN_REFUSED,
            id="strict without Origin",
        ),
        pytest.param({"start_by": NOW}, RefusalCode.START_WINDOW_CLOSED, id="start window closed"),
        pytest.param({"max_streams": 3}, RefusalCode.STREAM_LIMIT, id="streams nobody counts"),
    ],
)
def test_a_token_does_not_open(claims: dict[str, Any], code: RefusalCode) -> None:
    assert ask(**claims).code is code


@pytest.mark.parametrize(
    ("origin", "code"),
    [
        pytest.param("https://site.example", None, id="its own"),
        pytest.param("https://other.example", RefusalCode.ORIGIN_REFUSED, id="another"),
        pytest.param("https://site.example.evil", RefusalCode.ORIGIN_REFUSED, id="a longer one"),
        pytest.param("http://site.example", RefusalCode.ORIGIN_REFUSED, id="another scheme"),
        pytest.param("null", RefusalCode.ORIGIN_REFUSED, id="an opaque one"),
        pytest.param("", RefusalCode.ORIGIN_REFUSED, id="an empty one"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_token_with_origins_opens_for_those_only(
    origin: str, code: RefusalCode | None, strict: bool
) -> None:
    decision = ask(origin=origin, origins=("https://site.example",), origins_strict=strict)
    assert decision.code is code


def test_a_token_without_origins_opens_for_every_origin() -> None:
    assert ask(origin="https://anywhere.example") is ALLOWED


def test_a_token_bound_to_an_address_does_not_open_for_an_unknown_peer() -> None:
    assert ask(peer=None, ip="0.0.0.0/0").code is RefusalCode.ADDRESS_REFUSED


@pytest.mark.parametrize("kind", list(Kind))
def test_a_token_without_kinds_opens_everything_but_downloads(kind: Kind) -> None:
    decision = ask(Wanted(ASSET_ID, VIDEO_ID, kind))
    assert (decision is ALLOWED) == (kind in DEFAULT_KINDS)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("opened", list(Kind))
def test_a_token_of_one_kind_opens_no_other(kind: Kind, opened: Kind) -> None:
    decision = ask(Wanted(ASSET_ID, VIDEO_ID, kind), kinds=frozenset({opened}))
    assert (decision is ALLOWED) == (kind is opened)


def test_what_belongs_to_no_rung_opens_under_every_height() -> None:
    assert ask(Wanted(ASSET_ID, VIDEO_ID, Kind.VIDEO, None), max_height=1) is ALLOWED


def test_what_the_store_does_not_know_is_in_no_scope() -> None:
    nothing = Wanted(None, None, Kind.VIDEO)
    assert ask(nothing, video_id=VIDEO_ID).code is RefusalCode.NOT_IN_SCOPE
    assert ask(nothing, asset_id=ASSET_ID).code is RefusalCode.NOT_IN_SCOPE


def test_a_token_for_an_asset_does_not_open_its_video_s_other_assets() -> None:
    wanted = Wanted(OTHER_ASSET_ID, VIDEO_ID, Kind.VIDEO)
    assert ask(wanted, asset_id=ASSET_ID).code is RefusalCode.NOT_IN_SCOPE


def test_the_cause_of_a_refused_stream_limit_says_that_leases_are_missing() -> None:
    assert "leases are not offered yet" in ask(max_streams=1).cause


def test_an_expired_token_is_refused_as_such_whatever_else_is_wrong() -> None:
    decision = ask(video_id=OTHER_VIDEO_ID, expires_at=NOW, max_streams=1)
    assert decision.code is RefusalCode.TOKEN_EXPIRED

"""The gate's rules, one by one, with a token that is fine but for what the case says."""

from ipaddress import ip_address
from typing import Any

import pytest

from edge.gate.decisions import (
    ALLOWED,
    RULES,
    Decision,
    Verified,
    Wanted,
    decide,
    needs_standing,
    trace_rules,
)
from edge.gate.denials import Denials
from edge.gate.standing import Holder, Session, Standing
from shared.events.refusals import RefusalCode
from shared.events.revocations import Revocation, RevocationScope
from shared.paths import Kind
from shared.tokens import DEFAULT_KINDS, Claims
from tests.edge.films import ASSET_ID, ISSUER, OTHER_ASSET_ID, OTHER_VIDEO_ID, VIDEO_ID

NOW = 1_767_225_600
KID = "a-kid"
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
    standing: Standing = Standing.UNKNOWN,
    holders: tuple[Holder, ...] = (),
    denials: Denials | None = None,
    videos: frozenset[str] | None = None,
    **claims: Any,
) -> Decision:
    verified = Verified(make_claims(**claims), KID, videos)
    return decide(
        wanted,
        verified,
        make_session(verified.claims, standing=standing, holders=holders),
        now=now,
        origin=origin,
        peer=None if peer is None else ip_address(peer),
        denials=denials or Denials(),
    )


def make_session(
    claims: Claims, *, standing: Standing, holders: tuple[Holder, ...] = ()
) -> Session:
    return Session(
        issuer=claims.issuer,
        session_id=claims.session_id,
        subject=claims.subject,
        expires_at=claims.expires_at,
        max_streams=claims.max_streams,
        start_by=claims.start_by,
        standing=standing,
        holders=holders,
    )


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


LIMITED = {"max_streams": 2}
CLOSED = {"start_by": NOW}


@pytest.mark.parametrize(
    ("claims", "standing", "code"),
    [
        pytest.param(LIMITED, Standing.RUNNING, None, id="has a place"),
        pytest.param(LIMITED, Standing.LATE, None, id="nobody said in time"),
        pytest.param(LIMITED, Standing.LIMIT, RefusalCode.STREAM_LIMIT, id="no place left"),
        pytest.param(LIMITED, Standing.DISPLACED, RefusalCode.STREAM_LIMIT, id="displaced"),
        pytest.param({}, Standing.DISPLACED, RefusalCode.STREAM_LIMIT, id="displaced, no limit"),
        pytest.param({}, Standing.UNKNOWN, None, id="no limit"),
        pytest.param(CLOSED, Standing.RUNNING, None, id="begun in time"),
        pytest.param(CLOSED, Standing.LATE, None, id="nobody knew in time"),
        pytest.param(
            CLOSED, Standing.WINDOW_CLOSED, RefusalCode.START_WINDOW_CLOSED, id="begun too late"
        ),
    ],
)
def test_limits_of_a_session_rest_on_its_standing(
    claims: dict[str, Any], standing: Standing, code: RefusalCode | None
) -> None:
    assert ask(standing=standing, **claims).code is code


@pytest.mark.parametrize("kind", sorted(DEFAULT_KINDS - {Kind.VIDEO}))
@pytest.mark.parametrize("standing", [Standing.LIMIT, Standing.DISPLACED, Standing.UNKNOWN])
def test_only_films_take_a_place(kind: Kind, standing: Standing) -> None:
    wanted = Wanted(ASSET_ID, VIDEO_ID, kind)
    assert ask(wanted, standing=standing, max_streams=1) is ALLOWED


def test_a_refused_stream_limit_names_those_who_hold_the_places() -> None:
    holders = (Holder("other", VIDEO_ID, NOW - 60, NOW),)
    assert ask(standing=Standing.LIMIT, holders=holders, max_streams=1).holders == holders


@pytest.mark.parametrize(
    ("kind", "claims", "standing", "needed"),
    [
        pytest.param(Kind.VIDEO, LIMITED, Standing.UNKNOWN, True, id="a place is needed"),
        pytest.param(Kind.VIDEO, {"start_by": NOW + 9}, Standing.UNKNOWN, True, id="must begin"),
        pytest.param(Kind.VIDEO, LIMITED, Standing.LATE, False, id="asked before"),
        pytest.param(Kind.VIDEO, {}, Standing.UNKNOWN, False, id="no limits"),
        pytest.param(Kind.POSTER, LIMITED, Standing.UNKNOWN, False, id="takes no place"),
        pytest.param(Kind.TEXT, CLOSED, Standing.UNKNOWN, True, id="may have begun elsewhere"),
        pytest.param(Kind.TEXT, {"start_by": NOW + 9}, Standing.UNKNOWN, False, id="still open"),
    ],
)
def test_a_standing_is_asked_for_where_the_decision_needs_it(
    kind: Kind, claims: dict[str, Any], standing: Standing, needed: bool
) -> None:
    made = make_claims(**claims)
    session = make_session(made, standing=standing)
    wanted = Wanted(ASSET_ID, VIDEO_ID, kind)
    assert needs_standing(ALLOWED, wanted, made, session, now=NOW) is needed
    assert not needs_standing(
        Decision(RefusalCode.REVOKED, "revocation"), wanted, made, session, now=NOW
    )


def deny(scope: RevocationScope, subject: str, **more: Any) -> Denials:
    denials = Denials()
    revocation = Revocation(
        id=VIDEO_ID, scope=scope, subject=subject, revoked_at=NOW, expires_at=NOW + 60, **more
    )
    denials.apply(revocation)
    return denials


OURS = {"issuer": ISSUER}
THEIRS = {"issuer": "https://other.example"}


@pytest.mark.parametrize(
    "denials",
    [
        pytest.param(deny(RevocationScope.SESSION, "session", **OURS), id="session"),
        pytest.param(
            deny(RevocationScope.VIEWER, "viewer", issued_before=NOW - 59, **OURS), id="viewer"
        ),
        pytest.param(deny(RevocationScope.VIDEO, VIDEO_ID), id="video"),
        pytest.param(deny(RevocationScope.ASSET, ASSET_ID), id="asset"),
        pytest.param(deny(RevocationScope.KEY, KID), id="key"),
    ],
)
def test_what_is_revoked_does_not_open(denials: Denials) -> None:
    assert ask(denials=denials).code is RefusalCode.REVOKED


@pytest.mark.parametrize(
    "denials",
    [
        pytest.param(deny(RevocationScope.SESSION, "session", **THEIRS), id="other site's"),
        pytest.param(
            deny(RevocationScope.VIEWER, "viewer", issued_before=NOW - 60, **OURS),
            id="issued later",
        ),
        pytest.param(
            deny(RevocationScope.VIEWER, "viewer", issued_before=NOW, **THEIRS), id="namesake"
        ),
        pytest.param(deny(RevocationScope.VIDEO, OTHER_VIDEO_ID), id="other video"),
        pytest.param(deny(RevocationScope.ASSET, OTHER_ASSET_ID), id="other asset"),
        pytest.param(deny(RevocationScope.KEY, "another-kid"), id="other key"),
    ],
)
def test_what_is_revoked_for_others_opens(denials: Denials) -> None:
    assert ask(denials=denials) is ALLOWED


def test_another_site_s_token_opens_only_videos_of_its_ceiling() -> None:
    assert ask(videos=frozenset({VIDEO_ID})) is ALLOWED
    assert ask(videos=frozenset({OTHER_VIDEO_ID})).code is RefusalCode.NOT_IN_SCOPE
    refused = ask(videos=frozenset({OTHER_VIDEO_ID}), asset_id=ASSET_ID)
    assert refused.code is RefusalCode.NOT_IN_SCOPE


def test_the_trace_names_every_rule_up_to_the_one_that_refused() -> None:
    decision = ask(kinds=frozenset({Kind.POSTER}))
    *passed, last = trace_rules(decision.rule)
    assert last == ("kind", False)
    expected = ["token", "clock", "revocation", "scope"]
    assert [(rule, True) for rule in expected] == passed


def test_every_refusal_names_a_rule_that_is_in_the_trace() -> None:
    assert {last for rule in RULES for last, passed in trace_rules(rule) if not passed} == set(
        RULES
    )


def test_an_expired_token_is_refused_as_such_whatever_else_is_wrong() -> None:
    decision = ask(video_id=OTHER_VIDEO_ID, expires_at=NOW, max_streams=1)
    assert decision.code is RefusalCode.TOKEN_EXPIRED

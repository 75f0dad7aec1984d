"""Tests for control_plane/entitlements/decisions.py: every viewer before every film, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest

from control_plane.entitlements.decisions import (
    Facts,
    Kind,
    Opening,
    Rule,
    Says,
    Verdict,
    Viewer,
    decide,
)
from control_plane.entitlements.models import Visibility
from control_plane.entitlements.places import Place, PlaceFact

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
LATER = AFTER + timedelta(hours=1)
OWNER = uuid4()


@dataclass(frozen=True, slots=True)
class Film:
    visibility: str
    published_at: datetime | None = BEFORE
    withdrawn_at: datetime | None = None
    is_premium: bool = False
    owner_id: UUID = OWNER


@dataclass(frozen=True, slots=True)
class Link:
    id: UUID
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    max_plays: int | None = None
    plays: int = 0
    max_streams: int | None = None
    max_height: int | None = None
    origins: Sequence[str] = ()


LINK = Link(uuid4())
VISITOR, MEMBER, OWNER_VIEWER = Viewer(), Viewer(uuid4()), Viewer(OWNER)
ADMIN = Viewer(uuid4(), is_admin=True)
VIEWERS = {
    "visitor": VISITOR,
    "member": MEMBER,
    "owner": OWNER_VIEWER,
    "admin": ADMIN,
    "share link": Viewer(share=LINK),
    "used up link": Viewer(share=replace(LINK, max_plays=2, plays=2)),
    "revoked link": Viewer(share=replace(LINK, revoked_at=BEFORE)),
}


def opening(kind: Kind, **facts: object) -> Opening:
    whole = replace(Opening(kind, uuid4(), f"The {kind}"), **facts)  # type: ignore[arg-type]
    return replace(whole, is_premium=False) if kind is Kind.SUBSCRIPTION else whole


GRANT, SUBSCRIPTION = opening(Kind.GRANT), opening(Kind.SUBSCRIPTION)
PREMIUM = replace(SUBSCRIPTION, is_premium=True)
PREVIEW_LECTURE = opening(Kind.PREVIEW_LECTURE, visibility="members")
OPENINGS = {
    "nothing": [],
    "grant": [GRANT],
    "grant that ended": [replace(GRANT, ends_at=BEFORE)],
    "grant that ends now": [replace(GRANT, ends_at=NOW)],
    "subscription": [SUBSCRIPTION],
    "subscription to come": [replace(SUBSCRIPTION, starts_at=AFTER)],
    "premium subscription": [PREMIUM],
    "preview lecture": [PREVIEW_LECTURE],
}
TIMES = {
    "draft": (None, None),
    "planned": (AFTER, None),
    "out": (BEFORE, None),
    "out from now on": (NOW, None),
    "off": (BEFORE, NOW),
    "off soon": (BEFORE, AFTER),
}


def may_watch(who: str, film: Film, has: str, when: str) -> bool:
    """The same rules, said the other way round: by what lets each of them in."""
    if who in {"owner", "admin"}:
        return True
    if not when.startswith("out") and when != "off soon":
        return False
    if film.visibility == Visibility.PRIVATE or who in {"used up link", "revoked link"}:
        return False
    if who == "share link" or has in {"grant", "premium subscription"}:
        return True
    if has == "preview lecture" and who == "member":
        return True
    if film.is_premium:
        return False
    everybody = {Visibility.PUBLIC, Visibility.UNLISTED}
    open_to = everybody | ({Visibility.MEMBERS} if who == "member" else set())
    return film.visibility in open_to or has == "subscription"


CASES = list(product(VIEWERS, Visibility, [False, True], OPENINGS, TIMES))


def test_all_combinations_are_decided_as_the_rules_say() -> None:
    assert len(CASES) == 7 * 5 * 2 * 8 * 6
    for who, visibility, is_premium, has, when in CASES:
        film = Film(visibility, *TIMES[when], is_premium=is_premium)
        verdict = decide(VIEWERS[who], film, Facts(OPENINGS[has]), now=NOW)
        wanted = may_watch(who, film, has, when)
        assert verdict.allowed is wanted, (who, film, has, when, verdict)


def test_every_rule_is_in_the_trace_of_every_question() -> None:
    for who, visibility, is_premium, has, when in CASES:
        film = Film(visibility, *TIMES[when], is_premium=is_premium)
        trace = decide(VIEWERS[who], film, Facts(OPENINGS[has]), now=NOW).trace
        rules = [step.rule for step in trace]
        first = [Rule.PREVIEW, Rule.PUBLISHED, Rule.PRIVATE, Rule.PLACE]
        others = [
            *(Rule.PUBLIC, Rule.MEMBERS, Rule.UNLISTED),
            *(Rule.GRANT, Rule.SUBSCRIPTION, Rule.PREVIEW_LECTURE),
        ]
        assert rules == first + ([Rule.SHARE_LINK] if "link" in who else others)
        assert all(step.detail.endswith(".") for step in trace)


@pytest.mark.parametrize(
    ("viewer", "film", "rule"),
    [
        (VISITOR, Film("public", None), Rule.DRAFT),
        (MEMBER, Film("private"), Rule.DRAFT),
        (VISITOR, Film("members"), Rule.LOGIN_REQUIRED),
        (VISITOR, Film("entitled"), Rule.LOGIN_REQUIRED),
        (MEMBER, Film("entitled"), Rule.NOT_ENTITLED),
        (MEMBER, Film("public", is_premium=True), Rule.PREMIUM_REQUIRED),
        (VIEWERS["used up link"], Film("entitled"), Rule.SHARE_LINK_OVER),
    ],
)
def test_a_refusal_has_the_code_of_what_is_missing(viewer: Viewer, film: Film, rule: Rule) -> None:
    verdict = decide(viewer, film, Facts(), now=NOW)
    assert (verdict.allowed, verdict.rule) == (False, rule)


def decide_by(*openings: Opening, film: Film | None = None) -> Verdict:
    return decide(MEMBER, film or Film("entitled"), Facts(openings), now=NOW)


@pytest.mark.parametrize(
    ("ends", "until"),
    [
        ([AFTER], AFTER),
        ([AFTER, BEFORE], AFTER),
        ([AFTER, LATER], LATER),
        ([AFTER, None], None),
    ],
    ids=["one", "one is over", "the longer", "for good"],
)
def test_of_several_grants_the_one_that_lasts_longest_counts(
    ends: list[datetime | None], until: datetime | None
) -> None:
    assert decide_by(*(replace(GRANT, ends_at=end) for end in ends)).until == until


def test_of_several_subscriptions_the_most_generous_counts() -> None:
    small = replace(SUBSCRIPTION, max_height=720, max_streams=4)
    large = replace(SUBSCRIPTION, max_height=1080, max_streams=2, ends_at=AFTER)
    verdict = decide_by(small, large)
    assert (verdict.max_height, verdict.max_streams, verdict.until) == (1080, 2, AFTER)
    assert verdict.opening == large


def test_what_is_taken_off_soon_ends_then_whatever_lets_in() -> None:
    film = Film("entitled", withdrawn_at=AFTER)
    assert decide_by(GRANT, film=film).until == AFTER
    assert decide_by(replace(GRANT, ends_at=LATER), film=film).until == AFTER


def test_the_owner_previews_past_every_end() -> None:
    assert decide(OWNER_VIEWER, Film("public", BEFORE, BEFORE), Facts(), now=NOW).until is None


def test_a_share_link_sets_its_own_limits() -> None:
    link = replace(LINK, max_height=480, max_streams=1, expires_at=AFTER, origins=("https://a.b",))
    verdict = decide(Viewer(share=link), Film("members"), Facts(), now=NOW)
    assert (verdict.max_height, verdict.max_streams, verdict.until) == (480, 1, AFTER)
    assert verdict.origins == {"https://a.b"}


def test_an_ended_grant_is_told_of_in_the_trace() -> None:
    trace = decide_by(replace(GRANT, name="The grant to the user", ends_at=BEFORE)).trace
    (step,) = [step for step in trace if step.rule is Rule.GRANT]
    assert (step.says, step.detail) == (
        Says.NOTHING,
        "The grant to the user ended at 2025-12-31 23:00 UTC.",
    )


BLOCK_DE, ALLOW_US = PlaceFact("country", "DE", True), PlaceFact("country", "us", False)
BLOCK_NET, BLOCK_ALL = PlaceFact("network", "192.0.2.0/24", True), PlaceFact("any", "", True)


@pytest.mark.parametrize(
    ("place", "rules", "is_blocked"),
    [
        (Place("192.0.2.7", "DE"), [], False),
        (Place("192.0.2.7", "DE"), [BLOCK_DE], True),
        (Place("192.0.2.7", "FR"), [BLOCK_DE], False),
        (Place("192.0.2.7", "US"), [ALLOW_US, BLOCK_ALL], False),
        (Place("192.0.2.7", "US"), [BLOCK_ALL, ALLOW_US], True),
        (Place("192.0.2.7", ""), [ALLOW_US, BLOCK_ALL], True),
        (Place("192.0.2.7", "US"), [BLOCK_NET], True),
        (Place("2001:db8::1", "US"), [BLOCK_NET], False),
        (Place("", ""), [BLOCK_NET, BLOCK_DE], False),
    ],
    ids=str,
)
def test_the_first_rule_on_places_that_fits_settles_it(
    place: Place, rules: list[PlaceFact], is_blocked: bool
) -> None:
    verdict = decide(replace(MEMBER, place=place), Film("public"), Facts((), rules), now=NOW)
    assert verdict.allowed is not is_blocked
    assert (verdict.rule is Rule.PLACE) is is_blocked


def test_a_place_binds_those_with_a_grant_too_but_not_the_owner() -> None:
    facts = Facts([GRANT], [BLOCK_ALL])
    assert not decide(MEMBER, Film("entitled"), facts, now=NOW).allowed
    assert decide(OWNER_VIEWER, Film("entitled"), facts, now=NOW).allowed

"""Tests for control_plane/entitlements/decisions.py: every rule, and which comes first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from control_plane.entitlements.decisions import Rule, Viewer, decide
from control_plane.entitlements.models import Visibility

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
OWNER = uuid4()

VISITOR = Viewer()
MEMBER = Viewer(uuid4())
OWNER_VIEWER = Viewer(OWNER)
ADMIN = Viewer(uuid4(), is_admin=True)


@dataclass(frozen=True, slots=True)
class Film:
    visibility: str
    published_at: datetime | None = BEFORE
    owner_id: UUID = OWNER


@dataclass(frozen=True, slots=True)
class Given:
    expires_at: datetime | None


DRAFT, PLANNED = Film(Visibility.FREE, None), Film(Visibility.FREE, AFTER)
FREE, MEMBERS, GRANTED = (Film(visibility) for visibility in Visibility)
FOR_GOOD, EXPIRED, ENDS_NOW, STILL_GOOD = Given(None), Given(BEFORE), Given(NOW), Given(AFTER)


@pytest.mark.parametrize(
    ("viewer", "film", "grants", "rule"),
    [
        pytest.param(VISITOR, FREE, [], Rule.FREE, id="visitor, free"),
        pytest.param(VISITOR, MEMBERS, [], Rule.LOGIN_REQUIRED, id="visitor, members"),
        pytest.param(VISITOR, GRANTED, [], Rule.LOGIN_REQUIRED, id="visitor, granted"),
        pytest.param(VISITOR, DRAFT, [], Rule.DRAFT, id="visitor, draft"),
        pytest.param(VISITOR, PLANNED, [], Rule.DRAFT, id="visitor, planned"),
        pytest.param(MEMBER, FREE, [], Rule.FREE, id="member, free"),
        pytest.param(MEMBER, MEMBERS, [], Rule.MEMBERS, id="member, members"),
        pytest.param(MEMBER, GRANTED, [], Rule.NOT_ENTITLED, id="member, without grant"),
        pytest.param(MEMBER, GRANTED, [FOR_GOOD], Rule.GRANT, id="member, granted for good"),
        pytest.param(MEMBER, GRANTED, [STILL_GOOD], Rule.GRANT, id="member, granted"),
        pytest.param(MEMBER, GRANTED, [EXPIRED], Rule.NOT_ENTITLED, id="member, grant over"),
        pytest.param(MEMBER, GRANTED, [ENDS_NOW], Rule.NOT_ENTITLED, id="member, ends now"),
        pytest.param(MEMBER, GRANTED, [EXPIRED, STILL_GOOD], Rule.GRANT, id="one grant of two"),
        pytest.param(MEMBER, DRAFT, [FOR_GOOD], Rule.DRAFT, id="member, draft despite grant"),
        pytest.param(MEMBER, PLANNED, [FOR_GOOD], Rule.DRAFT, id="member, planned"),
        pytest.param(OWNER_VIEWER, DRAFT, [], Rule.PREVIEW, id="owner, draft"),
        pytest.param(OWNER_VIEWER, GRANTED, [], Rule.PREVIEW, id="owner, granted to others"),
        pytest.param(ADMIN, DRAFT, [], Rule.PREVIEW, id="admin, draft"),
        pytest.param(ADMIN, GRANTED, [], Rule.PREVIEW, id="admin, granted to others"),
    ],
)
def test_the_first_rule_that_fits_settles_it(
    viewer: Viewer, film: Film, grants: list[Given], rule: Rule
) -> None:
    verdict = decide(viewer, film, grants, now=NOW)
    assert verdict.rule is rule
    assert verdict.allowed is (rule in {Rule.PREVIEW, Rule.FREE, Rule.MEMBERS, Rule.GRANT})
    assert verdict.why.endswith(".")


def test_a_film_is_published_from_its_very_moment_on() -> None:
    assert decide(VISITOR, Film(Visibility.FREE, NOW), [], now=NOW).allowed


@pytest.mark.parametrize(
    ("grants", "until"),
    [
        ([STILL_GOOD], AFTER),
        ([STILL_GOOD, EXPIRED], AFTER),
        ([STILL_GOOD, Given(AFTER + timedelta(days=1))], AFTER + timedelta(days=1)),
        ([STILL_GOOD, FOR_GOOD], None),
        ([EXPIRED], None),
    ],
    ids=["one", "one is over", "the longer", "for good", "none"],
)
def test_a_verdict_by_grants_ends_with_the_longest(
    grants: list[Given], until: datetime | None
) -> None:
    assert decide(MEMBER, GRANTED, grants, now=NOW).until == until


def test_other_verdicts_have_no_end() -> None:
    assert decide(MEMBER, MEMBERS, [STILL_GOOD], now=NOW).until is None

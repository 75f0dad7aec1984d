"""What is denied, held against a slow model of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.gate.denials import Denials, Snapshot
from shared.events.revocations import Revocation, RevocationScope

NOW = 1_767_225_600
HOME, ABROAD = "https://sluice.example", "https://elsewhere.example"
FIRST, SECOND = (f"0198c0de-0000-7000-8000-00000000000{number}" for number in (1, 2))

REQUEST: dict[str, Any] = {
    "session_key": (HOME, "a"),
    "viewer_key": (HOME, "a"),
    "issued_at": NOW,
    "video_id": "a",
    "asset_id": "a",
    "kid": "a",
}


def revoke(scope: RevocationScope, subject: str = "a", **fields: Any) -> Revocation:
    defaults: dict[str, Any] = {"id": FIRST, "revoked_at": NOW, "expires_at": NOW + 60}
    if scope in (RevocationScope.SESSION, RevocationScope.VIEWER):
        defaults["issuer"] = HOME
    if scope is RevocationScope.VIEWER:
        defaults["issued_before"] = NOW + 1
    return Revocation(scope=scope, subject=subject, **{**defaults, **fields})


@pytest.mark.parametrize("scope", RevocationScope)
def test_what_is_revoked_is_denied_with_a_cause_until_it_is_lifted(scope: RevocationScope) -> None:
    denials = Denials()
    assert denials.find(**REQUEST) is None
    denials.apply(revoke(scope))
    cause = denials.find(**REQUEST)
    assert cause is not None
    assert cause.endswith(".")
    denials.apply(revoke(scope, lifted=True))
    assert denials.find(**REQUEST) is None


@pytest.mark.parametrize("scope", RevocationScope)
def test_what_is_not_revoked_is_not_denied(scope: RevocationScope) -> None:
    denials = Denials()
    denials.apply(revoke(scope, "b"))
    assert denials.find(**REQUEST) is None


@pytest.mark.parametrize("scope", [RevocationScope.SESSION, RevocationScope.VIEWER])
def test_another_issuers_session_or_viewer_of_the_same_name_is_not_denied(
    scope: RevocationScope,
) -> None:
    denials = Denials()
    denials.apply(revoke(scope, issuer=ABROAD))
    assert denials.find(**REQUEST) is None


@pytest.mark.parametrize("scope", [RevocationScope.VIEWER, RevocationScope.VIDEO])
@pytest.mark.parametrize(("issued_before", "denied"), [(NOW, False), (NOW + 1, True)])
def test_what_was_issued_before_is_denied(
    scope: RevocationScope, issued_before: int, denied: bool
) -> None:
    denials = Denials()
    denials.apply(revoke(scope, issued_before=issued_before))
    assert (denials.find(**REQUEST) is not None) is denied


def test_of_two_reasons_each_is_enough() -> None:
    denials = Denials()
    denials.apply(revoke(RevocationScope.VIDEO))
    denials.apply(revoke(RevocationScope.VIDEO, id=SECOND))
    denials.apply(revoke(RevocationScope.VIDEO, lifted=True))
    assert denials.find(**REQUEST) is not None
    denials.apply(revoke(RevocationScope.VIDEO, id=SECOND, lifted=True))
    assert denials.find(**REQUEST) is None


def test_a_request_for_nothing_known_is_not_denied_by_video_or_asset() -> None:
    denials = Denials()
    denials.apply(revoke(RevocationScope.VIDEO))
    assert denials.find(**{**REQUEST, "video_id": None, "asset_id": None}) is None


def test_the_version_grows_with_every_change_and_only_then() -> None:
    denials = Denials()
    versions = [denials.version]
    for lifted in (False, False, True, True):
        denials.apply(revoke(RevocationScope.KEY, lifted=lifted))
        versions.append(denials.version)
    grown = [after - before for before, after in pairwise(versions)]
    assert grown == [1, 0, 1, 0]


def test_nothing_of_a_snapshot_holds_before_it_is_complete() -> None:
    denials = Denials()
    snapshot = denials.begin_snapshot()
    snapshot.add([revoke(RevocationScope.KEY)])
    assert denials.find(**REQUEST) is None
    denials.replace(snapshot)
    assert denials.find(**REQUEST) is not None


def test_what_a_snapshot_lacks_is_lifted() -> None:
    denials = Denials()
    denials.apply(revoke(RevocationScope.KEY))
    denials.replace(denials.begin_snapshot())
    assert denials.find(**REQUEST) is None


@pytest.mark.parametrize("lifted", [True, False])
def test_what_was_told_while_a_snapshot_was_read_is_newer_than_the_snapshot(lifted: bool) -> None:
    denials = Denials()
    snapshot = denials.begin_snapshot()
    denials.apply(revoke(RevocationScope.KEY, lifted=lifted))
    if lifted:
        snapshot.add([revoke(RevocationScope.KEY)])
    denials.replace(snapshot)
    assert (denials.find(**REQUEST) is None) is lifted


def test_a_snapshot_that_was_given_up_replaces_nothing() -> None:
    denials = Denials()
    old = denials.begin_snapshot()
    denials.begin_snapshot()
    with pytest.raises(ValueError, match="begun last"):
        denials.replace(old)


def test_what_no_living_token_can_meet_is_forgotten() -> None:
    denials = Denials()
    denials.apply(revoke(RevocationScope.VIDEO))
    denials.apply(revoke(RevocationScope.VIDEO, id=SECOND, expires_at=NOW + 90))
    denials.purge(NOW + 60)
    assert denials.find(**REQUEST) is not None
    denials.purge(NOW + 90)
    assert denials.find(**REQUEST) is None
    assert denials.count()[RevocationScope.VIDEO] == 0


SUBJECTS = st.sampled_from("ab")
ISSUERS = st.sampled_from([HOME, ABROAD])
TIMES = st.integers(min_value=NOW, max_value=NOW + 3)


@st.composite
def revocations(draw: st.DrawFn) -> Revocation:
    """An id tells its scope, as one row is about one thing."""
    scope = draw(st.sampled_from(RevocationScope))
    subject, number = draw(SUBJECTS), draw(st.integers(0, 2))
    place = list(RevocationScope).index(scope)
    fields: dict[str, Any] = {
        "id": f"0198c0de-0000-7000-8000-{place:04}{ord(subject):04}{number:04}",
        "expires_at": draw(TIMES),
        "lifted": draw(st.booleans()),
    }
    if scope is RevocationScope.VIEWER:
        fields["issued_before"] = draw(TIMES)
    return revoke(scope, subject, **fields)


def is_denied(revocation: Revocation, request: dict[str, Any]) -> bool:
    key = (revocation.issuer, revocation.subject)
    match revocation.scope:
        case RevocationScope.SESSION:
            return bool(request["session_key"] == key)
        case RevocationScope.VIEWER:
            before = revocation.issued_before
            return request["viewer_key"] == key and bool(request["issued_at"] < before)
        case RevocationScope.VIDEO:
            return bool(request["video_id"] == revocation.subject)
        case RevocationScope.ASSET:
            return bool(request["asset_id"] == revocation.subject)
        case RevocationScope.KEY:
            return bool(request["kid"] == revocation.subject)


def requests() -> Iterator[dict[str, Any]]:
    """Each names one thing that may be revoked."""
    nothing: dict[str, Any] = {
        **dict.fromkeys(("session_key", "viewer_key"), (HOME, "none")),
        **dict.fromkeys(("video_id", "asset_id", "kid"), "none"),
        "issued_at": NOW,
    }
    for subject in "ab":
        for issuer, name in product((HOME, ABROAD), ("session_key", "viewer_key")):
            for issued_at in (NOW, NOW + 2):
                yield {**nothing, name: (issuer, subject), "issued_at": issued_at}
        for name in ("video_id", "asset_id", "kid"):
            yield {**nothing, name: subject}


@dataclass
class Reading:
    """A snapshot as the model has it: rows, then what was said while they were read."""

    snapshot: Snapshot
    rows: dict[str, Revocation] = field(default_factory=dict)
    news: list[Revocation] = field(default_factory=list)


class DenialsBesideAModel(RuleBasedStateMachine):
    """The model holds the last word on every id, and searches all of them for every request."""

    def __init__(self) -> None:
        super().__init__()
        self.denials = Denials()
        self.said: dict[str, Revocation] = {}
        self.reading: Reading | None = None

    @rule(revocation=revocations())
    def tell(self, revocation: Revocation) -> None:
        self.denials.apply(revocation)
        self.said[revocation.id] = revocation
        if self.reading is not None:
            self.reading.news.append(revocation)

    @rule()
    def begin(self) -> None:
        self.reading = Reading(self.denials.begin_snapshot())

    @rule(rows=st.lists(revocations(), max_size=5))
    def read(self, rows: list[Revocation]) -> None:
        if self.reading is not None:
            self.reading.snapshot.add(rows)
            self.reading.rows |= {row.id: row for row in rows}

    @rule()
    def complete(self) -> None:
        if self.reading is not None:
            self.denials.replace(self.reading.snapshot)
            self.said = self.reading.rows | {news.id: news for news in self.reading.news}
            self.reading = None

    @rule(now=TIMES)
    def purge(self, now: int) -> None:
        self.denials.purge(now)
        self.said = {key: one for key, one in self.said.items() if one.expires_at > now}

    @invariant()
    def agree(self) -> None:
        live = [one for one in self.said.values() if not one.lifted]
        for request in requests():
            denied = any(is_denied(one, request) for one in live)
            assert (self.denials.find(**request) is not None) is denied
        for scope, count in self.denials.count().items():
            assert count == len({(o.issuer, o.subject) for o in live if o.scope is scope})


TestDenialsBesideAModel = DenialsBesideAModel.TestCase

"""Tests for shared/events/revocations.py: which fields go with which scope."""

import json
from typing import Any

import pytest

from shared.events.record import RecordInvalid
from shared.events.revocations import Revocation, RevocationScope

ID = "0198c0de-0000-7000-8000-000000000001"
NOW = 1_767_225_600
OF_AN_ISSUER = {RevocationScope.SESSION, RevocationScope.VIEWER}


def facts_of(scope: RevocationScope, **changes: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"id": ID, "scope": scope, "subject": "a", "revoked_at": NOW + 0.25}
    if scope in OF_AN_ISSUER:
        facts["issuer"] = "https://sluice.example"
    if scope is RevocationScope.VIEWER:
        facts["issued_before"] = NOW
    return {**facts, "expires_at": NOW + 60, **changes}


@pytest.mark.parametrize("scope", RevocationScope)
@pytest.mark.parametrize("lifted", [False, True])
def test_a_revocation_comes_back_as_it_was_sent(scope: RevocationScope, lifted: bool) -> None:
    revocation = Revocation(**facts_of(scope, lifted=lifted))
    assert Revocation.parse(revocation.render()) == revocation


@pytest.mark.parametrize("scope", RevocationScope)
def test_sessions_and_viewers_have_an_issuer_and_nothing_else_has(scope: RevocationScope) -> None:
    issuer = None if scope in OF_AN_ISSUER else "https://sluice.example"
    with pytest.raises(ValueError, match="issuer"):
        Revocation(**facts_of(scope, issuer=issuer))


def test_a_viewer_is_revoked_up_to_a_time() -> None:
    with pytest.raises(ValueError, match="viewers have issued_before"):
        Revocation(**facts_of(RevocationScope.VIEWER, issued_before=None))


def test_a_video_may_be_revoked_up_to_a_time() -> None:
    assert Revocation(**facts_of(RevocationScope.VIDEO, issued_before=NOW)).issued_before == NOW


@pytest.mark.parametrize(
    "scope", [RevocationScope.SESSION, RevocationScope.ASSET, RevocationScope.KEY]
)
def test_all_else_is_revoked_altogether(scope: RevocationScope) -> None:
    with pytest.raises(ValueError, match="only viewers and videos"):
        Revocation(**facts_of(scope, issued_before=NOW))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "1"},
        {"id": ID.upper()},
        {"scope": "everything"},
        {"subject": ""},
        {"subject": "a\nb"},
        {"subject": "a" * 129},
        {"revoked_at": -1},
        {"revoked_at": "now"},
        {"expires_at": NOW + 0.5},
        {"lifted": 1},
        {"more": 1},
    ],
    ids=str,
)
def test_a_field_that_is_wrong_refuses_the_record(change: dict[str, Any]) -> None:
    facts = {**facts_of(RevocationScope.VIDEO), **change}
    with pytest.raises(RecordInvalid):
        Revocation.parse(json.dumps(facts))
